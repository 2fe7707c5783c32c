/**
 * The matrix products of a recurrent layer with a parameter block (recurrent-weights.ts) of 1 or 4 gates a unit:
 *
 *     z = b + x W + h' R        dh' = dz R^T        dx = dz W^T        [db; dW; dR] += [1; x; h']^T dz
 *
 * z and dz are rows of rowStride(gates padded(H)) floats, x of rowStride(I), h of rowStride(H).
 *
 * Where x are rows of an embedding E [V, I], looked up by `ids`, the products with all rows become products with E, once,
 * since b + E W has the bits of b + x W for each token:
 *
 *     table = b + E W     z[n] = table[ids[n]] + h' R     dTable[ids[n]] += dz[n]     dE += dTable W^T     dW += E^T dTable
 */
import { gemm, ROW_BLOCK } from "../matmul/gemm";
import { gradientScratchFloats, settleBias, weightGradient } from "../matmul/gradient";
import { packTransposed } from "../matmul/pack";
import { at, padded, PANEL, panelFloats, rowStride, transposedRows, ZEROS } from "../simd/layout";
import { gatherRows, scatterAddRows } from "../simd/rows";
import { secondBias } from "./recurrent-weights";

/** sum [gates padded(H)] <- the bias row of the panels + the second bias. */
export function sumBiases(sum: usize, params: usize, gates: i32, I: i32, H: i32): void {
  const panel = (1 + I + H) * PANEL;
  const second = secondBias(params, gates, I, H);
  for (let n = 0; n < gates * padded(H); n += 4) {
    const first = v128.load(at(params, (n / PANEL) * panel + (n % PANEL)));
    v128.store(at(sum, n), f32x4.add(first, v128.load(at(second, n))));
  }
}

/** z [N, gates H] <- bias + x [N, I] W; the bias is that of the panels (`bias` is `params`) or a vector. */
export function inputProduct(
  z: usize,
  bias: usize,
  x: usize,
  params: usize,
  gates: i32,
  N: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  const panel = (1 + I + H) * PANEL;
  const biasPanel = bias == params ? panel : PANEL;
  gemm(z, rowStride(columns), bias, 0, biasPanel, x, rowStride(I), 1, at(params, PANEL), panel, N, I, columns, tile);
}

/** z [N, gates H] <- rows of the table [V, gates H] by `ids`, or without them bias + x [N, I] W. */
export function inputRows(
  z: usize,
  bias: usize,
  x: usize,
  params: usize,
  ids: usize,
  gates: i32,
  N: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  if (ids) gatherRows(z, rowStride(columns), x, rowStride(columns), ids, N, columns);
  else inputProduct(z, bias, x, params, gates, N, I, H, tile);
}

/** Floats of a table, and of the sum of two biases behind it. */
export function recurrentTableFloats(gates: i32, V: i32, H: i32): f64 {
  return <f64>V * rowStride(gates * padded(H)) + gates * padded(H);
}

/** Rows [first, end) of table [V, gates H] <- bias + embedding [V, I] W. Threads write the same sums of biases behind it. */
export function recurrentTable(
  table: usize,
  embedding: usize,
  params: usize,
  gates: i32,
  V: i32,
  I: i32,
  H: i32,
  biases: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  const row = rowStride(gates * padded(H));
  let bias = params;
  if (biases == 2) {
    bias = at(table, V * row);
    sumBiases(bias, params, gates, I, H);
  }
  const from = at(embedding, first * rowStride(I));
  inputProduct(at(table, first * row), bias, from, params, gates, end - first, I, H, tile);
}

/** Rows [first, end) of dEmbedding [V, I] += dTable [V, gates H] W^T, which is in `scratch`. */
export function recurrentTableBackward(
  dEmbedding: usize,
  scratch: usize,
  dTable: usize,
  gates: i32,
  I: i32,
  H: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  const to = at(dEmbedding, first * rowStride(I));
  const from = at(dTable, first * rowStride(gates * padded(H)));
  const w = transposedW(scratch, gates, I, H);
  transposedProduct(to, to, rowStride(I), PANEL, from, w, gates, end - first, I, H, tile);
}

/** z [b, gates H] += hidden [b, H] R. */
export function recurrentProduct(
  z: usize,
  hidden: usize,
  params: usize,
  gates: i32,
  b: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  const gateRow = rowStride(columns);
  const r = at(params, (1 + I) * PANEL);
  gemm(z, gateRow, z, gateRow, PANEL, hidden, rowStride(H), 1, r, (1 + I + H) * PANEL, b, H, columns, tile);
}

/** Whether stepProduct is for a step of so many rows: for one there is a faster way, and more leave the caches. */
// @ts-ignore: decorator
@inline
export function joinsProducts(rows: i32): bool {
  return rows > 1 && rows <= ROW_BLOCK;
}

/**
 * z [b, gates H] <- bias + x [b, I] W + hidden [b, H] R, both products of a panel one after the other, while its z is in the
 * first-level cache. The same bits as inputProduct and recurrentProduct.
 */
export function stepProduct(
  z: usize,
  bias: usize,
  x: usize,
  hidden: usize,
  params: usize,
  gates: i32,
  b: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  const gateRow = rowStride(columns);
  const panel = (1 + I + H) * PANEL;
  const biasPanel = bias == params ? panel : PANEL;
  for (let n = 0; n < columns; n += PANEL) {
    const wanted = min(PANEL, columns - n);
    gemm(z, gateRow, bias, 0, 0, x, rowStride(I), 1, at(params, PANEL), 0, b, I, wanted, tile);
    gemm(z, gateRow, z, gateRow, 0, hidden, rowStride(H), 1, at(params, (1 + I) * PANEL), 0, b, H, wanted, tile);
    z = at(z, PANEL);
    bias = at(bias, biasPanel);
    params = at(params, panel);
  }
}

