/**
 * The edge between user arrays [B, T, F], batch first and dense, and the rows that kernels work on: step after step, the
 * active[t] rows of step t (all B where `active` is 0), rowStride(F) floats apart, pads zero. `order[b]` is the user's row
 * that stands at place b (0: the same order), longest first where rows end early.
 */
import { at, rowStride } from "../simd/layout";

// @ts-ignore: decorator
@inline
function placeOf(order: usize, b: i32): i32 {
  return order ? load<i32>(at(order, b)) : b;
}

/** rows [N, F] <- values [B, T, F]. */
export function packSequence(rows: usize, values: usize, order: usize, active: usize, T: i32, B: i32, F: i32): void {
  const stride = rowStride(F);
  for (let t = 0; t < T; ++t) {
    const running = active ? load<i32>(at(active, t)) : B;
    for (let b = 0; b < running; ++b) {
      copyRow(rows, at(values, (placeOf(order, b) * T + t) * F), F);
      for (let f = F; f & 3; ++f) store<f32>(at(rows, f), 0);
      rows = at(rows, stride);
    }
  }
}

/** values [B, T, F] <- rows [N, F], zeros where a row has ended. */
export function unpackSequence(values: usize, rows: usize, order: usize, active: usize, T: i32, B: i32, F: i32): void {
  const stride = rowStride(F);
  for (let t = 0; t < T; ++t) {
    const running = active ? load<i32>(at(active, t)) : B;
    for (let b = 0; b < B; ++b) {
      const to = at(values, (placeOf(order, b) * T + t) * F);
      if (b < running) {
        copyRow(to, rows, F);
        rows = at(rows, stride);
      } else {
        for (let f = 0; f < F; ++f) store<f32>(at(to, f), 0);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRow(to: usize, from: usize, F: i32): void {
  let f = 0;
  for (; f + 4 <= F; f += 4) v128.store(at(to, f), v128.load(at(from, f)));
  for (; f < F; ++f) store<f32>(at(to, f), load<f32>(at(from, f)));
}
