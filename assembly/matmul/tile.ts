/**
 * Register tiles: C [rows, columns] = init + A [rows, K] x W, where W is one panel: K rows of 16 columns (pack.ts).
 *
 * Every tile keeps one accumulator per element of C, starts it at `init` and adds k in ascending order, so all tiles
 * give the same bits. Distances are bytes here: `cRow`, `initRow`, `aRow` from row to row, `aK` from one k to the next
 * in a row of A. A transposed A is (4, row distance); zeros and a bias are initRow = 0. `blocks` tiles are worked one
 * below the other while the panel stays in the first-level cache. All are exported, which keeps them separate
 * functions: engines optimize those while a long call runs.
 *
 * Tiles tried and dropped: docs/kernels.md.
 */
import { madd, UNROLLED } from "../simd/f32x4";

/** Tile sizes as types: `offsetof` of a class is its size at compile time, so one source yields every size. */
@unmanaged
export class One {
  a: u8;
}


@unmanaged
export class Two {
  a: u8;
  b: u8;
}


@unmanaged
export class Three {
  a: u8;
  b: u8;
  c: u8;
}


@unmanaged
export class Four {
  a: u8;
  b: u8;
  c: u8;
  d: u8;
}


@unmanaged
export class Five {
  a: u8;
  b: u8;
  c: u8;
  d: u8;
  e: u8;
}


@unmanaged
export class Six {
  a: u8;
  b: u8;
  c: u8;
  d: u8;
  e: u8;
  f: u8;
}

/** Two rows by a whole panel: the widest tile whose operands fit in the 15 registers V8 has. */
// prettier-ignore
export function tile2x16(
  c: usize, cRow: usize, init: usize, initRow: usize,
  a: usize, aRow: usize, aK: usize, w: usize, K: i32, blocks: i32,
): void {
  for (; blocks > 0; --blocks) {
    let c00 = v128.load(init), c01 = v128.load(init, 16), c02 = v128.load(init, 32), c03 = v128.load(init, 48);
    init += initRow;
    let c10 = v128.load(init), c11 = v128.load(init, 16), c12 = v128.load(init, 32), c13 = v128.load(init, 48);
    init += initRow;
    let a0 = a, a1 = a + aRow, p = w, k = K, x0: v128, x1: v128, y: v128;
    if (UNROLLED) {
      for (; k >= 4; k -= 4) {
        x0 = v128.load32_splat(a0); a0 += aK; x1 = v128.load32_splat(a1); a1 += aK;
        y = v128.load(p); c00 = madd(x0, y, c00); c10 = madd(x1, y, c10);
        y = v128.load(p, 16); c01 = madd(x0, y, c01); c11 = madd(x1, y, c11);
        y = v128.load(p, 32); c02 = madd(x0, y, c02); c12 = madd(x1, y, c12);
        y = v128.load(p, 48); c03 = madd(x0, y, c03); c13 = madd(x1, y, c13);

        x0 = v128.load32_splat(a0); a0 += aK; x1 = v128.load32_splat(a1); a1 += aK;
        y = v128.load(p, 64); c00 = madd(x0, y, c00); c10 = madd(x1, y, c10);
        y = v128.load(p, 80); c01 = madd(x0, y, c01); c11 = madd(x1, y, c11);
        y = v128.load(p, 96); c02 = madd(x0, y, c02); c12 = madd(x1, y, c12);
        y = v128.load(p, 112); c03 = madd(x0, y, c03); c13 = madd(x1, y, c13);

        x0 = v128.load32_splat(a0); a0 += aK; x1 = v128.load32_splat(a1); a1 += aK;
        y = v128.load(p, 128); c00 = madd(x0, y, c00); c10 = madd(x1, y, c10);
        y = v128.load(p, 144); c01 = madd(x0, y, c01); c11 = madd(x1, y, c11);
        y = v128.load(p, 160); c02 = madd(x0, y, c02); c12 = madd(x1, y, c12);
        y = v128.load(p, 176); c03 = madd(x0, y, c03); c13 = madd(x1, y, c13);

        x0 = v128.load32_splat(a0); a0 += aK; x1 = v128.load32_splat(a1); a1 += aK;
        y = v128.load(p, 192); c00 = madd(x0, y, c00); c10 = madd(x1, y, c10);
        y = v128.load(p, 208); c01 = madd(x0, y, c01); c11 = madd(x1, y, c11);
        y = v128.load(p, 224); c02 = madd(x0, y, c02); c12 = madd(x1, y, c12);
        y = v128.load(p, 240); c03 = madd(x0, y, c03); c13 = madd(x1, y, c13);
        p += 256;
      }
    }
    for (; k > 0; --k) {
      x0 = v128.load32_splat(a0); a0 += aK; x1 = v128.load32_splat(a1); a1 += aK;
      y = v128.load(p); c00 = madd(x0, y, c00); c10 = madd(x1, y, c10);
      y = v128.load(p, 16); c01 = madd(x0, y, c01); c11 = madd(x1, y, c11);
      y = v128.load(p, 32); c02 = madd(x0, y, c02); c12 = madd(x1, y, c12);
      y = v128.load(p, 48); c03 = madd(x0, y, c03); c13 = madd(x1, y, c13);
      p += 64;
    }
    v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
    c += cRow;
    v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
    c += cRow;
    a += aRow << 1;
  }
}

