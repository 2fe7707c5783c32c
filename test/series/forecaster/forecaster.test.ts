import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../../src/core/load.ts";
import { FormatError, OptionError, ShapeError, StateError } from "../../../src/errors.ts";
import type { SeriesBacktest } from "../../../src/series/forecaster/backtest.ts";
import { Forecaster } from "../../../src/series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../../../src/series/forecaster/options.ts";
import type { ForecasterFitOptions } from "../../../src/series/forecaster/training.ts";
import type { Series } from "../../../src/series/series.ts";
import { exampleSeries, firstRows } from "../../support/series-example.ts";
import { fittedSmall, SMALL } from "../../support/small-forecaster.ts";

const OPTIONS: ForecasterOptions = { ...SMALL, units: [6] };
const QUICK: ForecasterFitOptions = { epochs: 2, batchSize: 32 };

beforeAll(async () => {
  await init({ numerics: "strict" });
});

const fitted = (
  series: Series | readonly Series[] = exampleSeries(),
  options: ForecasterOptions = {},
  fit: ForecasterFitOptions = QUICK,
) => fittedSmall(series, { ...OPTIONS, ...options }, fit);

describe("what a forecaster learns", () => {
  test("a week and the price of the day before, to a third of the error of every baseline", async () => {
    const series = exampleSeries({ rows: 500 });
    const forecaster = await fitted(series, { features: ["price"], units: [16] }, { epochs: 40, learningRate: 0.01 });
    const { test: errors, ratio, coverage } = await forecaster.backtest({ arima: false });
    expect(ratio).toBeLessThan(0.34);
    expect(errors.model.rmse / (errors.seasonalNaive?.rmse ?? 0)).toBeLessThan(0.34);
    expect(coverage[95]).toBeGreaterThan(0.88);
    expect(coverage[80]).toBeGreaterThan(0.65);
  });

  test("a trend far outside the range it was trained on", async () => {
    const series = exampleSeries({ rows: 400, trend: 1 });
    const forecaster = await fitted(series, { level: "last" }, { epochs: 15, learningRate: 0.01 });
    const { values } = forecaster.forecast();
    const last = series.columns.get("sales")?.at(-1) ?? 0;
    for (const value of values) expect(Math.abs(value - last)).toBeLessThan(15);
    const { test: errors } = await forecaster.backtest({ arima: false });
    expect(errors.model.rmse).toBeLessThan(errors.persistence?.rmse ?? 0);
  });

  test("holidays, when they are told", async () => {
    const plain = exampleSeries({ rows: 500, noise: 0.1 });
    const isHoliday = (row: number) => row % 23 === 0;
    const sales = (plain.columns.get("sales") ?? new Float64Array(0)).map((value, row) =>
      isHoliday(row) ? value - 10 : value,
    );
    const series: Series = { ...plain, columns: new Map([["sales", sales]]) };
    const holidays = Array.from(series.times ?? []).filter((_, row) => isHoliday(row));
    const fit = { epochs: 25, learningRate: 0.01 };
    const told = await (await fitted(series, { holidays, units: [12] }, fit)).backtest({ arima: false });
    const untold = await (await fitted(series, { units: [12] }, fit)).backtest({ arima: false });
    expect(told.test.model.rmse).toBeLessThan(0.6 * untold.test.model.rmse);
  });

  test("nothing of the test part: other rows there leave the file as it is", async () => {
    const series = exampleSeries();
    const changed: Series = {
      ...series,
      columns: new Map(
        [...series.columns].map(([name, values]) => [
          name,
          values.map((value, row) => (row < 221 ? value : 1e6 - value)),
        ]),
      ),
    };
    const [one, other] = [await fitted(series), await fitted(changed)];
    expect(one.parts[0]?.split.test.from).toBe(221);
    expect(Buffer.from(other.save()).equals(Buffer.from(one.save()))).toBe(true);
  });

  test("the same bytes from the same seed, other bytes from another", async () => {
    const [one, again, other] = [await fitted(), await fitted(), await fitted(undefined, { seed: 6 })];
    expect(Buffer.from(again.save()).equals(Buffer.from(one.save()))).toBe(true);
    expect(Buffer.from(other.save()).equals(Buffer.from(one.save()))).toBe(false);
  });
});

