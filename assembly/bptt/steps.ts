/**
 * What the whole-sequence kernels of all cells have in common. Sequences are packed rows, step after step: step t holds
 * the active[t] rows (all B where `active` is 0) that have not ended, sorted so that they are the first ones. Rows without
 * any step come last and keep their state. N is the number of rows of all steps.
 *
 * Steps go in chunks of about CHUNK_ROWS rows, for which the input projection is one matmul: enough rows for full tiles,
 * few enough to find the gates still in the second-level cache; a step with as many rows takes both of its products together.
 * Backward, chunks are longer, since every one of them reads and writes all weight gradients.
 */
import { copy } from "../simd/f32x4";
import { at, rowStride } from "../simd/layout";

export const CHUNK_ROWS: i32 = 64;
const GRADIENT_ROWS: i32 = 128;

/** Rows running at step t. */
// @ts-ignore: decorator
@inline
export function rowsAt(active: usize, t: i32, B: i32): i32 {
  const rows = active ? load<i32>(at(active, t)) : B;
  if (!ASC_NO_ASSERT) assert(rows >= 0 && rows <= (t && active ? load<i32>(at(active, t - 1)) : B));
  return rows;
}

/** How many of rows [first, end) of the batch run at step t; 0 or less: none. */
// @ts-ignore: decorator
@inline
export function rowsIn(active: usize, t: i32, B: i32, first: i32, end: i32): i32 {
  return min(end, rowsAt(active, t, B)) - first;
}

/** Rows of steps [start, end). */
export function rowsOf(active: usize, start: i32, end: i32, B: i32): i32 {
  if (!active) return (end - start) * B;
  let rows = 0;
  for (let t = start; t < end; ++t) rows += load<i32>(at(active, t));
  return rows;
}

/** The end of the chunk that starts with step t, going forward. */
export function chunkEnd(active: usize, t: i32, T: i32, B: i32): i32 {
  let rows = 0;
  do rows += rowsAt(active, t++, B);
  while (t < T && rows + rowsAt(active, t, B) <= CHUNK_ROWS);
  return t;
}

/** The first step of the chunk that ends before step `end`, going back. */
export function chunkStart(active: usize, end: i32, B: i32): i32 {
  let rows = 0;
  do rows += rowsAt(active, --end, B);
  while (end > 0 && rows + rowsAt(active, end - 1, B) <= GRADIENT_ROWS);
  return end;
}

/**
 * The address of what the recurrent product takes for the first `b` rows of `hidden` [B, H]: themselves, or where
 * there is a mask [B, H] of recurrent dropout their products with it, in `kept`; without one a copy is kept if `wanted`.
 */
export function maskedHidden(kept: usize, hidden: usize, mask: usize, b: i32, H: i32, wanted: bool): usize {
  if (mask) {
    maskRows(kept, hidden, mask, b, H);
    return kept;
  }
  if (wanted) copy(kept, hidden, b * rowStride(H));
  return hidden;
}

/** to [N, H] <- from [N, H] * mask [N, H]; `to` may be `from`. */
export function maskRows(to: usize, from: usize, mask: usize, N: i32, H: i32): void {
  const stride = rowStride(H);
  for (; N > 0; --N, to = at(to, stride), from = at(from, stride), mask = at(mask, stride)) {
    for (let n = 0; n < H; n += 4) {
      v128.store(at(to, n), f32x4.mul(v128.load(at(from, n)), v128.load(at(mask, n))));
    }
  }
}