/**
 * Six rows by half a panel, with the k of a row of A beside each other (aK is 4): the form with the fewest instructions, since
 * splats at fixed distances share an address computation among all rows.
 */
// prettier-ignore
export function tile6x8(
  c: usize, cRow: usize, init: usize, initRow: usize,
  a: usize, aRow: usize, w: usize, K: i32, blocks: i32,
): void {
  for (; blocks > 0; --blocks) {
    let c00 = v128.load(init), c01 = v128.load(init, 16); init += initRow;
    let c10 = v128.load(init), c11 = v128.load(init, 16); init += initRow;
    let c20 = v128.load(init), c21 = v128.load(init, 16); init += initRow;
    let c30 = v128.load(init), c31 = v128.load(init, 16); init += initRow;
    let c40 = v128.load(init), c41 = v128.load(init, 16); init += initRow;
    let c50 = v128.load(init), c51 = v128.load(init, 16); init += initRow;
    let a0 = a, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow, p = w, k = K;
    let x: v128, y0: v128, y1: v128;
    for (; k >= 8; k -= 8) {
      y0 = v128.load(p); y1 = v128.load(p, 16);
      x = v128.load32_splat(a0); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 64); y1 = v128.load(p, 80);
      x = v128.load32_splat(a0, 4); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 4); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 4); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 4); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 4); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 4); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 128); y1 = v128.load(p, 144);
      x = v128.load32_splat(a0, 8); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 8); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 8); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 8); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 8); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 8); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 192); y1 = v128.load(p, 208);
      x = v128.load32_splat(a0, 12); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 12); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 12); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 12); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 12); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 12); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 256); y1 = v128.load(p, 272);
      x = v128.load32_splat(a0, 16); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 16); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 16); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 16); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 16); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 16); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 320); y1 = v128.load(p, 336);
      x = v128.load32_splat(a0, 20); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 20); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 20); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 20); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 20); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 20); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 384); y1 = v128.load(p, 400);
      x = v128.load32_splat(a0, 24); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 24); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 24); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 24); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 24); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 24); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);

      y0 = v128.load(p, 448); y1 = v128.load(p, 464);
      x = v128.load32_splat(a0, 28); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1, 28); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2, 28); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3, 28); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4, 28); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5, 28); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);
      a0 += 32; a1 += 32; a2 += 32; a3 += 32; a4 += 32; a5 += 32; p += 512;
    }
    for (; k > 0; --k) {
      y0 = v128.load(p); y1 = v128.load(p, 16);
      x = v128.load32_splat(a0); c00 = madd(x, y0, c00); c01 = madd(x, y1, c01); x = v128.load32_splat(a1); c10 = madd(x, y0, c10); c11 = madd(x, y1, c11);
      x = v128.load32_splat(a2); c20 = madd(x, y0, c20); c21 = madd(x, y1, c21); x = v128.load32_splat(a3); c30 = madd(x, y0, c30); c31 = madd(x, y1, c31);
      x = v128.load32_splat(a4); c40 = madd(x, y0, c40); c41 = madd(x, y1, c41); x = v128.load32_splat(a5); c50 = madd(x, y0, c50); c51 = madd(x, y1, c51);
      a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; p += 64;
    }
    v128.store(c, c00); v128.store(c, c01, 16); c += cRow;
    v128.store(c, c10); v128.store(c, c11, 16); c += cRow;
    v128.store(c, c20); v128.store(c, c21, 16); c += cRow;
    v128.store(c, c30); v128.store(c, c31, 16); c += cRow;
    v128.store(c, c40); v128.store(c, c41, 16); c += cRow;
    v128.store(c, c50); v128.store(c, c51, 16); c += cRow;
    a += 6 * aRow;
  }
}

