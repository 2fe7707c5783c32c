import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { Random } from "../../src/random.ts";
import { arima } from "../../src/series/baselines/arima.ts";
import { chooseArima } from "../../src/series/baselines/choose-arima.ts";
import { persistence } from "../../src/series/baselines/persistence.ts";
import { forecastErrors } from "../../src/series/forecast-errors.ts";
import { rollingOrigins } from "../../src/series/split.ts";

/** x_t = share x_(t-1) + noise of deviation 1, on top of a season. */
function autoregressive(rows: number, share: number, season: readonly number[] = [0]): Float64Array {
  const random = new Random(7);
  let x = 0;
  return Float64Array.from({ length: rows }, (_, t) => {
    x = share * x + random.normal();
    return 100 + x + (season[t % season.length] ?? 0);
  });
}

const oneStep = async (
  values: Float64Array,
  from: number,
  baseline: { forecast: ReturnType<typeof arima>["forecast"] },
) => {
  const forecast = await baseline.forecast(values, rollingOrigins({ from, to: values.length }), 1);
  return forecastErrors(values.subarray(from), forecast).rmse;
};

describe("arima", () => {
  test("forecasts an autoregression: the first step to 0.1 of its share, later ones towards the mean", async () => {
    const values = autoregressive(400, 0.8);
    const baseline = arima({ order: [1, 0, 0] });
    const forecast = await baseline.forecast(values, [400], 30);
    const share = ((forecast[0] ?? NaN) - 100) / ((values[399] ?? NaN) - 100);
    expect(Math.abs(share - 0.8)).toBeLessThan(0.1);
    expect(Math.abs((forecast[29] ?? NaN) - 100)).toBeLessThan(1);
    expect(baseline.fallbacks).toBe(0);
    expect(baseline.model).toBe("ARIMA(1,0,0)");
  });

  test("knows the season, with the same bits on every engine", async () => {
    const values = autoregressive(200, 0.5, [0, 5, 10, -10]);
    const baseline = arima({ order: [1, 0, 0], seasonal: [0, 1, 1], season: 4 });
    expect(baseline.model).toBe("ARIMA(1,0,0)(0,1,1)[4]");
    expect(await oneStep(values, 190, baseline)).toBeLessThan(1.5);
    // Of Node 20 and 24, to the last bit.
    const expected = [109.53056085836384, 90.04181464224185, 100.32526010363905, 105.18627364453134];
    expect([...(await baseline.forecast(values, [190, 200], 2))]).toEqual(expected);
  });

  test("falls back on persistence, and counts it, for a history that is short, constant or not finite", async () => {
    const constant = new Float64Array(50).fill(3);
    const short = Float64Array.of(1, 5, 2, 7);
    const broken = autoregressive(50, 0.5);
    broken[45] = NaN;
    for (const [values, origins] of [
      [constant, [40, 50]],
      [short, [3, 4]],
      [broken, [46, 50]],
    ] as const) {
      const baseline = arima({ order: [2, 1, 1] });
      expect(await baseline.forecast(values, origins, 3)).toEqual(persistence().forecast(values, origins, 3));
      expect(baseline.fallbacks).toBe(2);
    }
  });

  test("a fit leaves no trace: the same forecast after others, and of the last `history` values alone", async () => {
    const values = autoregressive(300, 0.6, [0, 3, 1]);
    const baseline = arima({ order: [2, 0, 1], history: 50 });
    const all = await baseline.forecast(values, [100, 200, 300], 2);
    await arima({ order: [0, 1, 1] }).forecast(values, [250, 30], 5);
    const again = await arima({ order: [2, 0, 1], history: 50 }).forecast(values.slice(250), [50], 2);
    expect([...again]).toEqual([...all.subarray(4)]);
  });

  test("errors", () => {
    const order = [1, 0, 0] as const;
    expect(() => arima({ order: [0, 1, 0] })).toThrow(
      new OptionError("arima needs a term in order or seasonal to fit, got none: take persistence() or drift()."),
    );
    expect(() => arima({ order, seasonal: [0, 1, 1] })).toThrow(
      new OptionError("arima needs season to be an integer from 2 to 365, got undefined."),
    );
    for (const bad of [[1, 1], [1, 1, -1], [1, 3, 1], [6, 0, 0], 3, undefined] as never[]) {
      expect(() => arima({ order: bad })).toThrow(OptionError);
    }
    expect(() => arima({ order, history: 4001 })).toThrow(OptionError);
    expect(() => arima({ order, season: 0 })).toThrow(OptionError);
    expect(() => arima({ orders: order } as never)).toThrow(OptionError);
  });
});

describe("chooseArima", () => {
  test("finds the season and beats persistence after the values it was chosen on", async () => {
    const values = autoregressive(150, 0.5, [0, 8, -8, 3]);
    const { baseline, rmse } = await chooseArima(values.subarray(0, 140), { season: 4, origins: 10, history: 80 });
    expect(baseline.model).toMatch(/\[4\]$/);
    expect(rmse).toBeLessThan(2);
    expect(await oneStep(values, 140, baseline)).toBeLessThan(3);
  });

  test("needs no season, and falls back where there are few values", async () => {
    const { baseline } = await chooseArima(autoregressive(60, 0.9), { origins: 5 });
    expect(baseline.model).not.toContain("[");
    const { rmse } = await chooseArima(Float64Array.of(1, 3, 2));
    expect(rmse).toBe(Math.sqrt((4 + 1) / 2));
  });

  test("errors", async () => {
    await expect(chooseArima(Float64Array.of(1))).rejects.toThrow(
      new OptionError("chooseArima needs at least two values to try forecasts on, got 1."),
    );
    await expect(chooseArima(new Float64Array(9), { season: 0 })).rejects.toThrow(OptionError);
    await expect(chooseArima(new Float64Array(9), { origins: 0 })).rejects.toThrow(OptionError);
  });
});
