/** What a forecaster is after calls that fail, overlap or end it. */
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../../src/core/load.ts";
import { OptionError, ShapeError, StateError } from "../../../src/errors.ts";
import { Forecaster } from "../../../src/series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../../../src/series/forecaster/options.ts";
import { exampleSeries, firstRows } from "../../support/series-example.ts";
import { fittedSmall, SMALL } from "../../support/small-forecaster.ts";

const OPTIONS: ForecasterOptions = { ...SMALL, units: [4] };
const series = exampleSeries();

beforeAll(async () => {
  await init({ numerics: "strict" });
});

const fitted = (options: ForecasterOptions = {}) => fittedSmall(series, { ...OPTIONS, ...options });
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("a call that fails leaves the file as it was", () => {
  test.each<[string, (forecaster: Forecaster) => Promise<unknown>]>([
    ["fit, half way", (one) => one.fit(series, { callbacks: [{ onEpochEnd: () => Promise.reject(new Error("no")) }] })],
    ["fit, on rows that make the loss infinite", (one) => one.fit(series, { learningRate: 1e38, epochs: 3 })],
    ["fineTune, on rows that make the loss infinite", (one) => one.fineTune(series, { learningRate: 1e38, epochs: 3 })],
    ["fineTune, of too few rows", (one) => one.fineTune(firstRows(series, 8))],
    ["fineTune, with an option that is none", (one) => one.fineTune(series, { epochs: 0 })],
  ])("%s", async (_, call) => {
    for (const forecaster of [await fitted(), Forecaster.load((await fitted()).save())]) {
      const [before, network] = [forecaster.save(), forecaster.model];
      await expect(call(forecaster)).rejects.toThrow();
      expect(same(forecaster.save(), before)).toBe(true);
      expect(forecaster.model).toBe(network);
      await expect(forecaster.fit(series, { epochs: 1 })).resolves.toBeDefined();
    }
  });

  test("a forecast that is not finite over the calibration part is a failure, not a row less", async () => {
    const columns = [...series.columns].map(([name, values]) => {
      return [name, values.map((value, row) => (row > 200 && row < 210 ? 1e100 : value))] as const;
    });
    const wild = { ...series, columns: new Map(columns) };
    const forecaster = new Forecaster({ ...OPTIONS, features: ["price"], units: [20] });
    await expect(forecaster.fit(wild, { epochs: 1 })).rejects.toThrow(StateError);
  });
});