describe("forecasts", () => {
  test("follow the last row in time, inside of their intervals, the 95 % one the wider", async () => {
    const series = exampleSeries();
    const forecaster = await fitted(series);
    const { times, values, lower80, upper80, lower95, upper95 } = forecaster.forecast();
    expect(Array.from(times ?? [])).toEqual([260, 261, 262].map((day) => Date.UTC(2024, 0, 1 + day)));
    for (const [i, value] of values.entries()) {
      const bounds = [lower95[i] ?? 0, lower80[i] ?? 0, value, upper80[i] ?? 0, upper95[i] ?? 0];
      expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    }
    expect(forecaster.forecast(2).values).toEqual(values.slice(0, 2));
  });

  test("of rows without times have none", async () => {
    const series = exampleSeries({ hasTimes: false });
    const forecaster = await fitted(series);
    expect(forecaster.fitted.calendar).toEqual([]);
    expect(forecaster.forecast().times).toBeUndefined();
  });

  test("of other rows are those of a series that ends there", async () => {
    const series = exampleSeries();
    const forecaster = await fitted(series);
    const shorter = firstRows(series, 240);
    const { model } = (await forecaster.backtest({ arima: false })).series[0] ?? {};
    const from = (240 - 221) * 3;
    expect(forecaster.forecast(3, { series: shorter }).values).toEqual(model?.values.slice(from, from + 3));
  });

  test.each([
    ["with a calendar", true],
    ["without times", false],
  ])("step by step go on from themselves, the first step as every other, %s", async (_, hasTimes) => {
    const series = exampleSeries({ hasTimes });
    const forecaster = await fitted(series, { strategy: "recursive", horizon: 4 });
    const { times, values } = forecaster.forecast();
    const sales = series.columns.get("sales") ?? new Float64Array(0);
    let known = [...sales];
    for (const value of values) {
      const columns = new Map([["sales", Float64Array.from(known)]]);
      const rows = [...(series.times ?? []), ...(times ?? [])].slice(0, known.length);
      const longer = { ...series, columns, times: times && Float64Array.from(rows) };
      const next = forecaster.forecast(1, { series: longer }).values[0] ?? 0;
      expect(Math.abs(next - value)).toBeLessThan(1e-9);
      known = [...known, value];
    }
  });

  test("with the scaler log stay above 0, wider above than below", async () => {
    const series = exampleSeries({ noise: 8 });
    const { values, lower95, upper95 } = (await fitted(series, { scaler: "log" })).forecast();
    for (const [i, value] of values.entries()) {
      expect(lower95[i]).toBeGreaterThan(0);
      expect((upper95[i] ?? 0) - value).toBeGreaterThan(value - (lower95[i] ?? 0));
    }
  });
});

describe("several series in one model", () => {
  const list = [exampleSeries({ name: "north" }), exampleSeries({ name: "south", scale: 1000, seed: 2 })];

  test("keep their own scales and intervals", async () => {
    const forecaster = await fitted(list);
    const [north, south] = ["north", "south"].map((series) => forecaster.forecast(3, { series }));
    expect(north?.series).toBe("north");
    expect(south?.values[0]).toBeGreaterThan(5000);
    expect(north?.values[0]).toBeLessThan(50);
    const width = (one: typeof north) => (one?.upper95[0] ?? 0) - (one?.lower95[0] ?? 0);
    expect(width(south) / width(north)).toBeGreaterThan(300);
    const { series } = await forecaster.backtest({ arima: false });
    expect(series.map(({ name }) => name)).toEqual(["north", "south"]);
  });

  test("learn on where one of them stood still and then jumps: it does not decide when training ends", async () => {
    const still = exampleSeries({ name: "still" });
    const sales = still.columns.get("sales")?.map((_, row) => (row < 170 ? 5 : 5000)) ?? new Float64Array(0);
    const jump: Series = { ...still, columns: new Map([["sales", sales]]) };
    const forecaster = new Forecaster({ ...OPTIONS, units: [12] });
    const { bestEpoch } = await forecaster.fit([list[0] as Series, jump], { epochs: 20, learningRate: 0.01 });
    expect(bestEpoch).toBeGreaterThan(3);
    const [{ errors }] = (await forecaster.backtest({ arima: false })).series as [SeriesBacktest];
    expect(errors.model.rmse).toBeLessThan(errors.persistence?.rmse ?? 0);
  });

  test("are asked for by name", async () => {
    const forecaster = await fitted(list);
    expect(() => forecaster.forecast()).toThrow(
      new OptionError('Forecaster.forecast needs series to be one of "north", "south", got undefined.'),
    );
    const east = { ...(list[0] as Series), name: "east" };
    expect(() => forecaster.forecast(1, { series: east })).toThrow(
      new OptionError('Forecaster.forecast was fitted on the series "north", "south", got "east".'),
    );
    const twice = [list[0] as Series, list[0] as Series];
    await expect(fitted(twice)).rejects.toThrow(
      new OptionError('Forecaster.fit needs a name for each series, got "north" twice.'),
    );
  });
});

