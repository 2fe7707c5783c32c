import { describe, expect, it } from "vitest";
import { cos } from "../src/math/cos.ts";
import { exp } from "../src/math/exp.ts";
import { log } from "../src/math/log.ts";
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

describe("exp", () => {
  // Correctly rounded, from 120-digit arithmetic.
  it.each([
    [-745.1, 5e-324],
    [-740.25, 3.26e-322],
    [-708.4, 2.217119081664265e-308],
    [-100.5, 2.256340135917036e-44],
    [-1, 0.36787944117144233],
    [-0.34657359027997264, Math.SQRT1_2],
    [-1e-10, 0.9999999999],
    [1e-17, 1],
    [0.1, 1.1051709180756477],
    [0.34657359027997275, Math.SQRT2],
    [0.5, 1.6487212707001282],
    [1, Math.E],
    [10, 22026.465794806718],
    [88.7, 3.325986980250579e38],
    [700.3, 1.3690700720098904e304],
    [709.782712893384, 1.7976931348622732e308],
  ])("of %d is within 1 ulp", (x, expected) => {
    expect(ulps(exp(x), expected)).toBeLessThanOrEqual(1);
  });

  it("is exact at 0 and follows IEEE at the ends", () => {
    expect([exp(0), exp(-0), exp(5e-324)]).toEqual([1, 1, 1]);
    expect([exp(-Infinity), exp(-1e300), exp(-745.14)]).toEqual([0, 0, 0]);
    expect([exp(Infinity), exp(1e300), exp(709.79)]).toEqual([Infinity, Infinity, Infinity]);
    expect(exp(NaN)).toBe(NaN);
  });

  // The engine's own exponential may be off by 1 ulp itself.
  it("is within 2 ulp of the engine's for 200,000 numbers, half of them around 0", () => {
    const random = new Random(2);
    let worst = 0;
    for (let i = 0; i < 100_000; i++) {
      for (const x of [random.uniform(-1, 1), random.uniform(-740, 709)]) {
        worst = Math.max(worst, ulps(exp(x), Math.exp(x)));
      }
    }
    expect(worst).toBeLessThanOrEqual(2);
  });
});

describe("cos", () => {
  // Correctly rounded; 45.55... and 321307.9... are the numbers below 2^20 whose cosines are hardest.
  it.each([
    [0.1, 0.9950041652780258],
    [0.5, 0.8775825618903728],
    [0.7853981633974483, Math.SQRT1_2],
    [0.7853981633974484, 0.7071067811865475],
    [1, 0.5403023058681398],
    [1.5707963267948966, 6.123233995736766e-17],
    [2, -0.4161468365471424],
    [3, -0.9899924966004454],
    [Math.PI, -1],
    [4.71238898038469, -1.8369701987210297e-16],
    [26.703537555513243, -7.354070601250002e-16],
    [45.553093477052, -6.189806365883577e-19],
    [1000.5, 0.09710690144438526],
    [321307.9594422229, -4.429600834596129e-17],
    [523598.25199952326, 1.6941534667660546e-11],
    [1048574.0923776457, -1.1837114658485184e-11],
    [1048576, 0.943808393901312],
  ])("of %d, and of its negative, is within 1 ulp", (x, expected) => {
    expect(ulps(cos(x), expected)).toBeLessThanOrEqual(1);
    expect(cos(-x)).toBe(cos(x));
  });

  it("is exact at 0 and NaN beyond 2^20", () => {
    expect([cos(0), cos(-0), cos(5e-324)]).toEqual([1, 1, 1]);
    expect([cos(1048576.1), cos(-1e9), cos(Infinity), cos(NaN)]).toEqual([NaN, NaN, NaN, NaN]);
  });

  // The engine's own cosine may be off by 1 ulp itself.
  it("is within 2 ulp of the engine's for 200,000 numbers, half of them up to 2^20", () => {
    const random = new Random(3);
    let worst = 0;
    for (let i = 0; i < 100_000; i++) {
      for (const x of [random.uniform(-7, 7), random.uniform(-1048576, 1048576)]) {
        worst = Math.max(worst, ulps(cos(x), Math.cos(x)));
      }
    }
    expect(worst).toBeLessThanOrEqual(2);
  });
});