describe("fineTune", () => {
  test("is not seen by forecasts meanwhile", async () => {
    const forecaster = await fitted();
    const before = forecaster.forecast();
    const tuning = forecaster.fineTune(series, { epochs: 60, learningRate: 0.1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(forecaster.forecast()).toEqual(before);
    await expect(forecaster.fit(series)).rejects.toThrow(StateError);
    await tuning;
    expect(forecaster.forecast()).not.toEqual(before);
  });

  test("on rows of the test part leaves nothing to backtest on", async () => {
    const forecaster = await fitted();
    await forecaster.backtest({ arima: false });
    await forecaster.fineTune(series, { epochs: 1 });
    await expect(forecaster.backtest({ arima: false })).rejects.toThrow(
      new StateError(
        "Forecaster.backtest needs rows that training has not seen, which fineTune() may have: call it before fineTune, or fit again.",
      ),
    );
    await forecaster.fit(series, { epochs: 1 });
    await expect(forecaster.backtest({ arima: false })).resolves.toBeDefined();
  });

  test("takes each series once", async () => {
    const one = await fitted();
    const [north, south] = ["north", "south"].map((name) => exampleSeries({ name })) as [typeof series, typeof series];
    await expect(one.fineTune([north, south])).rejects.toThrow(
      new OptionError('Forecaster.fineTune takes one series for each that it was fitted on, got two for "".'),
    );
    const both = new Forecaster(OPTIONS);
    await both.fit([north, south], { epochs: 1 });
    await expect(both.fineTune([north, north])).rejects.toThrow(OptionError);
    await expect(both.fineTune([])).rejects.toThrow(
      new OptionError("Forecaster.fineTune needs at least one series, got none."),
    );
    const widths = both.fitted.series[0]?.halfWidths;
    await both.fineTune(south, { epochs: 1 });
    expect(both.fitted.series[0]?.halfWidths).toBe(widths);
    expect(both.fitted.series[1]?.halfWidths).not.toBe(widths);
  });

  test("tells of the rows it needs after `from`", async () => {
    const forecaster = await fitted();
    await expect(forecaster.fineTune(series, { from: 259 })).rejects.toThrow(
      new ShapeError("Forecaster.fineTune needs 8 rows and, from row 259 on, 3 that follow them: give more rows."),
    );
  });
});

describe("dispose", () => {
  test.each([
    ["fit", (one: Forecaster) => one.fit(series, { epochs: 1000 })],
    ["fineTune", (one: Forecaster) => one.fineTune(series, { epochs: 1000 })],
  ] as const)("ends a %s under way", async (_, call) => {
    const forecaster = await fitted();
    const training = call(forecaster);
    const ended = expect(training).rejects.toThrow(StateError);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const started = performance.now();
    forecaster.dispose();
    await ended;
    expect(performance.now() - started).toBeLessThan(500);
    expect(forecaster.isFitted).toBe(false);
  });
});

test("a patience without a validation part is refused, since nothing would wait", async () => {
  const forecaster = new Forecaster({ ...OPTIONS, validation: 0 });
  await expect(forecaster.fit(series, { patience: 3 })).rejects.toThrow(
    new OptionError("Forecaster.fit needs validation above 0 for a patience of 3."),
  );
});

describe("what comes later is not seen:", () => {
  const changedFrom = (from: number) => {
    const columns = [...series.columns].map(([name, values]) => {
      return [name, values.map((value, row) => (row < from ? value : 3 * Math.abs(value) + 1000))] as const;
    });
    return { ...series, columns: new Map(columns) };
  };
  test.each<[string, ForecasterOptions]>([
    ["level auto and features", { features: ["price"] }],
    ["level mean, scaler log", { level: "mean", scaler: "log" }],
    ["step by step, scaler robust", { strategy: "recursive", scaler: "robust" }],
    ["scaler minMax, holidays", { scaler: "minMax", holidays: ["2024-09-01"] }],
  ])("%s", async (_, options) => {
    const learned = async (given: typeof series) => {
      const forecaster = new Forecaster({ ...OPTIONS, ...options });
      const { loss } = await forecaster.fit(given, { epochs: 2 });
      return { forecaster, loss };
    };
    const { forecaster, loss } = await learned(series);
    const { validation, calibration, test: tested } = forecaster.parts[0]?.split ?? {};
    const weights = JSON.stringify(forecaster.model.getWeights());
    // Scalers, level, spread and the gradients of the first epoch: from the training part alone.
    const first = await learned(changedFrom(validation?.from ?? 0));
    expect(first.loss[0]).toBe(loss[0]);
    for (const name of ["level", "season", "calendar"] as const) {
      expect(first.forecaster.fitted[name]).toEqual(forecaster.fitted[name]);
    }
    const [own, other] = [forecaster, first.forecaster].map(
      ({
        fitted: {
          series: [one],
        },
      }) => one,
    );
    expect(other?.spread).toBe(own?.spread);
    expect(other?.target.toConfig()).toEqual(own?.target.toConfig());
    expect(other?.features.map((one) => one.toConfig())).toEqual(own?.features.map((one) => one.toConfig()));
    // Weights: from training and validation.
    const second = await learned(changedFrom(calibration?.from ?? 0));
    expect(JSON.stringify(second.forecaster.model.getWeights())).toBe(weights);
    expect(same(second.forecaster.save(), forecaster.save())).toBe(false);
    // Everything: from all but the test part.
    const third = await learned(changedFrom(tested?.from ?? 0));
    expect(same(third.forecaster.save(), forecaster.save())).toBe(true);
  });

  test("forecasts of a backtest, of the model and of all baselines", async () => {
    const forecaster = await fitted({ test: 20 });
    // Choosing ARIMA takes seconds.
    const arima = process.env.GATEFOLD_LONG === "1";
    const all = (await forecaster.backtest({ arima })).series[0];
    const from = all?.from ?? 0;
    const later = new Forecaster({ ...OPTIONS, test: 20 });
    await later.fit(changedFrom(from + 10), { epochs: 1 });
    const other = (await later.backtest({ arima })).series[0];
    // Origins up to `from + 10` know the same rows.
    const known = (values: Float64Array | undefined) => values?.slice(0, 11 * 3);
    expect(known(other?.model.values)).toEqual(known(all?.model.values));
    for (const name of all?.baselines.keys() ?? []) {
      expect([name, known(other?.baselines.get(name))]).toEqual([name, known(all?.baselines.get(name))]);
    }
    expect(other?.model.values.slice(33)).not.toEqual(all?.model.values.slice(33));
  });
});
