import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../../src/core/load.ts";
import { OptionError } from "../../../src/errors.ts";
import { forecastErrors } from "../../../src/series/forecast-errors.ts";
import { Forecaster } from "../../../src/series/forecaster/forecaster.ts";
import { createSeries } from "../../../src/series/to-series.ts";
import { exampleSeries } from "../../support/series-example.ts";
import { fittedSmall } from "../../support/small-forecaster.ts";

const PLAIN = { arima: false } as const;

beforeAll(async () => {
  await init({ numerics: "strict" });
});

const constant = (value: number, rows = 260) =>
  createSeries({ columns: { sales: new Array<number>(rows).fill(value) } });

describe("a backtest", () => {
  test("compares the forecast of step s from origin i with row from + i + s - 1, rows past the end with nothing", async () => {
    const list = [exampleSeries({ name: "north" }), exampleSeries({ name: "south", rows: 300, seed: 2 })];
    const { series, byHorizon } = await (await fittedSmall(list)).backtest(PLAIN);
    for (const { step, errors } of byHorizon) {
      const [actual, forecast]: [number[], number[]] = [[], []];
      for (const [k, { from, rows, model }] of series.entries()) {
        const all = list[k]?.columns.get("sales") ?? new Float64Array(0);
        for (let i = 0; i < rows && from + i + step - 1 < all.length; i++) {
          actual.push(all[from + i + step - 1] ?? Number.NaN);
          forecast.push(model.values[i * 3 + step - 1] ?? Number.NaN);
        }
      }
      expect(errors.model).toEqual(forecastErrors(actual, forecast));
    }
    expect(byHorizon).toHaveLength(3);
  });

  test("has the errors of each series, since the larger ones drown the others", async () => {
    const list = [exampleSeries({ name: "small" }), exampleSeries({ name: "large", scale: 1000, seed: 2 })];
    const { test: all, series } = await (await fittedSmall(list)).backtest(PLAIN);
    const [small, large] = series.map(({ errors }) => errors.model.rmse) as [number, number];
    expect(all.model.rmse).toBeGreaterThan(100 * small);
    expect(all.model.rmse).toBeCloseTo(Math.sqrt((small * small + large * large) / 2), 6);
    expect(Object.keys(series[0]?.errors ?? {})).toEqual(Object.keys(all));
  });

  test("leaves seasonal naive out of rows without a season and of test parts with less than one before them", async () => {
    const sales = exampleSeries().columns.get("sales") ?? new Float64Array(0);
    const times = Float64Array.from(sales, (_, row) => Date.UTC(2024, 0, 1) + row * 300_000);
    // 288 rows a day, of which 221 lie before the test part.
    const short = await (await fittedSmall(createSeries({ columns: { sales }, times }))).backtest(PLAIN);
    const plain = await (await fittedSmall(exampleSeries({ hasTimes: false }))).backtest(PLAIN);
    for (const { test: errors, byHorizon } of [short, plain]) {
      expect(Object.keys(errors)).toEqual(["model", "persistence", "drift", "movingAverage"]);
      expect(Object.keys(byHorizon[2]?.errors ?? {})).toEqual(["model", "persistence", "drift", "movingAverage"]);
    }
  });

  test("takes the last `maxRows` rows, of which the last step needs one", async () => {
    const forecaster = await fittedSmall(exampleSeries());
    const { series, byHorizon } = await forecaster.backtest({ ...PLAIN, maxRows: 3 });
    expect(series[0]?.from).toBe(257);
    expect(byHorizon).toHaveLength(3);
    await expect(forecaster.backtest({ maxRows: 2 })).rejects.toThrow(
      new OptionError("Forecaster.backtest needs maxRows to be an integer from 3 to 2^53 - 1, got 2."),
    );
  });

  test("is that of the network it began with, whatever is trained meanwhile", async () => {
    const forecaster = await fittedSmall([exampleSeries({ name: "a" }), exampleSeries({ name: "b", seed: 2 })]);
    const alone = await forecaster.backtest(PLAIN);
    const running = forecaster.backtest(PLAIN);
    await forecaster.fit(exampleSeries(), { epochs: 1, learningRate: 0.1 });
    expect(await running).toEqual(alone);
  });

  test("tells where ARIMA was persistence", async () => {
    const { arima } = await (await fittedSmall(constant(5), { test: 10 })).backtest({ arima: true });
    expect(arima).toMatch(/^ARIMA\(.*\), persistence at 10 of 10 origins$/);
  });
});

describe("series that never move", () => {
  test.each([0, 5, -1e9, 1e-30])("of %d have errors and a ratio that are numbers, and a file", async (value) => {
    for (const scaler of ["standard", "robust", "minMax", "none"] as const) {
      const forecaster = await fittedSmall(constant(value), { scaler });
      const { test: errors, ratio, bestBaseline, coverage } = await forecaster.backtest(PLAIN);
      expect(errors.persistence).toEqual({ rmse: 0, mae: 0, mape: value === 0 ? null : 0 });
      expect(errors.model.mape === null).toBe(value === 0);
      expect([ratio, bestBaseline]).toEqual([errors.model.rmse === 0 ? 1 : Number.POSITIVE_INFINITY, "persistence"]);
      expect(coverage[95]).toBe(1);
      expect(errors.model.rmse).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
      const again = Forecaster.load(forecaster.save());
      expect(again.forecast(3, { series: constant(value) })).toEqual(forecaster.forecast());
    }
  });

  test("and then jump are forecast by their level, inside of intervals measured on the jump", async () => {
    const sales = Float64Array.from({ length: 260 }, (_, row) => (row < 200 ? 5 : 100 + (row % 2)));
    const series = { ...constant(5), columns: new Map([["sales", sales]]) };
    for (const scaler of ["standard", "log"] as const) {
      const { test: errors } = await (await fittedSmall(series, { scaler, level: "last" })).backtest(PLAIN);
      expect(errors.model.rmse / (errors.persistence?.rmse ?? 0)).toBeCloseTo(1, 3);
    }
  });

  test("have no anomaly, and one that moves then has one with a finite score", async () => {
    const forecaster = await fittedSmall(constant(5), { scaler: "none" });
    expect(forecaster.anomalies()).toEqual([]);
    const sales = constant(5).columns.get("sales")?.slice() ?? new Float64Array(0);
    sales[250] = 6;
    const found = forecaster.anomalies({ series: { ...constant(5), columns: new Map([["sales", sales]]) } });
    expect(found.map(({ row }) => row)).toContain(250);
    for (const { score } of found) expect(score).toBeLessThan(1e15);
  });
});
