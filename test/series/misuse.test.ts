/** Plain JavaScript makes mistakes that types would not let pass: each is told in one sentence, by an error of its kind. */
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/core/load.ts";
import { FormatError, OptionError, ShapeError, StateError } from "../../src/errors.ts";
import * as exported from "../../src/series/index.ts";
import { exampleSeries } from "../support/series-example.ts";

// Types are what a stranger's JavaScript does not have.
// biome-ignore lint/suspicious/noExplicitAny: the mistakes are the test
const series = exported as any;

const MISTAKES: readonly unknown[] = [
  ...[undefined, null, 5, -1, NaN, "x", "", {}, [], [1, "a"], [[1]], new Map(), Symbol("s"), 3n, () => 1, true],
  ...[new Date(NaN), new Float64Array(0), { length: 3 }, Object.create(null), new BigInt64Array(2), Promise.resolve(1)],
];

const KINDS = [FormatError, OptionError, ShapeError, StateError];
const DAY = { unit: "day", count: 1 };
const values = Float64Array.from({ length: 50 }, (_, row) => (row * 7) % 11);
const table = () => series.createTable({ day: [new Date(0), new Date(86_400_000)], shop: ["a", "b"], sold: [1, 2] });
function fitted(kind: string, column: unknown = [1, 2, 3]) {
  const scaler = series[kind]();
  return scaler.fit(column);
}
/** Fits a forecaster as quickly as can be. */
function learn(rows: unknown, options?: object) {
  const forecaster = new series.Forecaster({ target: "sales", window: 8, horizon: 2, units: [4] });
  return forecaster.fit(rows, { maxWindows: 1, epochs: 1, ...options });
}
const some = exampleSeries({ rows: 160 });

beforeAll(() => init({ numerics: "strict" }).then(() => undefined));