/** Floats of the scratch of backward: the panel of weightGradient, W^T and R^T. */
export function scratchFloats(gates: i32, I: i32, H: i32): f64 {
  const rows = transposedRows(gates * padded(H));
  return gradientScratchFloats(I + H, gates * padded(H)) + panelFloats(rows, I) + panelFloats(rows, H);
}

function transposedW(scratch: usize, gates: i32, I: i32, H: i32): usize {
  return at(scratch, <i32>gradientScratchFloats(I + H, gates * padded(H)));
}

export function transposedR(scratch: usize, gates: i32, I: i32, H: i32): usize {
  return at(transposedW(scratch, gates, I, H), <i32>panelFloats(transposedRows(gates * padded(H)), I));
}

/** scratch <- R^T and, if `wantsDx`, W^T: before a backward pass. */
export function recurrentTranspose(scratch: usize, params: usize, gates: i32, I: i32, H: i32, wantsDx: bool): void {
  const columns = gates * padded(H);
  const panel = (1 + I + H) * PANEL;
  if (wantsDx) packTransposed(transposedW(scratch, gates, I, H), at(params, PANEL), I, columns, panel);
  packTransposed(transposedR(scratch, gates, I, H), at(params, (1 + I) * PANEL), H, columns, panel);
}

/** to [N, K] <- start (its row and panel strides; ZEROS, 0, 0 or `to`) + dz [N, gates H] w, one of W^T [, I] and R^T [, H]. */
function transposedProduct(
  to: usize,
  start: usize,
  startRow: i32,
  startPanel: i32,
  dz: usize,
  w: usize,
  gates: i32,
  N: i32,
  K: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  const wPanel = transposedRows(columns) * PANEL;
  gemm(to, rowStride(K), start, startRow, startPanel, dz, rowStride(columns), 1, w, wPanel, N, columns, K, tile);
}

/** dHidden [b, H] <- dz [b, gates H] R^T. */
export function hiddenGradient(
  dHidden: usize,
  dz: usize,
  scratch: usize,
  gates: i32,
  b: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  transposedProduct(dHidden, ZEROS, 0, 0, dz, transposedR(scratch, gates, I, H), gates, b, H, H, tile);
}

/** dX [N, I] <- dz [N, gates H] W^T. */
function inputGradient(dX: usize, dz: usize, scratch: usize, gates: i32, N: i32, I: i32, H: i32, tile: i32): void {
  transposedProduct(dX, ZEROS, 0, 0, dz, transposedW(scratch, gates, I, H), gates, N, I, H, tile);
}

/**
 * dX [N, I] (0: not wanted) <- dz [N, gates H] W^T; dParams (0: not wanted) += [1; x; before]^T dz, before [N, H] what met R.
 * With `ids` dX is dTable, which counts among the gradients of parameters, and x has no other.
 */
export function chunkGradients(
  dX: usize,
  dParams: usize,
  scratch: usize,
  dz: usize,
  x: usize,
  before: usize,
  ids: usize,
  gates: i32,
  N: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  const gateRow = rowStride(columns);
  const xRow = rowStride(I);
  if (!ids && dX) inputGradient(dX, dz, scratch, gates, N, I, H, tile);
  if (!dParams) return;
  if (ids) scatterAddRows(dX, gateRow, dz, gateRow, ids, N, columns);
  const rows = ids ? 0 : x;
  weightGradient(dParams, dz, gateRow, rows, xRow, before, rowStride(H), scratch, N, I, H, true, 0, columns, tile);
}

/**
 * Columns [first, end) of dParams += [1; x; before]^T dz over all N rows, for threads that share them. The cache of either
 * cell begins with dz and `before`; x is 0 where it was looked up. `first` is a multiple of 16.
 */
export function recurrentGradients(
  dParams: usize,
  scratch: usize,
  cache: usize,
  x: usize,
  gates: i32,
  N: i32,
  I: i32,
  H: i32,
  biases: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  const gateRow = rowStride(gates * padded(H));
  const before = at(cache, N * gateRow);
  const xRow = rowStride(I);
  weightGradient(dParams, cache, gateRow, x, xRow, before, rowStride(H), scratch, N, I, H, true, first, end, tile);
  settleBiases(dParams, gates, I, H, biases, first, end);
}

/** Rows [first, end) of dX <- dz W^T, where a backward pass has left them. */
export function recurrentInputGradients(
  dX: usize,
  scratch: usize,
  dz: usize,
  gates: i32,
  I: i32,
  H: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  const from = at(dz, first * rowStride(gates * padded(H)));
  inputGradient(at(dX, first * rowStride(I)), from, scratch, gates, end - first, I, H, tile);
}

/** After the last chunk: the second of two biases has the gradient of the first, no bias has none. */
export function settleBiases(dParams: usize, gates: i32, I: i32, H: i32, biases: i32, first: i32, end: i32): void {
  const second = biases == 2 ? secondBias(dParams, gates, I, H) : 0;
  if (biases != 1) settleBias(dParams, second, (1 + I + H) * PANEL, first, end);
}
