import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../../src/core/load.ts";
import { OptionError, OutOfMemoryError, ShapeError } from "../../../src/errors.ts";
import { Forecaster } from "../../../src/series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../../../src/series/forecaster/options.ts";
import type { Series } from "../../../src/series/series.ts";
import { createTable } from "../../../src/series/table.ts";
import { exampleSeries, firstRows } from "../../support/series-example.ts";
import { fittedSmall, SMALL } from "../../support/small-forecaster.ts";

beforeAll(async () => {
  await init({ numerics: "strict" });
});

const withSales = (series: Series, change: (value: number, row: number) => number): Series => {
  const sales = series.columns.get("sales")?.map(change) ?? new Float64Array(0);
  return { ...series, columns: new Map([...series.columns, ["sales", sales]]) };
};

describe("parts that no number of rows is enough for are refused when they are set", () => {
  test.each<[ForecasterOptions, string]>([
    [{ calibration: 0 }, "Forecaster needs calibration above 0: the intervals are measured on these rows."],
    [
      { calibration: 20 },
      "Forecaster needs calibration to be a share from 0 to 1 exclusive or a number of rows of at least 21, got 20.",
    ],
    [
      { validation: 2 },
      "Forecaster needs validation to be a share from 0 to 1 exclusive or a number of rows of at least 3, got 2.",
    ],
    [
      { test: 2 },
      "Forecaster needs test to be a share from 0 to 1 exclusive or a number of rows of at least 3, got 2.",
    ],
    [
      { validation: 0.5, calibration: 0.25, test: 0.25 },
      "Forecaster needs rows to train on, but validation, calibration and test take 1 of all: lower one of them.",
    ],
  ])("%j", (options, message) => {
    expect(() => new Forecaster({ ...SMALL, ...options })).toThrow(new OptionError(message));
  });
});

test("the rows asked for are more than there are, and enough, where rounding makes some numbers enough and later ones not", async () => {
  const parts = { validation: 0.3, calibration: 0.3, test: 0.3, window: 1, horizon: 3 };
  const series = exampleSeries({ rows: 200 });
  for (const rows of [60, 72, 75]) {
    const error = (await fittedSmall(firstRows(series, rows), parts).catch((caught: unknown) => caught)) as Error;
    expect(error).toBeInstanceOf(ShapeError);
    const needed = Number(/need at least (\d+) rows, got/.exec(error.message)?.[1]);
    expect(needed).toBeGreaterThan(rows);
    await expect(fittedSmall(firstRows(series, needed), parts)).resolves.toBeInstanceOf(Forecaster);
  }
});

describe("what is no complete series is refused", () => {
  const series = exampleSeries();
  const short = new Map([...series.columns, ["price", new Float64Array(100)]]);
  const hole = new Map([...series.columns, ["price", new Float64Array(260).fill(Number.NaN, 255)]]);
  test.each<[string, unknown, string]>([
    ["nothing", undefined, "Forecaster.fit takes series as toSeries() and createSeries() make them, got undefined."],
    ["no series", [], "Forecaster.fit needs at least one series, got none."],
    [
      "a table",
      createTable({ sales: [1, 2] }),
      "Forecaster.fit takes series as toSeries() and createSeries() make them",
    ],
    ["columns of other lengths", { ...series, columns: short }, 'got 100 rows in "price", 260 in "sales", 260 times.'],
    [
      "fewer times",
      { ...series, times: series.times?.slice(1) },
      'got 260 rows in "sales", 260 in "sales", 259 times.',
    ],
    [
      "a hole in the test part",
      { ...series, columns: hole },
      'got NaN in column "price", row 255 (from 0): fill or drop it.',
    ],
    ["a number past all squares", withSales(series, (value, row) => (row === 250 ? 1e200 : value)), "got 1e+200"],
  ])("%s", async (_, given, message) => {
    await expect(fittedSmall(given as Series, { features: ["price"] })).rejects.toThrow(OptionError);
    await expect(fittedSmall(given as Series, { features: ["price"] })).rejects.toThrow(message);
  });

  test("by forecast too, and rows without the times it was fitted on", async () => {
    const forecaster = await fittedSmall(series);
    expect(() => forecaster.forecast(1, { series: withSales(series, () => Number.NaN) })).toThrow(OptionError);
    expect(() => forecaster.forecast(1, { series: 5 as never })).toThrow(
      "Forecaster.forecast takes series as toSeries() and createSeries() make them, got 5.",
    );
    expect(() => forecaster.forecast(1, { series: { ...series, times: undefined } })).toThrow(
      new OptionError("Forecaster.forecast was fitted on rows with times, got rows without: name their time column."),
    );
  });
});

test("the target is no feature, also where it is not named", async () => {
  const [only] = [{ ...exampleSeries(), columns: new Map([["sales", new Float64Array(260)]]) }];
  await expect(fittedSmall(only, { target: undefined, features: ["sales"] })).rejects.toThrow(
    new OptionError('Forecaster.fit takes "sales" as its target, which is always an input: leave it out of features.'),
  );
});

test("windows past all memory are an OutOfMemoryError that says what to lower", async () => {
  const values = Float64Array.from({ length: 170_000 }, (_, row) => row % 7);
  const series = { ...exampleSeries({ hasTimes: false }), columns: new Map([["sales", values]]) };
  const parts = { validation: 0, calibration: 100, test: 0, level: "none", window: 100_000 } as const;
  const forecaster = new Forecaster({ ...SMALL, ...parts });
  const error = await forecaster.fit(series, { maxWindows: 1_000_000 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect((error as Error).message).toMatch(/^69898 windows of 100000 numbers need \d+ bytes, .*: lower maxWindows or/);
});

test("values that the scaler log cannot take are named with their series, column and row", async () => {
  const series = exampleSeries({ name: "north" });
  const zero = withSales(series, (value, row) => (row === 250 ? 0 : value));
  const message =
    'The series "north" has 0 in column "sales", row 250 (from 0), and the scaler "log" takes values above 0: use another scaler.';
  await expect(fittedSmall(zero, { scaler: "log" })).rejects.toThrow(new OptionError(message));
  const forecaster = await fittedSmall(series, { scaler: "log" });
  expect(() => forecaster.forecast(1, { series: zero })).toThrow(new OptionError(message));
});

describe("numbers of any size", () => {
  test("are learned as well: the scaler none, level last, values around 1e-20 and 1e20", async () => {
    const series = exampleSeries();
    const of = async (scale: number) => {
      const options = { scaler: "none", level: "last" } as const;
      const forecaster = await fittedSmall(
        withSales(series, (value) => value * scale),
        options,
      );
      return (forecaster.forecast().values[0] ?? 0) / scale;
    };
    // Powers of two change no digit.
    const [plain, tiny, huge] = [await of(1), await of(2 ** -70), await of(2 ** 70)];
    expect(tiny).toBe(plain);
    expect(huge).toBe(plain);
  });
});
