/**
 * The matrix products of a recurrent layer with a parameter block (recurrent-weights.ts) of 1 or 4 gates a unit:
 *
 *     z = b + x W + h' R        dh' = dz R^T        dx = dz W^T        [db; dW; dR] += [1; x; h']^T dz
 *
 * z and dz are rows of rowStride(gates padded(H)) floats, x of rowStride(I), h of rowStride(H).
 */
import { gemm } from "../matmul/gemm";
import { gradientScratchFloats, settleBias, weightGradient } from "../matmul/gradient";
import { packTransposed } from "../matmul/pack";
import { at, padded, PANEL, panelFloats, rowStride, ZEROS } from "../simd/layout";
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

/** Floats of the scratch of backward: the panel of weightGradient, W^T and R^T. */
export function scratchFloats(gates: i32, I: i32, H: i32): f64 {
  const rows = panelRows(gates, H);
  return gradientScratchFloats() + panelFloats(rows, I) + panelFloats(rows, H);
}

/** Rows of W^T and R^T. */
function panelRows(gates: i32, H: i32): i32 {
  return (gates * padded(H) + PANEL - 1) & ~(PANEL - 1);
}

function transposedW(scratch: usize): usize {
  return at(scratch, <i32>gradientScratchFloats());
}

function transposedR(scratch: usize, gates: i32, I: i32, H: i32): usize {
  return at(transposedW(scratch), <i32>panelFloats(panelRows(gates, H), I));
}

/** scratch <- R^T and, if `wantsDx`, W^T. */
export function transposeWeights(scratch: usize, params: usize, gates: i32, I: i32, H: i32, wantsDx: bool): void {
  const columns = gates * padded(H);
  const panel = (1 + I + H) * PANEL;
  if (wantsDx) packTransposed(transposedW(scratch), at(params, PANEL), I, columns, panel);
  packTransposed(transposedR(scratch, gates, I, H), at(params, (1 + I) * PANEL), H, columns, panel);
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
  const columns = gates * padded(H);
  const wPanel = panelRows(gates, H) * PANEL;
  const w = transposedR(scratch, gates, I, H);
  gemm(dHidden, rowStride(H), ZEROS, 0, 0, dz, rowStride(columns), 1, w, wPanel, b, columns, H, tile);
}

/** dX [N, I] (0: not wanted) <- dz [N, gates H] W^T; dParams += [1; x; before]^T dz, before [N, H] what met R. */
export function chunkGradients(
  dX: usize,
  dParams: usize,
  scratch: usize,
  dz: usize,
  x: usize,
  before: usize,
  gates: i32,
  N: i32,
  I: i32,
  H: i32,
  tile: i32,
): void {
  const columns = gates * padded(H);
  const gateRow = rowStride(columns);
  const xRow = rowStride(I);
  const wPanel = panelRows(gates, H) * PANEL;
  if (dX) gemm(dX, xRow, ZEROS, 0, 0, dz, gateRow, 1, transposedW(scratch), wPanel, N, columns, I, tile);
  weightGradient(dParams, dz, gateRow, x, xRow, before, rowStride(H), scratch, N, I, H, columns, tile);
}

/** After the last chunk: the second of two biases has the gradient of the first, no bias has none. */
export function settleBiases(dParams: usize, gates: i32, I: i32, H: i32, biases: i32): void {
  const second = biases == 2 ? secondBias(dParams, gates, I, H) : 0;
  if (biases != 1) settleBias(dParams, second, (1 + I + H) * PANEL, gates * padded(H));
}
