/** Strides and sizes that several kernels share. Sizes are f64: exact to 2^53, where i32 would wrap. */

/** Floats in one panel row, see matmul/pack.ts. */
export const PANEL: i32 = 16;

/** Features rounded up to whole vectors. */
// @ts-ignore: decorator
@inline
export function padded(features: i32): i32 {
  return (features + 3) & ~3;
}

/**
 * Floats from one row of `features` to the next: rounded up to a vector, and from 64 floats on never an even number of
 * cache lines, since rows at powers of two apart would share a few sets of the cache.
 */
export function rowStride(features: i32): i32 {
  const floats = padded(features);
  return floats >= 64 && (floats & 31) == 0 ? floats + 16 : floats;
}

/** Rows of the panels of W^T, where W has so many columns: whole panels of them. */
// @ts-ignore: decorator
@inline
export function transposedRows(columns: i32): i32 {
  return (columns + PANEL - 1) & ~(PANEL - 1);
}

/** Floats of weight panels with `K` rows and `N` columns, bias row not counted. */
export function panelFloats(K: i32, N: i32): f64 {
  return Math.ceil(<f64>N / PANEL) * <f64>K * PANEL;
}

/** 64 bytes of zeros, for products that start at zero. */
export const ZEROS: usize = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);

/** Address of element `index` of the f32 array at `base`. */
// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}
