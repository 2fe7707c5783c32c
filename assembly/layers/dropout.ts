/**
 * Dropout with noise that depends on nothing but where it falls: Philox 4x32-10 (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", 2011) with key (key0, key1) turns counter (f / 4, id, 0, 0) into the four words of features f to
 * f + 3 of the row called `id`. An element's noise is 0 where its word < rate * 2^32, else 1 / (1 - rate). So the same row
 * gets the same noise in any batch, order or chunk, backward needs no mask, and steps or layers differ by their keys.
 *
 * Ten rounds, R = M0 c0, S = M1 c2:   c <- (high S ^ c1 ^ k0, low S, high R ^ c3 ^ k1, low R),   k <- k + W
 */
import { at, padded, rowStride } from "../simd/layout";
import { clearPads, multiplyRows, rowOf } from "../simd/rows";

const ROUNDS: i32 = 10;

/** M0 and M1, then W, twice each. */
// prettier-ignore
const PHILOX = memory.data<u32>([
  0xd2511f53, 0xcd9e8d57, 0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85, 0x9e3779b9, 0xbb67ae85,
], 16);

/**
 * y [N, F] <- x * noise, x being all ones at address 0; `y` may be `x`. ids: i32[N], at address 0 row n is called first + n.
 * Backward is the same call on dY.
 */
export function dropoutRows(
  y: usize,
  x: usize,
  ids: usize,
  key0: u32,
  key1: u32,
  first: i32,
  N: i32,
  F: i32,
  rate: f64,
): void {
  assert(rate >= 0 && rate <= 1);
  const threshold = i32x4.splat(<u32>ceil(rate * 4294967296));
  const kept = f32x4.splat(rate < 1 ? <f32>(1 / (1 - rate)) : 0);
  const keys = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(key0), 1, key1), 3, key1);
  const stride = rowStride(F);
  for (let n = 0; n < N; ++n, y = at(y, stride)) {
    dropoutRow(y, x, ids ? rowOf(ids, n) : first + n, keys, F, threshold, kept);
    if (x) x = at(x, stride);
  }
}

/** Two counters a turn: `even` holds their c0 and c2, `odd` their c1 and c3. */
function dropoutRow(y: usize, x: usize, id: i32, keys: v128, F: i32, threshold: v128, kept: v128): void {
  const start = i32x4(id, 0, id, 0);
  for (let f = 0; f < F; f += 8) {
    let even = i32x4(f >> 2, 0, (f >> 2) + 1, 0);
    let odd = start;
    let key = keys;
    for (let round = 0; round < ROUNDS; ++round) {
      const first = i64x2.extmul_low_i32x4_u(even, v128.load(PHILOX));
      const second = i64x2.extmul_high_i32x4_u(even, v128.load(PHILOX));
      even = v128.xor(v128.shuffle<i32>(first, second, 3, 1, 7, 5), v128.xor(odd, key));
      odd = v128.shuffle<i32>(first, second, 2, 0, 6, 4);
      key = i32x4.add(key, v128.load(PHILOX, 16));
    }
    scale(at(y, f), x ? at(x, f) : 0, v128.shuffle<i32>(even, odd, 0, 4, 1, 5), threshold, kept);
    if (f + 4 >= F) return;
    scale(at(y, f + 4), x ? at(x, f + 4) : 0, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), threshold, kept);
  }
}

/** Four elements from their words. */
// @ts-ignore: decorator
@inline
function scale(y: usize, x: usize, words: v128, threshold: v128, kept: v128): void {
  const noise = v128.andnot(kept, i32x4.lt_u(words, threshold));
  v128.store(y, x ? f32x4.mul(v128.load(x), noise) : noise);
}

/** mask [N, F] <- the noise itself. */
export function dropoutMask(mask: usize, ids: usize, key0: u32, key1: u32, N: i32, F: i32, rate: f64): void {
  dropoutRows(mask, 0, ids, key0, key1, 0, N, F, rate);
  clearPads(mask, N, F);
}

/** y[n] <- x[n] * mask[index[n]], all rows of F; `y` may be `x`: one mask per sequence, shared by its steps. */
export function maskRows(y: usize, x: usize, mask: usize, index: usize, N: i32, F: i32): void {
  const stride = rowStride(F);
  for (let n = 0; n < N; ++n, y = at(y, stride), x = at(x, stride)) {
    multiplyRows(y, x, at(mask, rowOf(index, n) * stride), padded(F));
  }
}
