import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { arima } from "../../src/series/baselines/arima.ts";
import type { Baseline } from "../../src/series/baselines/baseline.ts";
import { drift } from "../../src/series/baselines/drift.ts";
import { movingAverage } from "../../src/series/baselines/moving-average.ts";
import { persistence } from "../../src/series/baselines/persistence.ts";
import { seasonalNaive } from "../../src/series/baselines/seasonal-naive.ts";

const BASELINES: readonly (readonly [string, () => Baseline])[] = [
  ["persistence", persistence],
  ["seasonalNaive", () => seasonalNaive({ season: 7 })],
  ["drift", drift],
  ["movingAverage", () => movingAverage({ window: 5 })],
  ["arima", () => arima({ order: [1, 0, 0], seasonal: [0, 1, 1], season: 3, history: 20 })],
];

const VALUES = Float64Array.of(1, 2, 4, 8, 16);

describe("by hand, two origins and three steps", () => {
  test.each([
    [persistence(), [8, 8, 8, 16, 16, 16]],
    [seasonalNaive({ season: 2 }), [4, 8, 4, 8, 16, 8]],
    [drift(), [8 + 7 / 3, 8 + 14 / 3, 15, 19.75, 23.5, 27.25]],
    [movingAverage({ window: 2 }), [6, 6, 6, 12, 12, 12]],
    [movingAverage({ window: 9 }), [3.75, 3.75, 3.75, 6.2, 6.2, 6.2]],
  ])("$name", (baseline, expected) => {
    expect([...baseline.forecast(VALUES, [4, 5], 3)]).toEqual(expected);
  });

  test("of one value, drift and moving average are that value", () => {
    expect([...drift().forecast(VALUES, [1], 2)]).toEqual([1, 1]);
    expect([...movingAverage({ window: 3 }).forecast(VALUES, [1], 1)]).toEqual([1]);
  });
});

describe.each(BASELINES)("%s", (name, create) => {
  test("is named so and gives [origins, horizon] for any order of origins", async () => {
    const baseline = create();
    const values = Float64Array.from({ length: 40 }, (_, n) => n * (n % 3));
    const [forward, backward] = await Promise.all([
      baseline.forecast(values, [30, 35], 4),
      baseline.forecast(values, [35, 30], 4),
    ]);
    expect(baseline.name).toBe(name);
    expect([...backward.subarray(4), ...backward.subarray(0, 4)]).toEqual([...forward]);
    expect(await baseline.forecast(values, [], 4)).toEqual(new Float64Array());
  });

  test("reads nothing from the origin on: whatever stands there, the forecast has the same bits", async () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 30, maxLength: 40 });
    const later = fc.oneof(fc.constant(NaN), fc.constant(Infinity), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(numbers, fc.integer({ min: 7, max: 30 }), later, async (values, origin, other) => {
        const known = Float64Array.from(values);
        const changed = Float64Array.from(values, (value, n) => (n < origin ? value : other));
        const expected = await create().forecast(known, [origin], 9);
        expect(await create().forecast(changed, [origin], 9)).toEqual(expected);
        expect(await create().forecast(known.slice(0, origin), [origin], 9)).toEqual(expected);
        expect(expected.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test("refuses origins without a history and a horizon that is none", async () => {
    const values = new Float64Array(10);
    for (const origin of [0, 11, 9.5, NaN]) {
      await expect(async () => create().forecast(values, [origin], 1)).rejects.toThrow(OptionError);
    }
    await expect(async () => create().forecast(values, [9], 0)).rejects.toThrow(OptionError);
  });
});

test("errors say how much history an origin needs", () => {
  expect(() => seasonalNaive({ season: 3 }).forecast(VALUES, [2], 1)).toThrow(
    new OptionError("seasonalNaive forecasts from origins 3 to 5, which have 3 values before them, got 2."),
  );
  expect(() => seasonalNaive({ season: 0 })).toThrow(OptionError);
  expect(() => movingAverage({ window: 1.5 })).toThrow(OptionError);
});
