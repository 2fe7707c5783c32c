import { type LstmSizes, LstmTwin } from "./lstm.ts";
import type { Matmul, Matrix } from "./matrix.ts";

/** Longest run of k between two visits of C: a block of A and a panel of B stay in the first-level cache. */
const depth = 256;

export function tiledTwin(sizes: LstmSizes): LstmTwin {
  return new LstmTwin(sizes, tiledMatmul());
}

/**
 * 4x4 results in registers. Four rows of A and four columns of B are copied side by side, [k][4], short ones padded with zeros; as
 * float64, because the tile would otherwise convert each number again for every tile it takes part in.
 */
function tiledMatmul(): Matmul {
  const block = new Float64Array(4 * depth);
  const sums = new Float64Array(16);
  let panels = new Float64Array(0);
  return (c, a, b) => {
    const columns = Math.ceil(c.columns / 4) * 4;
    if (panels.length < columns * depth) panels = new Float64Array(columns * depth);
    for (let k = 0; k < b.rows; k += depth) {
      const K = Math.min(depth, b.rows - k);
      for (let n = 0; n < columns; n += 4) packColumns(panels, n * K, b, k, K, n);
      for (let m = 0; m < c.rows; m += 4) {
        packRows(block, a, m, k, K);
        for (let n = 0; n < columns; n += 4) {
          tile(sums, block, panels, n * K, K);
          addTile(c, sums, m, n);
        }
      }
    }
  };
}

function packColumns(panels: Float64Array, at: number, b: Matrix, k: number, K: number, n: number): void {
  const width = Math.min(4, b.columns - n);
  for (let step = 0; step < K; ++step) {
    const from = b.at + (k + step) * b.rowStep + n;
    for (let j = 0; j < 4; ++j) panels[at + step * 4 + j] = j < width ? (b.data[from + j] as number) : 0;
  }
}

function packRows(block: Float64Array, a: Matrix, m: number, k: number, K: number): void {
  const height = Math.min(4, a.rows - m);
  for (let step = 0; step < K; ++step) {
    const from = a.at + m * a.rowStep + (k + step) * a.columnStep;
    for (let i = 0; i < 4; ++i) block[step * 4 + i] = i < height ? (a.data[from + i * a.rowStep] as number) : 0;
  }
}

/** sums [4, 4] = block^T panel */
function tile(sums: Float64Array, block: Float64Array, panels: Float64Array, at: number, K: number): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let k = 0; k < 4 * K; k += 4) {
    const b0 = panels[at + k] as number;
    const b1 = panels[at + k + 1] as number;
    const b2 = panels[at + k + 2] as number;
    const b3 = panels[at + k + 3] as number;
    const a0 = block[k] as number;
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    const a1 = block[k + 1] as number;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    const a2 = block[k + 2] as number;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    const a3 = block[k + 3] as number;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  sums[0] = c00;
  sums[1] = c01;
  sums[2] = c02;
  sums[3] = c03;
  sums[4] = c10;
  sums[5] = c11;
  sums[6] = c12;
  sums[7] = c13;
  sums[8] = c20;
  sums[9] = c21;
  sums[10] = c22;
  sums[11] = c23;
  sums[12] = c30;
  sums[13] = c31;
  sums[14] = c32;
  sums[15] = c33;
}

function addTile(c: Matrix, sums: Float64Array, m: number, n: number): void {
  const height = Math.min(4, c.rows - m);
  const width = Math.min(4, c.columns - n);
  for (let i = 0; i < height; ++i) {
    const row = c.at + (m + i) * c.rowStep + n;
    for (let j = 0; j < width; ++j) c.data[row + j] = (c.data[row + j] as number) + (sums[i * 4 + j] as number);
  }
}
