/**
 * Moving rows about: to the steps of a sequence from a table or a user's array, by index or in order, and back. `toRow`
 * and `fromRow` are floats from row to row; rows of user arrays stand at any multiple of 4 bytes. `index` is i32[N]; at
 * address 0 row n belongs to row n. No kernel touches a float past the F of a row, but where it sets pads to zero.
 */
import { at, padded, rowStride } from "./layout";

/**
 * to[n] <- from[index[n]], F floats, zeros where the index is negative. Pads up to padded(F) become zero where `toRow`
 * leaves room for them.
 */
export function gatherRows(to: usize, toRow: i32, from: usize, fromRow: i32, index: usize, N: i32, F: i32): void {
  const width = toRow < padded(F) ? F : padded(F);
  for (let n = 0; n < N; ++n, to = at(to, toRow)) {
    const source = rowOf(index, n);
    let f = 0;
    if (source >= 0) {
      copyFloats(to, at(from, source * fromRow), F);
      f = F;
    }
    for (; f < width; ++f) store<f32>(at(to, f), 0);
  }
}

/** to[index[n]] += from[n] from the last row up, negative indices skipped: the gradient of a gather. */
export function scatterAddRows(to: usize, toRow: i32, from: usize, fromRow: i32, index: usize, N: i32, F: i32): void {
  for (let n = N - 1; n >= 0; --n) {
    const target = rowOf(index, n);
    if (target >= 0) addRows(at(to, target * toRow), at(from, n * fromRow), F);
  }
}

/** Index of row n, n itself without an index. */
// @ts-ignore: decorator
@inline
export function rowOf(index: usize, n: i32): i32 {
  return index ? load<i32>(at(index, n)) : n;
}

/** to += from, a flat block. */
export function addRows(to: usize, from: usize, floats: i32): void {
  for (; floats >= 4; floats -= 4, to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  for (; floats > 0; --floats, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** to = a * b, elementwise over a flat block of a multiple of 4 floats; `to` may be `a` or `b`. */
export function multiplyRows(to: usize, a: usize, b: usize, floats: i32): void {
  for (; floats > 0; floats -= 4, to += 16, a += 16, b += 16) {
    v128.store(to, f32x4.mul(v128.load(a), v128.load(b)));
  }
}

/** Columns [toColumn, toColumn + columns) of `to` <- [fromColumn, fromColumn + columns) of `from`, in N rows. */
export function copyColumns(
  to: usize,
  toRow: i32,
  toColumn: i32,
  from: usize,
  fromRow: i32,
  fromColumn: i32,
  N: i32,
  columns: i32,
): void {
  to = at(to, toColumn);
  from = at(from, fromColumn);
  for (; N > 0; --N, to = at(to, toRow), from = at(from, fromRow)) copyFloats(to, from, columns);
}

/** Pads of rows [N, F] <- 0. */
export function clearPads(rows: usize, N: i32, F: i32): void {
  const stride = rowStride(F);
  for (; N > 0; --N, rows = at(rows, stride)) {
    for (let f = F; f & 3; ++f) store<f32>(at(rows, f), 0);
  }
}

function copyFloats(to: usize, from: usize, floats: i32): void {
  for (; floats >= 4; floats -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
  for (; floats > 0; --floats, to += 4, from += 4) store<f32>(to, load<f32>(from));
}
