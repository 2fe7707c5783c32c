/** What optimizers ask of a flat block of N floats before a step. */
import { sumOfSquaresOf } from "../simd/f32x4";

/** sum x^2 in f64, for the global norm over several blocks. */
export function sumOfSquares(x: usize, N: i32): f64 {
  let sum: f64 = 0;
  for (let n = 0; n < N; n += 4, x += 16) sum += sumOfSquaresOf(v128.load(x));
  return sum;
}

/** x *= factor. */
export function scale(x: usize, N: i32, factor: f32): void {
  for (let n = 0; n < N; n += 4, x += 16) v128.store(x, f32x4.mul(v128.load(x), f32x4.splat(factor)));
}

/** x limited to [-limit, limit]; NaN stays NaN. */
export function clipValue(x: usize, N: i32, limit: f32): void {
  for (let n = 0; n < N; n += 4, x += 16) {
    v128.store(x, f32x4.pmax(f32x4.pmin(v128.load(x), f32x4.splat(limit)), f32x4.splat(-limit)));
  }
}

/** Whether no element is NaN or infinite. */
export function allFinite(x: usize, N: i32): bool {
  let good = i32x4.splat(-1);
  for (let n = 0; n < N; n += 4, x += 16) {
    const value = v128.load(x);
    good = v128.and(good, f32x4.eq(f32x4.sub(value, value), f32x4.splat(0)));
  }
  return i32x4.all_true(good);
}