describe("the file of a forecaster", () => {
  test("gives the same forecasts and anomalies, and the same file", async () => {
    const series = exampleSeries();
    const holidays = ["2024-03-01"];
    const forecaster = await fitted(series, { features: ["price"], holidays, scaler: "robust" });
    const bytes = forecaster.save();
    const again = Forecaster.load(bytes);
    expect(again.forecast(3, { series })).toEqual(forecaster.forecast());
    expect(again.anomalies({ series, from: 221 })).toEqual(forecaster.anomalies());
    expect(Buffer.from(again.save()).equals(Buffer.from(bytes))).toBe(true);
    expect(again.fitted).toEqual(forecaster.fitted);
  });

  test("is no model's", async () => {
    const forecaster = await fitted();
    const bytes = forecaster.model.save();
    expect(() => Forecaster.load(bytes)).toThrow(FormatError);
    expect(() => Forecaster.load(new Uint8Array(5))).toThrow(FormatError);
  });

  test("needs rows to forecast from", async () => {
    const again = Forecaster.load((await fitted()).save());
    expect(() => again.forecast()).toThrow(
      new StateError("Forecaster.forecast needs rows: a loaded forecaster has none, give { series }."),
    );
    await expect(again.backtest()).rejects.toThrow(StateError);
    expect(() => again.forecast(1, { series: firstRows(exampleSeries(), 7) })).toThrow(
      new ShapeError("Forecaster.forecast needs at least the 8 rows of its window, got 7: give more rows."),
    );
  });
});

describe("fine-tuning", () => {
  test("follows rows that have changed, and measures the intervals anew", async () => {
    const forecaster = await fitted(exampleSeries({ rows: 400 }), {}, { epochs: 10, learningRate: 0.01 });
    const plain = exampleSeries({ rows: 400, seed: 9 });
    const sales =
      plain.columns.get("sales")?.map((value, row) => value + (row % 2 === 0 ? 4 : -4)) ?? new Float64Array(0);
    const newer: Series = { ...plain, columns: new Map([["sales", sales]]) };
    const before = forecaster.anomalies({ series: newer }).length;
    const { isCalibrated, loss } = await forecaster.fineTune(newer, { epochs: 40, learningRate: 0.01 });
    expect(isCalibrated).toBe(true);
    expect(loss.at(-1)).toBeLessThan(0.5 * (loss[0] ?? 0));
    expect(forecaster.anomalies({ series: newer }).length).toBeLessThan(0.5 * before);
  });

  test("works on a loaded forecaster; of too few rows it keeps the intervals", async () => {
    const again = Forecaster.load((await fitted()).save());
    const widths = again.fitted.series[0]?.halfWidths;
    const before = again.forecast(1, { series: exampleSeries() }).values;
    const { isCalibrated } = await again.fineTune(firstRows(exampleSeries({ seed: 3 }), 40), { epochs: 1 });
    expect(isCalibrated).toBe(false);
    expect(again.fitted.series[0]?.halfWidths).toEqual(widths);
    expect(again.forecast(1, { series: exampleSeries() }).values).not.toEqual(before);
  });
});

describe("anomalies", () => {
  test("are the rows that were changed, the most surprising first", async () => {
    const series = exampleSeries({ rows: 500, noise: 0.1 });
    const forecaster = await fitted(series, { features: ["price"], units: [16] }, { epochs: 30, learningRate: 0.01 });
    const sales = series.columns.get("sales")?.slice() ?? new Float64Array(0);
    sales[460] = (sales[460] ?? 0) + 30;
    const changed: Series = { ...series, columns: new Map([...series.columns, ["sales", sales]]) };
    const [first] = forecaster.anomalies({ series: changed, from: 440 });
    expect(first?.row).toBe(460);
    expect(first?.time).toBe(series.times?.[460]);
    expect(first?.score).toBeGreaterThan(5);
    expect(first?.actual).toBeGreaterThan(first?.upper ?? 0);
    const scores = forecaster.anomalies({ series: changed, interval: 80 }).map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.length).toBeGreaterThan(forecaster.anomalies({ series: changed }).length);
  });
});