/** Each call with a mistake in the place of an argument or option. */
const CALLS: Readonly<Record<string, (mistake: unknown) => unknown>> = {
  readCsv: (mistake) => series.readCsv(mistake),
  "readCsv, options": (mistake) => series.readCsv("a\n1\n", mistake),
  "readCsv, a kind": (mistake) => series.readCsv("a\n1\n", { columns: { a: mistake } }),
  createTable: (mistake) => series.createTable(mistake),
  "createTable, a column": (mistake) => series.createTable({ a: mistake }),
  toSeries: (mistake) => series.toSeries(mistake),
  "toSeries, time": (mistake) => series.toSeries(table(), { time: mistake }),
  "toSeries, columns": (mistake) => series.toSeries(table(), { columns: mistake }),
  "toSeries, frequency": (mistake) => series.toSeries(table(), { time: "day", frequency: mistake }),
  toSeriesByGroup: (mistake) => series.toSeriesByGroup(mistake, { group: "shop" }),
  "toSeriesByGroup, group": (mistake) => series.toSeriesByGroup(table(), { group: mistake }),
  createSeries: (mistake) => series.createSeries(mistake),
  "createSeries, times": (mistake) => series.createSeries({ columns: { a: [1, 2] }, times: mistake }),
  "kindOf()": (mistake) => table().kindOf(mistake),
  "numbers()": (mistake) => table().numbers(mistake),
  "times()": (mistake) => table().times(mistake),
  "texts()": (mistake) => table().texts(mistake),
  "placeOf()": (mistake) => table().placeOf(mistake),
  "fit() of a scaler": (mistake) => fitted("robustScaler", mistake ?? null),
  "transform()": (mistake) => fitted("standardScaler").transform(mistake),
  "inverse()": (mistake) => fitted("logScaler").inverse(mistake),
  resolveScaler: (mistake) => series.resolveScaler(mistake),
  scalerFromConfig: (mistake) => series.scalerFromConfig(mistake),
  calendarFeatures: (mistake) => series.calendarFeatures(mistake, ["weekday"]),
  "calendarFeatures, parts": (mistake) => series.calendarFeatures([0], mistake),
  calendarPartsOf: (mistake) => series.calendarPartsOf(mistake),
  holidayDays: (mistake) => series.holidayDays(mistake),
  difference: (mistake) => series.difference(mistake),
  undifference: (mistake) => series.undifference(mistake, [1]),
  "undifference, initial": (mistake) => series.undifference(values, mistake),
  windows: (mistake) => series.windows(mistake, { window: 3, horizon: 1 }),
  "windows, a column": (mistake) => series.windows([mistake], { window: 3, horizon: 1 }),
  "windows, target": (mistake) => series.windows([values], { window: 3, horizon: 1, target: mistake }),
  chronologicalSplit: (mistake) => series.chronologicalSplit(mistake),
  rollingOrigins: (mistake) => series.rollingOrigins(mistake),
  forecastErrors: (mistake) => series.forecastErrors(values, mistake),
  coverage: (mistake) => series.coverage(values, mistake, values),
  persistence: (mistake) => series.persistence().forecast(mistake, [3], 1),
  "drift, origins": (mistake) => series.drift().forecast(values, mistake, 1),
  "movingAverage, horizon": (mistake) => series.movingAverage({ window: 2 }).forecast(values, [3], mistake),
  seasonalNaive: (mistake) => series.seasonalNaive(mistake),
  arima: (mistake) => series.arima(mistake),
  "arima, order": (mistake) => series.arima({ order: mistake }),
  "forecast() of arima": (mistake) => series.arima({ order: [1, 0, 0] }).forecast(mistake, [3], 1),
  chooseArima: (mistake) => series.chooseArima(mistake),
  backtest: (mistake) => series.backtest(mistake),
  "backtest, forecasts": (mistake) => series.backtest({ values, origins: [30], horizon: 1, forecasts: { mistake } }),
  "backtest, a forecast": (mistake) =>
    series.backtest({ values, origins: [30], horizon: 1, forecasts: { model: () => mistake } }),
  inferFrequency: (mistake) => series.inferFrequency(mistake),
  describeFrequency: (mistake) => series.describeFrequency(mistake),
  seasonOf: (mistake) => series.seasonOf(mistake),
  addSteps: (mistake) => series.addSteps(0, mistake, 1),
  "addSteps, steps": (mistake) => series.addSteps(0, DAY, mistake),
  stepsBetween: (mistake) => series.stepsBetween(mistake, 0, DAY),
  Forecaster: (mistake) => new series.Forecaster(mistake),
  "fit()": (mistake) => learn(mistake),
  "fit(), columns": (mistake) => learn({ ...some, columns: mistake }),
  "fit(), a column": (mistake) => learn({ ...some, columns: new Map([["sales", mistake]]) }),
  "fit(), frequency": (mistake) => learn({ ...some, frequency: mistake }),
  "fit(), epochs": (mistake) => learn(some, { epochs: mistake ?? 0 }),
  "fit(), callbacks": (mistake) => learn(some, { callbacks: mistake }),
  load: (mistake) => series.Forecaster.load(mistake),
};

test("each function of the module is here", () => {
  const called = new Set(Object.keys(CALLS).map((name) => name.split(",")[0]));
  const others = ["Table", "logScaler", "minMaxScaler", "movingAverage", "drift", "robustScaler", "standardScaler"];
  const names = Object.keys(exported).filter((name) => !others.includes(name));
  expect(names.filter((name) => !called.has(name))).toEqual([]);
});

describe("a mistake in the place of an argument", () => {
  test.each(Object.entries(CALLS))("%s", async (_, call) => {
    let refused = 0;
    for (const mistake of MISTAKES) {
      const error = await Promise.resolve()
        .then(() => call(mistake))
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      if (error === undefined) continue;
      refused++;
      expect(KINDS.map((kind) => kind.name)).toContain((error as Error).name);
      expect((error as Error).message).toMatch(/^[^\n]+[.?]$/);
    }
    expect(refused).toBeGreaterThan(10);
  });
});
