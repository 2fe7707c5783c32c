/** The vocabulary of all kernels: the only file where the binaries differ. */

/**
 * Whether matmul loops take four or eight k a turn: fused, on V8 >= 13, that gains 20 %, since the loop's own instructions fill a
 * narrow front end. Plain arithmetic gains nothing, and older V8 hoists all loads of a turn and spills.
 */
export const UNROLLED: bool = ASC_FEATURE_RELAXED_SIMD;

/** Whether the binary carries the tile that V8's 256-bit code wants: 6 kB that only turbo uses, so only the twins for threads. */
export const TALL: bool = ASC_FEATURE_THREADS;

/** a * b + c: fused (one rounding) in the relaxed binary, multiply then add elsewhere. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, rounded like `madd`. */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** 0 simd, 1 relaxed, 2 debug: what src/core/instance.ts reads from a module it was handed. */
export function variant(): i32 {
  if (ASC_FEATURE_RELAXED_SIMD) return 1;
  return ASC_NO_ASSERT ? 0 : 2;
}

/** Copies `floats` floats, a multiple of 4. */
export function copy(to: usize, from: usize, floats: i32): void {
  for (; floats > 0; floats -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
}

/** x0 + x1 + x2 + x3 in f64, for losses and norms; never part of a matmul. */
// @ts-ignore: decorator
@inline
export function sumOf(x: v128): f64 {
  const high = v128.shuffle<f32>(x, x, 2, 3, 0, 1);
  const pairs = f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(high));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** x0^2 + x1^2 + x2^2 + x3^2, squared and summed in f64. */
// @ts-ignore: decorator
@inline
export function sumOfSquaresOf(x: v128): f64 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const pairs = f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}
