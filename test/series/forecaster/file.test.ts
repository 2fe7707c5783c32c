import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../../src/errors.ts";
import { readForecaster, type SavedForecaster, writeForecaster } from "../../../src/series/forecaster/file.ts";
import type { Fitted, FittedSeries } from "../../../src/series/forecaster/fitted.ts";
import { readForecasterOptions } from "../../../src/series/forecaster/options.ts";
import { resolveScaler } from "../../../src/series/scalers/resolve.ts";

const scalerOf = (values: readonly number[]) => {
  const scaler = resolveScaler("standard");
  return scaler.fit(values);
};
const FITTED: Fitted = {
  ...{ target: "sales", features: ["price"], window: 8, horizon: 2, strategy: "direct", season: 7, level: "last" },
  ...{
    frequency: { unit: "day", count: 1 },
    calendar: ["weekdayOneHot", "holiday"],
    holidays: new Set([19_000, 18_000]),
  },
  series: [
    {
      ...{ name: "", target: scalerOf([1, 2, 3]), features: [scalerOf([4, 5])], spread: 0.5, rows: 100 },
      halfWidths: { 80: Float64Array.of(1, 2), 95: Float64Array.of(2, 3) },
      span: [0, 99 * 86_400_000],
    },
  ],
};

const SAVED: SavedForecaster = {
  fitted: FITTED,
  settings: readForecasterOptions({
    ...{ target: "sales", features: ["price"], window: 8, horizon: 2, units: [5, 4], dropout: 0.1, season: 7 },
    ...{ calendar: ["weekdayOneHot"], scaler: "log", level: "auto", validation: 0.1, calibration: 0.2, test: 30 },
    ...{ holidays: [19_000, 18_000].map((day) => day * 86_400_000), seed: 9 },
  }),
};

const edited = (edit: (config: Record<string, unknown>) => void) => {
  const config = JSON.parse(writeForecaster(SAVED)) as Record<string, unknown>;
  edit(config);
  return JSON.stringify(config);
};

const put = (config: Record<string, unknown>, options: Record<string, unknown>) =>
  Object.assign(config.options as object, options);

describe("a forecaster's metadata", () => {
  test("comes back as it was", () => {
    const again = readForecaster(writeForecaster(SAVED), 9);
    expect(writeForecaster(again)).toBe(writeForecaster(SAVED));
    expect(again.fitted).toMatchObject({ target: "sales", features: ["price"], window: 8, horizon: 2 });
    expect(again.settings).toEqual(SAVED.settings);
  });

  test("is not written where it could not be read again", () => {
    const [own] = FITTED.series;
    const wide = {
      ...(own as FittedSeries),
      halfWidths: { 80: Float64Array.of(1, 2), 95: Float64Array.of(2, Infinity) },
    };
    expect(() => writeForecaster({ ...SAVED, fitted: { ...FITTED, series: [wide] } })).toThrow(
      /^Forecaster.save cannot make a file of this forecaster: gatefold.forecaster.series\[0\].halfWidths.* null\.$/,
    );
  });

  test.each<[string, (config: Record<string, unknown>) => void, string]>([
    [
      "another version",
      (config) => Object.assign(config, { version: 2 }),
      "gatefold.forecaster.version is 2, this gatefold reads 1: use the gatefold that wrote the file, or train again.",
    ],
    ["no window", (config) => delete config.window, "gatefold.forecaster.window is missing."],
    ["a stranger", (config) => Object.assign(config, { depth: 1 }), "gatefold.forecaster.depth is not known"],
    ["a wild level", (config) => Object.assign(config, { level: "first" }), "gatefold.forecaster.level must be one of"],
    [
      "no series",
      (config) => Object.assign(config, { series: [] }),
      "gatefold.forecaster.series must be an array of at least one series",
    ],
    [
      "few scalers",
      (config) => Object.assign(config, { features: [] }),
      "gatefold.forecaster.series[0].features must be an array of 0 scalers",
    ],
    [
      "a scaler that knows nothing",
      (config) =>
        Object.assign((config.series as Record<string, unknown>[])[0] ?? {}, { target: { kind: "standard" } }),
      "gatefold.forecaster.series[0].target",
    ],
    [
      "an option without a value",
      (config) => put(config, { units: null }),
      "gatefold.forecaster.options.units must be",
    ],
    [
      "an option that the constructor refuses",
      (config) => put(config, { units: [0] }),
      "gatefold.forecaster.options is refused: Forecaster needs units[0] to be an integer from 1 to 4096, got 0.",
    ],
    [
      "features and steps that go on from steps",
      (config) => Object.assign(config, { strategy: "recursive" }),
      'gatefold.forecaster.options is refused: Forecaster with strategy "recursive" cannot know features',
    ],
    ["a wild day", (config) => Object.assign(config, { holidays: [1e9] }), "gatefold.forecaster.holidays[0] must be"],
    ["few widths", (config) => Object.assign(config, { horizon: 3 }), "halfWidths"],
  ])("with %s is refused", (_, edit, message) => {
    expect(() => readForecaster(edited(edit), 9)).toThrow(FormatError);
    expect(() => readForecaster(edited(edit), 9)).toThrow(message);
  });

  test("of any other text ends in a FormatError", () => {
    const text = writeForecaster(SAVED);
    const mutated = fc
      .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 4 }))
      .map(([at, put]) => text.slice(0, at) + put + text.slice(at + put.length));
    fc.assert(
      fc.property(mutated, (other) => {
        try {
          readForecaster(other, 9);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
