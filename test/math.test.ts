import { describe, expect, it } from "vitest";
import { log } from "../src/math.ts";
import { Random } from "../src/random.ts";

/** Distance in representable float64 numbers. */
function ulps(a: number, b: number): number {
  const bits = new BigInt64Array(Float64Array.of(a, b).buffer);
  return Math.abs(Number((bits[0] ?? 0n) - (bits[1] ?? 0n)));
}

describe("log", () => {
  // Correctly rounded, from 50-digit decimal arithmetic.
  it.each([
    [5e-324, -744.4400719213812],
    [2.2250738585072014e-308, -708.3964185322641],
    [1e-300, -690.7755278982137],
    [0.1, -Math.LN10],
    [0.5, -Math.LN2],
    [0.7071067811865475, -0.34657359027997275],
    [Math.SQRT1_2, -0.3465735902799726],
    [0.9999999999999999, -1.1102230246251565e-16],
    [1.0000000000000002, 2.2204460492503128e-16],
    [Math.SQRT2, 0.3465735902799727],
    [1.5, 0.4054651081081644],
    [10, Math.LN10],
    [1e300, 690.7755278982137],
    [1.7976931348623157e308, 709.782712893384],
  ])("of %d is within 1 ulp", (x, expected) => {
    expect(ulps(log(x), expected)).toBeLessThanOrEqual(1);
  });

  it("is exact at 1 and follows IEEE at the ends", () => {
    expect(log(1)).toBe(0);
    expect(log(0)).toBe(-Infinity);
    expect(log(-0)).toBe(-Infinity);
    expect(log(Infinity)).toBe(Infinity);
    expect([log(-1), log(-Infinity), log(NaN)]).toEqual([NaN, NaN, NaN]);
  });

  // The engine's own logarithm may be off by 1 ulp itself.
  it("is within 2 ulp of the engine's for 200,000 numbers, half of them around 1", () => {
    const random = new Random(1);
    let worst = 0;
    for (let i = 0; i < 100_000; i++) {
      for (const x of [random.uniform(), random.uniform(0.5, 2)]) worst = Math.max(worst, ulps(log(x), Math.log(x)));
    }
    expect(worst).toBeLessThanOrEqual(2);
  });
});
