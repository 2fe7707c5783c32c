import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../../src/errors.ts";
import { readForecaster, writeForecaster } from "../../../src/series/forecaster/file.ts";
import type { Fitted } from "../../../src/series/forecaster/fitted.ts";
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

const edited = (edit: (config: Record<string, unknown>) => void) => {
  const config = JSON.parse(writeForecaster(FITTED)) as Record<string, unknown>;
  edit(config);
  return JSON.stringify(config);
};

describe("a forecaster's metadata", () => {
  test("comes back as it was", () => {
    const again = readForecaster(writeForecaster(FITTED));
    expect(writeForecaster(again)).toBe(writeForecaster(FITTED));
    expect(again).toMatchObject({ target: "sales", features: ["price"], window: 8, horizon: 2 });
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
    ["few widths", (config) => Object.assign(config, { horizon: 3 }), "halfWidths"],
  ])("with %s is refused", (_, edit, message) => {
    expect(() => readForecaster(edited(edit))).toThrow(FormatError);
    expect(() => readForecaster(edited(edit))).toThrow(message);
  });

  test("of any other text ends in a FormatError", () => {
    const text = writeForecaster(FITTED);
    const mutated = fc
      .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 4 }))
      .map(([at, put]) => text.slice(0, at) + put + text.slice(at + put.length));
    fc.assert(
      fc.property(mutated, (other) => {
        try {
          readForecaster(other);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
