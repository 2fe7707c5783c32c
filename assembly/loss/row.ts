/** What the rows of all losses share. */
import { at } from "../simd/layout";
import { log } from "../simd/math";

/** Keras's epsilon: what predicted probabilities are kept away from 0 and 1. */
export const EPSILON: f32 = 1e-7;

/** The weight of a row, 1 without weights. A row of weight 0 is not looked at: it may hold anything. */
// @ts-ignore: decorator
@inline
export function rowWeight(weights: usize, row: i32): f64 {
  return weights ? <f64>load<f32>(at(weights, row)) : 1;
}

/** All bits set in the first `count` lanes. */
// @ts-ignore: decorator
@inline
export function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** x limited to [EPSILON, highest]; NaN passes. */
// @ts-ignore: decorator
@inline
export function clipped(x: v128, highest: f32): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(highest)), f32x4.splat(EPSILON));
}

/** Sum of a log(x) over four lanes, in f64; lanes with a = 0 count as 0, whatever x is. */
export function dotLog(a: v128, x: v128): f64 {
  let sum = term(f32x4.extract_lane(a, 0), f32x4.extract_lane(x, 0));
  sum += term(f32x4.extract_lane(a, 1), f32x4.extract_lane(x, 1));
  sum += term(f32x4.extract_lane(a, 2), f32x4.extract_lane(x, 2));
  return sum + term(f32x4.extract_lane(a, 3), f32x4.extract_lane(x, 3));
}

function term(a: f32, x: f32): f64 {
  if (a == 0) return 0;
  return x > 0 ? <f64>a * log(x) : NaN;
}

/** Sum of a x over four lanes, in f64. */
export function dot(a: v128, x: v128): f64 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(x));
  a = v128.shuffle<f32>(a, a, 2, 3, 0, 1);
  x = v128.shuffle<f32>(x, x, 2, 3, 0, 1);
  const sums = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(x)));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}
