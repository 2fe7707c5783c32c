/**
 * The tile for V8's 256-bit code (turbo): four to six rows by a whole panel. V8 joins neighbouring vectors, so its twelve
 * accumulators of 256 bits are 24 here, more than there are registers without turbo: docs/decisions/0007-turbo.md.
 *
 * Arguments are those of tile.ts, with the k of a row of A beside each other (aK is 4). What counts is the number of
 * instructions: splats at fixed distances share an address computation among all rows, which one moving pointer a row would
 * not. Stores go from high to low: the other way V8 stores the low half twice.
 */
import { madd } from "../simd/f32x4";

// prettier-ignore
export function tall<Rows>(
  c: usize, cRow: usize, init: usize, initRow: usize,
  a: usize, aRow: usize, w: usize, K: i32, blocks: i32,
): void {
  for (; blocks > 0; --blocks) {
    let c00 = v128.load(init), c01 = v128.load(init, 16), c02 = v128.load(init, 32), c03 = v128.load(init, 48);
    init += initRow;
    let c10 = v128.load(init), c11 = v128.load(init, 16), c12 = v128.load(init, 32), c13 = v128.load(init, 48);
    init += initRow;
    let c20 = v128.load(init), c21 = v128.load(init, 16), c22 = v128.load(init, 32), c23 = v128.load(init, 48);
    init += initRow;
    let c30 = v128.load(init), c31 = v128.load(init, 16), c32 = v128.load(init, 32), c33 = v128.load(init, 48);
    init += initRow;
    let c40 = c00, c41 = c00, c42 = c00, c43 = c00, c50 = c00, c51 = c00, c52 = c00, c53 = c00;
    if (offsetof<Rows>() > 4) { c40 = v128.load(init); c41 = v128.load(init, 16); c42 = v128.load(init, 32); c43 = v128.load(init, 48); init += initRow; }
    if (offsetof<Rows>() > 5) { c50 = v128.load(init); c51 = v128.load(init, 16); c52 = v128.load(init, 32); c53 = v128.load(init, 48); init += initRow; }
    let a0 = a, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow, p = w, k = K;
    let x: v128, y0: v128, y1: v128, y2: v128, y3: v128;
    for (; k >= 8; k -= 8) {
      y0 = v128.load(p); y1 = v128.load(p, 16); y2 = v128.load(p, 32); y3 = v128.load(p, 48);
      x = v128.load32_splat(a0); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 64); y1 = v128.load(p, 80); y2 = v128.load(p, 96); y3 = v128.load(p, 112);
      x = v128.load32_splat(a0, 4); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 4); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 4); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 4); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 4); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 4); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 128); y1 = v128.load(p, 144); y2 = v128.load(p, 160); y3 = v128.load(p, 176);
      x = v128.load32_splat(a0, 8); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 8); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 8); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 8); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 8); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 8); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 192); y1 = v128.load(p, 208); y2 = v128.load(p, 224); y3 = v128.load(p, 240);
      x = v128.load32_splat(a0, 12); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 12); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 12); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 12); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 12); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 12); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 256); y1 = v128.load(p, 272); y2 = v128.load(p, 288); y3 = v128.load(p, 304);
      x = v128.load32_splat(a0, 16); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 16); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 16); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 16); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 16); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 16); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 320); y1 = v128.load(p, 336); y2 = v128.load(p, 352); y3 = v128.load(p, 368);
      x = v128.load32_splat(a0, 20); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 20); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 20); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 20); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 20); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 20); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 384); y1 = v128.load(p, 400); y2 = v128.load(p, 416); y3 = v128.load(p, 432);
      x = v128.load32_splat(a0, 24); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 24); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 24); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 24); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 24); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 24); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }

      y0 = v128.load(p, 448); y1 = v128.load(p, 464); y2 = v128.load(p, 480); y3 = v128.load(p, 496);
      x = v128.load32_splat(a0, 28); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1, 28); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2, 28); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3, 28); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4, 28); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5, 28); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }
      a0 += 32; a1 += 32; a2 += 32; a3 += 32; a4 += 32; a5 += 32; p += 512;
    }
    for (; k > 0; --k) {
      y0 = v128.load(p); y1 = v128.load(p, 16); y2 = v128.load(p, 32); y3 = v128.load(p, 48);
      x = v128.load32_splat(a0); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); c02 = madd(x, y2, c02); c03 = madd(x, y3, c03);
      x = v128.load32_splat(a1); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11); c12 = madd(x, y2, c12); c13 = madd(x, y3, c13);
      x = v128.load32_splat(a2); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); c22 = madd(x, y2, c22); c23 = madd(x, y3, c23);
      x = v128.load32_splat(a3); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31); c32 = madd(x, y2, c32); c33 = madd(x, y3, c33);
      if (offsetof<Rows>() > 4) { x = v128.load32_splat(a4); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); c42 = madd(x, y2, c42); c43 = madd(x, y3, c43); }
      if (offsetof<Rows>() > 5) { x = v128.load32_splat(a5); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51); c52 = madd(x, y2, c52); c53 = madd(x, y3, c53); }
      a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; p += 64;
    }
    v128.store(c, c03, 48); v128.store(c, c02, 32); v128.store(c, c01, 16); v128.store(c, c00); c += cRow;
    v128.store(c, c13, 48); v128.store(c, c12, 32); v128.store(c, c11, 16); v128.store(c, c10); c += cRow;
    v128.store(c, c23, 48); v128.store(c, c22, 32); v128.store(c, c21, 16); v128.store(c, c20); c += cRow;
    v128.store(c, c33, 48); v128.store(c, c32, 32); v128.store(c, c31, 16); v128.store(c, c30); c += cRow;
    if (offsetof<Rows>() > 4) { v128.store(c, c43, 48); v128.store(c, c42, 32); v128.store(c, c41, 16); v128.store(c, c40); c += cRow; }
    if (offsetof<Rows>() > 5) { v128.store(c, c53, 48); v128.store(c, c52, 32); v128.store(c, c51, 16); v128.store(c, c50); c += cRow; }
    a += offsetof<Rows>() * aRow;
  }
}