describe("refusals", () => {
  test.each<[ForecasterOptions, string]>([
    [{ window: 0 }, "Forecaster needs window to be an integer from 1 to 100000, got 0."],
    [{ units: [] }, "Forecaster needs units to be units of each LSTM layer, as in [50], got an array of length 0."],
    [{ units: [5, 0.5] }, "Forecaster needs units[1] to be an integer from 1 to 4096, got 0.5."],
    [{ level: "first" as "last" }, 'Forecaster needs level to be "auto", "last", "mean" or "none", got "first".'],
    [
      { test: 1.5 },
      "Forecaster needs test to be a share from 0 to 1 exclusive or a number of rows of at least 3, got 1.5.",
    ],
    [
      { strategy: "recursive", features: ["price"] },
      'Forecaster with strategy "recursive" cannot know features of steps to come, got features price: use "direct".',
    ],
    [
      { features: ["sales"] },
      'Forecaster got "sales" among the features more often than needed: the target is always an input.',
    ],
  ])("of options %j: %s", (options, message) => {
    expect(() => new Forecaster({ ...OPTIONS, ...options })).toThrow(new OptionError(message));
  });

  test("of series that do not fit", async () => {
    const series = exampleSeries();
    await expect(fitted(series, { target: "sale" })).rejects.toThrow(
      new OptionError('The series has no column "sale": there are sales, price.'),
    );
    await expect(fitted(series, { target: undefined })).rejects.toThrow(
      new OptionError("Forecaster needs target to say which column to forecast: there are sales, price."),
    );
    await expect(fitted(exampleSeries({ hasTimes: false }), { holidays: ["2024-01-01"] })).rejects.toThrow(
      new OptionError("Forecaster with holidays needs a series with times, got rows without: name its time column."),
    );
  });

  test("of too few rows, with the number that is enough", async () => {
    const { message } = (await fitted(firstRows(exampleSeries(), 100)).catch(
      (error: Error) => error as Error,
    )) as Error;
    const [, needed] = /need at least (\d+) rows, got 100/.exec(message) ?? [];
    await expect(fitted(firstRows(exampleSeries(), Number(needed) - 1))).rejects.toThrow(ShapeError);
    await expect(fitted(firstRows(exampleSeries(), Number(needed)))).resolves.toBeInstanceOf(Forecaster);
  });

  test("of calls at the wrong time; the forecaster stays usable", async () => {
    const forecaster = new Forecaster(OPTIONS);
    expect(() => forecaster.forecast()).toThrow(StateError);
    const first = forecaster.fit(exampleSeries(), QUICK);
    await expect(forecaster.fit(exampleSeries(), QUICK)).rejects.toThrow(StateError);
    await first;
    expect(() => forecaster.forecast(4)).toThrow(
      new OptionError("Forecaster.forecast gives up to its horizon of 3 steps, got 4: fit with a longer horizon."),
    );
    const before = forecaster.forecast();
    await expect(forecaster.fit(firstRows(exampleSeries(), 10))).rejects.toThrow(ShapeError);
    expect(forecaster.forecast()).toEqual(before);
    forecaster.dispose();
    expect(() => forecaster.forecast()).toThrow(StateError);
  });
});

describe("every option of the constructor and of fit", () => {
  const base = { features: ["price"], scaler: "standard", level: "last" } as const;
  test.each<[string, ForecasterOptions, ForecasterFitOptions?]>([
    ["window", { window: 9 }],
    ["horizon", { horizon: 4 }],
    ["units", { units: [6, 6] }],
    ["dropout", { dropout: 0.5 }],
    ["season", { season: 5, level: "mean" }],
    ["calendar", { calendar: ["dayOfMonth"] }],
    ["holidays", { holidays: ["2024-02-01"] }],
    ["scaler", { scaler: "minMax" }],
    ["level", { level: "none" }],
    ["strategy", { strategy: "recursive", features: [] }],
    ["validation", { validation: 0.2 }],
    ["calibration", { calibration: 0.2 }],
    ["test", { test: 0.1 }],
    ["seed", { seed: 6 }],
    ["features", { features: [] }],
    ["epochs", {}, { epochs: 3 }],
    ["batchSize", {}, { batchSize: 16 }],
    ["learningRate", {}, { learningRate: 0.001 }],
    ["maxWindows", {}, { maxWindows: 50 }],
    ["patience", {}, { patience: 1, epochs: 30, learningRate: 0.3 }],
  ])("%s changes the file", async (name, options, fit = {}) => {
    const series = exampleSeries();
    const plainFit = name === "patience" ? { ...QUICK, epochs: 30, learningRate: 0.3 } : QUICK;
    const plain = await fitted(series, base, plainFit);
    const other = await fitted(series, { ...base, ...options }, { ...QUICK, ...fit });
    expect(Buffer.from(other.save()).equals(Buffer.from(plain.save()))).toBe(false);
  });

  test("callbacks are told, signal ends", async () => {
    let epochs = 0;
    await fitted(undefined, {}, { ...QUICK, callbacks: [{ onEpochEnd: () => void epochs++ }] });
    expect(epochs).toBe(2);
    await expect(fitted(undefined, {}, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});
