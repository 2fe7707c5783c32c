import { describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../../src/errors.ts";
import { backtest } from "../../src/series/backtest.ts";
import { persistence } from "../../src/series/baselines/persistence.ts";
import { seasonalNaive } from "../../src/series/baselines/seasonal-naive.ts";
import { rollingOrigins } from "../../src/series/split.ts";

const values = Float64Array.of(1, 2, 4, 7, 11, 16);

describe("backtest", () => {
  test("by hand: errors by step, over the origins that have a value there", async () => {
    const { naive, ahead } = await backtest({
      values,
      origins: [3, 4, 5],
      horizon: 2,
      forecasts: { naive: persistence(), ahead: async () => Float64Array.of(7, 11, 11, 16, 16, 99) },
    });
    expect([...naive.forecast]).toEqual([4, 4, 7, 7, 11, 11]);
    expect(naive.oneStep.mae).toBe(4);
    expect(naive.oneStep.rmse).toBe(Math.sqrt((9 + 16 + 25) / 3));
    expect(naive.byHorizon.map(({ mae }) => mae)).toEqual([4, 8]);
    expect(naive.byHorizon[0]).toEqual(naive.oneStep);
    expect(ahead.byHorizon.map(({ rmse }) => rmse)).toEqual([0, 0]);
  });

  test("forecasts are called with all origins at once, baselines as their own methods, and keep any name", async () => {
    const calls: unknown[] = [];
    const forecasts = Object.fromEntries<Parameters<typeof backtest>[0]["forecasts"][string]>([
      ["__proto__", persistence()],
      [
        "mine",
        (...call) => {
          calls.push(call);
          return new Float64Array(4);
        },
      ],
    ]);
    const results = await backtest({ values, origins: [2, 3], horizon: 2, forecasts });
    expect(Object.keys(results)).toEqual(["__proto__", "mine"]);
    expect(calls).toEqual([[values, [2, 3], 2]]);
  });

  test("20,000 origins of 48 steps", async () => {
    const long = Float64Array.from({ length: 20_100 }, (_, n) => n % 24);
    const origins = rollingOrigins({ from: 50, to: 20_050 });
    const { naive } = await backtest({
      values: long,
      origins,
      horizon: 48,
      forecasts: { naive: seasonalNaive({ season: 24 }) },
    });
    expect(naive.byHorizon).toHaveLength(48);
    expect(naive.byHorizon[47]).toEqual({ rmse: 0, mae: 0, mape: 0 });
  });

  test("errors", async () => {
    const run = (change: object) =>
      backtest({ values, origins: [3], horizon: 2, forecasts: { naive: persistence() }, ...change });
    await expect(run({ horizon: 4 })).rejects.toThrow(
      new OptionError(
        "backtest needs origins below the number of values, 6, and one with 4 values from it on, got 1 origins from 3 to 3: shorten the horizon or start earlier.",
      ),
    );
    await expect(run({ origins: [] })).rejects.toThrow(OptionError);
    await expect(run({ origins: [0] })).rejects.toThrow(OptionError);
    await expect(run({ origins: [3, 6] })).rejects.toThrow(OptionError);
    await expect(run({ forecasts: { mine: () => new Float64Array(3) } })).rejects.toThrow(
      new ShapeError('The forecast "mine" must have 2 values for each of 1 origins, got a Float64Array of length 3.'),
    );
    await expect(run({ forecasts: { mine: () => Float64Array.of(1, NaN) } })).rejects.toThrow(
      new OptionError('The forecast "mine" must be finite, got NaN at step 1 (from 0) of origin 3.'),
    );
  });
});
