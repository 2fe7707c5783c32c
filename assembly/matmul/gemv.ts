/**
 * One row: c [N] = init [N] + a [K] x W, the shape of streaming with batch size 1. Same sums, same bits as tile.ts; one
 * row has few accumulators, so two panels are worked together. Distances are bytes.
 */
import { madd, UNROLLED } from "../simd/f32x4";

/** One row by one panel. */
// prettier-ignore
export function row16(c: usize, init: usize, a: usize, aK: usize, w: usize, K: i32): void {
  let c0 = v128.load(init), c1 = v128.load(init, 16), c2 = v128.load(init, 32), c3 = v128.load(init, 48);
  for (; K > 0; --K) {
    const x = v128.load32_splat(a); a += aK;
    c0 = madd(x, v128.load(w), c0); c1 = madd(x, v128.load(w, 16), c1);
    c2 = madd(x, v128.load(w, 32), c2); c3 = madd(x, v128.load(w, 48), c3);
    w += 64;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
}

/** One row by two panels; `initPanel` and `wPanel` lead from the first panel to the second, c is contiguous. */
// prettier-ignore
export function row32(c: usize, init: usize, initPanel: usize, a: usize, aK: usize, w: usize, wPanel: usize, K: i32): void {
  let c0 = v128.load(init), c1 = v128.load(init, 16), c2 = v128.load(init, 32), c3 = v128.load(init, 48);
  init += initPanel;
  let c4 = v128.load(init), c5 = v128.load(init, 16), c6 = v128.load(init, 32), c7 = v128.load(init, 48);
  let v = w + wPanel;
  let x: v128;
  if (UNROLLED) {
    for (; K >= 4; K -= 4) {
      x = v128.load32_splat(a); a += aK;
      c0 = madd(x, v128.load(w), c0); c1 = madd(x, v128.load(w, 16), c1);
      c2 = madd(x, v128.load(w, 32), c2); c3 = madd(x, v128.load(w, 48), c3);
      c4 = madd(x, v128.load(v), c4); c5 = madd(x, v128.load(v, 16), c5);
      c6 = madd(x, v128.load(v, 32), c6); c7 = madd(x, v128.load(v, 48), c7);

      x = v128.load32_splat(a); a += aK;
      c0 = madd(x, v128.load(w, 64), c0); c1 = madd(x, v128.load(w, 80), c1);
      c2 = madd(x, v128.load(w, 96), c2); c3 = madd(x, v128.load(w, 112), c3);
      c4 = madd(x, v128.load(v, 64), c4); c5 = madd(x, v128.load(v, 80), c5);
      c6 = madd(x, v128.load(v, 96), c6); c7 = madd(x, v128.load(v, 112), c7);

      x = v128.load32_splat(a); a += aK;
      c0 = madd(x, v128.load(w, 128), c0); c1 = madd(x, v128.load(w, 144), c1);
      c2 = madd(x, v128.load(w, 160), c2); c3 = madd(x, v128.load(w, 176), c3);
      c4 = madd(x, v128.load(v, 128), c4); c5 = madd(x, v128.load(v, 144), c5);
      c6 = madd(x, v128.load(v, 160), c6); c7 = madd(x, v128.load(v, 176), c7);

      x = v128.load32_splat(a); a += aK;
      c0 = madd(x, v128.load(w, 192), c0); c1 = madd(x, v128.load(w, 208), c1);
      c2 = madd(x, v128.load(w, 224), c2); c3 = madd(x, v128.load(w, 240), c3);
      c4 = madd(x, v128.load(v, 192), c4); c5 = madd(x, v128.load(v, 208), c5);
      c6 = madd(x, v128.load(v, 224), c6); c7 = madd(x, v128.load(v, 240), c7);
      w += 256; v += 256;
    }
  }
  for (; K > 0; --K) {
    x = v128.load32_splat(a); a += aK;
    c0 = madd(x, v128.load(w), c0); c1 = madd(x, v128.load(w, 16), c1);
    c2 = madd(x, v128.load(w, 32), c2); c3 = madd(x, v128.load(w, 48), c3);
    c4 = madd(x, v128.load(v), c4); c5 = madd(x, v128.load(v, 16), c5);
    c6 = madd(x, v128.load(v, 32), c6); c7 = madd(x, v128.load(v, 48), c7);
    w += 64; v += 64;
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, c4, 64); v128.store(c, c5, 80); v128.store(c, c6, 96); v128.store(c, c7, 112);
}
