/** The vocabulary of all kernels: the only file, beside threads/, where the binaries differ. */

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

/** 0 simd, 1 relaxed, 2 debug: what src/core/load.ts reads from a module it was handed. */
export function variant(): i32 {
  if (ASC_FEATURE_RELAXED_SIMD) return 1;
  return ASC_NO_ASSERT ? 0 : 2;
}

/** Zeroes `floats` floats (a multiple of 4) from `to` on. */
// @ts-ignore: decorator
@inline
export function clear(to: usize, floats: i32): void {
  const end = to + ((<usize>floats) << 2);
  for (; to < end; to += 16) v128.store(to, f32x4.splat(0));
}
