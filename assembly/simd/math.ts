/**
 * exp, sigmoid and tanh on four lanes, from one core:
 *
 *     n = round(x / ln 2), r = x - n ln 2, p = expm1(r) = r + r^2 q(r), s = 2^n, exp(x) = s + p s
 *     sigmoid(x) = E / (1 + E), E = exp(x)        tanh(x) = m / (m + 2), m = expm1(2x) = p s + (s - 1)
 *
 * t = x / ln 2 + 1.5 * 2^23 + 127 holds n + 127 in its low bits, so that 2^n is one shift away. |r| <= ln 2 / 2; q is
 * the minimax polynomial of degree 4 for the relative error of expm1 (1.3e-8, 0.22 ULP). Errors: sigmoid and tanh 3 ULP,
 * exp 2 ULP; below x = -87 sigmoid is 0; NaN stays NaN.
 *
 * Constants are loaded where they are used: engines rebuild `splat(const)` with three instructions at every use.
 */
import { madd, nmadd } from "./f32x4";

// prettier-ignore
export const MATH: usize = memory.data<f32>([
  88, -88, 1.4426950408889634, 12583039, 0.693359375, -2.12194440e-4,
  0.4999999701976776, 0.1666654348373413, 0.04166720062494278, 0.008366547524929047, 0.0013882516650483012,
  1, 2, 89, -104, -87, 7.888609052210118e-31,
], 16);

/** Offsets in MATH. */
export const LIMIT: usize = 0;
export const LOWER_LIMIT: usize = 4;
export const LOG2E: usize = 8;
export const ROUND: usize = 12;
export const LN2_HIGH: usize = 16;
export const LN2_LOW: usize = 20;
export const Q0: usize = 24;
export const Q1: usize = 28;
export const Q2: usize = 32;
export const Q3: usize = 36;
export const Q4: usize = 40;
export const ONE: usize = 44;
export const TWO: usize = 48;
const EXP_LIMIT: usize = 52;
const EXP_LOWER_LIMIT: usize = 56;
export const LOWEST: usize = 60;
export const LEAST: usize = 64;

/**
 * x, or 0 where |x| is below `least` = 2^-100 (at MATH, LEAST); NaN passes. A gradient that vanishes over many steps would end
 * as the smallest subnormal, which times a forget gate above 1/2 rounds to itself for ever: on Intel's processors backward
 * of 1,000 steps then took 20 to 40 times as long.
 */
// @ts-ignore: decorator
@inline
export function vanished(x: v128, least: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), least));
}

/** x limited to [-88, 88], where 2^n is a float and sigmoid has reached 0 and 1; NaN passes. */
// @ts-ignore: decorator
@inline
export function limited(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, v128.load32_splat(MATH, LIMIT)), v128.load32_splat(MATH, LOWER_LIMIT));
}

/** 2x, limited: the argument that tanhOf wants. */
// @ts-ignore: decorator
@inline
export function doubled(x: v128): v128 {
  return limited(f32x4.add(x, x));
}

/** t: n + 127 in its low bits. */
// @ts-ignore: decorator
@inline
export function rounded(x: v128): v128 {
  return madd(x, v128.load32_splat(MATH, LOG2E), v128.load32_splat(MATH, ROUND));
}

/** s = 2^n, and 0 for n = -127. */
// @ts-ignore: decorator
@inline
export function power(t: v128): v128 {
  return i32x4.shl(t, 23);
}

/** r = x - n ln 2, in two exact steps. */
// @ts-ignore: decorator
@inline
export function remainder(x: v128, t: v128): v128 {
  const n = f32x4.sub(t, v128.load32_splat(MATH, ROUND));
  return nmadd(n, v128.load32_splat(MATH, LN2_LOW), nmadd(n, v128.load32_splat(MATH, LN2_HIGH), x));
}

/** p = expm1(r). */
// @ts-ignore: decorator
@inline
export function expm1(r: v128): v128 {
  let q = madd(v128.load32_splat(MATH, Q4), r, v128.load32_splat(MATH, Q3));
  q = madd(q, r, v128.load32_splat(MATH, Q2));
  q = madd(q, r, v128.load32_splat(MATH, Q1));
  q = madd(q, r, v128.load32_splat(MATH, Q0));
  return madd(f32x4.mul(r, r), q, r);
}

/** s for sigmoid: 0 for x < -87, so that no result is subnormal; NaN passes. */
// @ts-ignore: decorator
@inline
export function powerOrZero(x: v128, t: v128): v128 {
  return v128.andnot(power(t), f32x4.lt(x, v128.load32_splat(MATH, LOWEST)));
}

/** sigmoid from p and s. */
// @ts-ignore: decorator
@inline
export function sigmoidOf(p: v128, s: v128): v128 {
  const e = madd(p, s, s);
  return f32x4.div(e, f32x4.add(e, v128.load32_splat(MATH, ONE)));
}

/** tanh(x) from p and s of 2x. */
// @ts-ignore: decorator
@inline
export function tanhOf(p: v128, s: v128): v128 {
  const m = madd(p, s, f32x4.sub(s, v128.load32_splat(MATH, ONE)));
  return f32x4.div(m, f32x4.add(m, v128.load32_splat(MATH, TWO)));
}

// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  x = limited(x);
  const t = rounded(x);
  return sigmoidOf(expm1(remainder(x, t)), powerOrZero(x, t));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  x = doubled(x);
  const t = rounded(x);
  return tanhOf(expm1(remainder(x, t)), power(t));
}

/** exp over its whole range: 2^n in two factors, so that it overflows to infinity and sinks to 0 through subnormals. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, v128.load32_splat(MATH, EXP_LIMIT)), v128.load32_splat(MATH, EXP_LOWER_LIMIT));
  const t = rounded(x);
  const one = v128.load32_splat(MATH, ONE);
  const low = i32x4.shr_s(i32x4.sub(t, v128.load32_splat(MATH, ROUND)), 1);
  const high = i32x4.sub(i32x4.sub(t, v128.load32_splat(MATH, ROUND)), low);
  const p = f32x4.add(expm1(remainder(x, t)), one);
  return f32x4.mul(f32x4.mul(p, i32x4.add(i32x4.shl(low, 23), one)), i32x4.add(i32x4.shl(high, 23), one));
}

/** log of a positive normal double: x = 2^e m with m in [sqrt(1/2), sqrt(2)), log m = 2 artanh((m - 1) / (m + 1)). */
export function log(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  const shifted = <i64>(bits - 0x3fe6a09e667f3bcd);
  const e = shifted >> 52;
  const m = reinterpret<f64>(bits - ((<u64>e) << 52));
  const z = (m - 1) / (m + 1);
  const z2 = z * z;
  let series: f64 = 0;
  for (let k = 21; k > 0; k -= 2) series = series * z2 + 1 / <f64>k;
  return <f64>e * 0.6931471805599453 + 2 * z * series;
}

/** y <- exp(x), elementwise over N floats, N rounded up to a multiple of 4. */
export function expVector(y: usize, x: usize, N: i32): void {
  for (let n = 0; n < N; n += 4, x += 16, y += 16) v128.store(y, exp(v128.load(x)));
}

/** y <- sigmoid(x), as expVector. */
export function sigmoidVector(y: usize, x: usize, N: i32): void {
  for (let n = 0; n < N; n += 4, x += 16, y += 16) v128.store(y, sigmoid(v128.load(x)));
}

/** y <- tanh(x), as expVector. */
export function tanhVector(y: usize, x: usize, N: i32): void {
  for (let n = 0; n < N; n += 4, x += 16, y += 16) v128.store(y, tanh(v128.load(x)));
}