/** Eight rows by one vector, for four columns that are left, with the k beside each other: four rows wait for their own sums. */
// prettier-ignore
export function tile8x4(
  c: usize, cRow: usize, init: usize, initRow: usize,
  a: usize, aRow: usize, w: usize, K: i32, blocks: i32,
): void {
  for (; blocks > 0; --blocks) {
    let c0 = v128.load(init); init += initRow;
    let c1 = v128.load(init); init += initRow;
    let c2 = v128.load(init); init += initRow;
    let c3 = v128.load(init); init += initRow;
    let c4 = v128.load(init); init += initRow;
    let c5 = v128.load(init); init += initRow;
    let c6 = v128.load(init); init += initRow;
    let c7 = v128.load(init); init += initRow;
    let a0 = a, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow, a6 = a5 + aRow, a7 = a6 + aRow;
    let p = w, k = K, y: v128;
    for (; k >= 2; k -= 2) {
      y = v128.load(p);
      c0 = madd(v128.load32_splat(a0), y, c0); c1 = madd(v128.load32_splat(a1), y, c1); c2 = madd(v128.load32_splat(a2), y, c2); c3 = madd(v128.load32_splat(a3), y, c3);
      c4 = madd(v128.load32_splat(a4), y, c4); c5 = madd(v128.load32_splat(a5), y, c5); c6 = madd(v128.load32_splat(a6), y, c6); c7 = madd(v128.load32_splat(a7), y, c7);

      y = v128.load(p, 64);
      c0 = madd(v128.load32_splat(a0, 4), y, c0); c1 = madd(v128.load32_splat(a1, 4), y, c1); c2 = madd(v128.load32_splat(a2, 4), y, c2); c3 = madd(v128.load32_splat(a3, 4), y, c3);
      c4 = madd(v128.load32_splat(a4, 4), y, c4); c5 = madd(v128.load32_splat(a5, 4), y, c5); c6 = madd(v128.load32_splat(a6, 4), y, c6); c7 = madd(v128.load32_splat(a7, 4), y, c7);
      a0 += 8; a1 += 8; a2 += 8; a3 += 8; a4 += 8; a5 += 8; a6 += 8; a7 += 8; p += 128;
    }
    for (; k > 0; --k) {
      y = v128.load(p);
      c0 = madd(v128.load32_splat(a0), y, c0); c1 = madd(v128.load32_splat(a1), y, c1); c2 = madd(v128.load32_splat(a2), y, c2); c3 = madd(v128.load32_splat(a3), y, c3);
      c4 = madd(v128.load32_splat(a4), y, c4); c5 = madd(v128.load32_splat(a5), y, c5); c6 = madd(v128.load32_splat(a6), y, c6); c7 = madd(v128.load32_splat(a7), y, c7);
      a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; a6 += 4; a7 += 4; p += 64;
    }
    v128.store(c, c0); c += cRow;
    v128.store(c, c1); c += cRow;
    v128.store(c, c2); c += cRow;
    v128.store(c, c3); c += cRow;
    v128.store(c, c4); c += cRow;
    v128.store(c, c5); c += cRow;
    v128.store(c, c6); c += cRow;
    v128.store(c, c7); c += cRow;
    a += aRow << 3;
  }
}

/** Up to four rows by two vectors (columns 0-7 from `w` on) or by one: what is left of a panel, and older engines. */
// prettier-ignore
export function tile<Rows, Vectors>(
  c: usize, cRow: usize, init: usize, initRow: usize,
  a: usize, aRow: usize, aK: usize, w: usize, K: i32, blocks: i32,
): void {
  for (; blocks > 0; --blocks) {
    let c00 = v128.load(init), c10 = c00, c20 = c00, c30 = c00, c01 = c00, c11 = c00, c21 = c00, c31 = c00;
    if (offsetof<Vectors>() > 1) c01 = v128.load(init, 16);
    init += initRow;
    if (offsetof<Rows>() > 1) { c10 = v128.load(init); if (offsetof<Vectors>() > 1) c11 = v128.load(init, 16); init += initRow; }
    if (offsetof<Rows>() > 2) { c20 = v128.load(init); if (offsetof<Vectors>() > 1) c21 = v128.load(init, 16); init += initRow; }
    if (offsetof<Rows>() > 3) { c30 = v128.load(init); if (offsetof<Vectors>() > 1) c31 = v128.load(init, 16); init += initRow; }
    let a0 = a, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, p = w, y1: v128, x: v128;
    for (let k = K; k > 0; --k) {
      const y0 = v128.load(p);
      if (offsetof<Vectors>() > 1) y1 = v128.load(p, 16);
      x = v128.load32_splat(a0); a0 += aK; c00 = madd(x, y0, c00); if (offsetof<Vectors>() > 1) c01 = madd(x, y1, c01);
      if (offsetof<Rows>() > 1) { x = v128.load32_splat(a1); a1 += aK; c10 = madd(x, y0, c10); if (offsetof<Vectors>() > 1) c11 = madd(x, y1, c11); }
      if (offsetof<Rows>() > 2) { x = v128.load32_splat(a2); a2 += aK; c20 = madd(x, y0, c20); if (offsetof<Vectors>() > 1) c21 = madd(x, y1, c21); }
      if (offsetof<Rows>() > 3) { x = v128.load32_splat(a3); a3 += aK; c30 = madd(x, y0, c30); if (offsetof<Vectors>() > 1) c31 = madd(x, y1, c31); }
      p += 64;
    }
    v128.store(c, c00); if (offsetof<Vectors>() > 1) v128.store(c, c01, 16);
    c += cRow;
    if (offsetof<Rows>() > 1) { v128.store(c, c10); if (offsetof<Vectors>() > 1) v128.store(c, c11, 16); c += cRow; }
    if (offsetof<Rows>() > 2) { v128.store(c, c20); if (offsetof<Vectors>() > 1) v128.store(c, c21, 16); c += cRow; }
    if (offsetof<Rows>() > 3) { v128.store(c, c30); if (offsetof<Vectors>() > 1) v128.store(c, c31, 16); c += cRow; }
    a += offsetof<Rows>() * aRow;
  }
}
