/** Values for kernel tests and measures of how far results are off. */
import { Random } from "../../src/random.ts";
import { at } from "../reference/elements.ts";

/** `count` float32 values, uniform in [-scale, scale). */
export function floats(seed: number, count: number, scale = 1): Float64Array {
  const random = new Random(seed);
  return new Float64Array(count).map(() => Math.fround(random.uniform(-scale, scale)));
}

/** Each element rounded to float32. */
export function rounded(values: Float64Array): Float64Array {
  return values.map(Math.fround);
}

/** The largest |actual - expected| in units of `bound`, 0 where both are equal; NaN is infinitely far. */
export function worstRatio(actual: ArrayLike<number>, expected: ArrayLike<number>, bound: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let n = 0; n < expected.length; n++) {
    const error = Math.abs(at(actual, n) - at(expected, n));
    const ratio = error === 0 ? 0 : error / at(bound, n);
    if (Number.isNaN(ratio)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, ratio);
  }
  return worst;
}

/** The largest |actual - expected| / max(|expected|, floor); NaN is infinitely far. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor: number): number {
  return worstRatio(
    actual,
    expected,
    Float64Array.from(expected, (value) => Math.max(Math.abs(value), floor)),
  );
}

/** Where two arrays first differ in a bit, -1 where they are the same. */
export function firstDifference(a: Uint32Array, b: Uint32Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return n;
  return -1;
}

const number = new Float64Array(1);
const numberWords = new Uint32Array(number.buffer);

/** |actual - exact| in units of the last place of float32 at `exact`; overflow counts as 2^128, NaN is only near NaN. */
export function ulpError(actual: number, exact: number): number {
  if (Number.isNaN(actual) || Number.isNaN(exact)) return Object.is(actual, exact) ? 0 : Number.POSITIVE_INFINITY;
  const limit = 2 ** 128;
  const clamped = Math.min(limit, Math.max(-limit, exact));
  number[0] = clamped;
  const exponent = ((at(numberWords, 1) >>> 20) & 0x7ff) - 1023;
  const ulp = 2 ** (Math.max(-126, Math.min(127, exponent)) - 23);
  return Math.abs(Math.min(limit, Math.max(-limit, actual)) - clamped) / ulp;
}
