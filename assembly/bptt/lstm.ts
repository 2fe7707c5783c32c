/**
 * LSTM over a whole sequence: matrix products (products.ts) and one time step (gates/), forward and backward through time.
 *
 *     z[t] = b + x[t] W + (m h[t-1]) R      (i, f, g, o, c[t], h[t]) = gates(z[t], c[t-1])
 *     dz[t] = gates backward of dh[t] = dy[t] + m (dz[t+1] R^T) and dc[t]
 *     dx = dz W^T    [db; dW; dR] += [1; x; m h before]^T dz
 *
 * m is a mask of recurrent dropout, rows [B, H] of 0 or 1 / (1 - rate): one for each sequence, the same at all steps
 * (Gal and Ghahramani 2016, tied over the gates); `recurrentMask` 0 stands for ones.
 *
 * Steps, rows and chunks are those of steps.ts, parameters lie as recurrent-weights.ts says; with two biases b is their
 * sum. `hidden` and `cell` [B, H] carry the state of every row, the initial one in and the one at the row's own end out;
 * backward `dHidden` and `dCell` do the same from the end to the start. `activation` (of g and of the cell) and
 * `recurrentActivation` (of i, f, o) are numbers of simd/activation.ts; tanh with sigmoid has a fast step of its own.
 *
 * Rows [first, end) of the batch are worked, so that threads share a batch: none of them meets another's row. With `ids`
 * (0: none), i32[N], x is a table of b + E W (products.ts).
 */
import { lstmGatesBackward, lstmGatesForward } from "../gates/lstm";
import { lstmAnyGatesBackward, lstmAnyGatesForward } from "../gates/lstm-any";
import { SIGMOID, TANH } from "../simd/activation";
import { copy } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { chunkGradients, hiddenGradient, inputRows, joinsProducts, recurrentProduct, stepProduct } from "./products";
import { scratchFloats, settleBiases, sumBiases } from "./products";
import { parameterFloats, readWeights, writeWeights } from "./recurrent-weights";
import { CHUNK_ROWS, chunkEnd, chunkStart, maskedHidden, maskRows, rowsAt, rowsIn, rowsOf } from "./steps";

const GATES: i32 = 4;

/** Floats of parameters, gradients and each optimizer moment. */
export function lstmParameterFloats(I: i32, H: i32, biases: i32): f64 {
  return parameterFloats(GATES, I, H, biases);
}

/** params <- weightIh [4H, I], weightHh [4H, H], biasIh, biasHh [4H] in PyTorch's order; one trained bias is biasIh. */
export function lstmWriteWeights(
  params: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  I: i32,
  H: i32,
  biases: i32,
): void {
  writeWeights(params, weightIh, weightHh, biasIh, biasHh, GATES, I, H, biases);
}

/** The way back; with one trained bias biasHh is left alone. */
export function lstmReadWeights(
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  params: usize,
  I: i32,
  H: i32,
  biases: i32,
): void {
  readWeights(weightIh, weightHh, biasIh, biasHh, params, GATES, I, H, biases);
}

/**
 * Floats of the cache of a forward call over N rows. In training it is what backward needs:
 *
 *     gates [N, 4H] | m h before [N, H] | cell before [N, H] | act(cell) [N, H]
 *
 * and else only the gates of one chunk and one step of act(cell), which m h before shares. The sum of two biases [4H]
 * comes last.
 */
export function lstmCacheFloats(N: f64, B: f64, H: i32, training: bool): f64 {
  const gates = <f64>rowStride(GATES * padded(H));
  const state = <f64>rowStride(H);
  if (training) return N * (gates + 3 * state) + GATES * padded(H);
  return Math.min(N, Math.max(B, CHUNK_ROWS)) * gates + B * state + GATES * padded(H);
}

/** output [N, H], hidden, cell [B, H], cache <- x [N, I], params. */
export function lstmForward(
  output: usize,
  hidden: usize,
  cell: usize,
  cache: usize,
  x: usize,
  params: usize,
  active: usize,
  recurrentMask: usize,
  ids: usize,
  T: i32,
  B: i32,
  I: i32,
  H: i32,
  biases: i32,
  activation: i32,
  recurrentActivation: i32,
  training: bool,
  first: i32,
  end: i32,
  tile: i32,
): void {
  assert(T > 0 && B > 0 && I > 0 && H > 0 && first >= 0 && end > first && end <= B);
  const state = rowStride(H);
  const gateRow = rowStride(GATES * padded(H));
  const N = rowsOf(active, 0, T, B);
  const gatesRows = training ? N : min(N, max(B, CHUNK_ROWS));
  let z = at(cache, first * gateRow);
  let hiddenBefore = at(cache, gatesRows * gateRow + first * state);
  let cellBefore = at(hiddenBefore, gatesRows * state);
  let actCell = training ? at(cellBefore, gatesRows * state) : hiddenBefore;
  let bias = params;
  if (biases == 2) {
    bias = at(actCell, (training ? gatesRows : B) * state - first * state);
    sumBiases(bias, params, GATES, I, H);
  }
  output = at(output, first * state);
  hidden = at(hidden, first * state);
  cell = at(cell, first * state);
  if (recurrentMask) recurrentMask = at(recurrentMask, first * state);
  const isUsual = activation == TANH && recurrentActivation == SIGMOID;
  const isWhole = first == 0 && end == B;
  let row = first;
  for (let t = 0; t < T;) {
    const chunk = isWhole ? chunkEnd(active, t, T, B) : t + 1;
    const rows = isWhole ? rowsOf(active, t, chunk, B) : rowsIn(active, t, B, first, end);
    if (rows <= 0) break;
    if (!training) z = at(cache, first * gateRow);
    const xRows = ids ? x : at(x, row * rowStride(I));
    const isJoint = !ids && chunk == t + 1 && joinsProducts(rows);
    if (!isJoint) inputRows(z, bias, xRows, params, ids ? at(ids, row) : 0, GATES, rows, I, H, tile);
    for (; t < chunk; ++t) {
      const running = rowsAt(active, t, B);
      const b = rowsIn(active, t, B, first, end);
      const before = maskedHidden(hiddenBefore, hidden, recurrentMask, b, H, training);
      if (isJoint) stepProduct(z, bias, xRows, before, params, GATES, b, I, H, tile);
      else recurrentProduct(z, before, params, GATES, b, I, H, tile);
      if (training) copy(cellBefore, cell, b * state);
      if (isUsual) lstmGatesForward(output, cell, actCell, z, b, H);
      else lstmAnyGatesForward(output, cell, actCell, z, b, H, activation, recurrentActivation);
      copy(hidden, output, b * state);
      row += running;
      output = at(output, running * state);
      z = at(z, running * gateRow);
      if (training) {
        hiddenBefore = at(hiddenBefore, running * state);
        cellBefore = at(cellBefore, running * state);
        actCell = at(actCell, running * state);
      }
    }
  }
}

/** Floats of scratch that backward needs. */
export function lstmScratchFloats(I: i32, H: i32): f64 {
  return scratchFloats(GATES, I, H);
}

/**
 * dX [N, I] (0: not wanted), dHidden, dCell [B, H], dParams += from dOutput [N, H] (0: none) and the cache of a forward
 * call in training, which is used up: dz replaces the gates. `scratch` has the transposed weights (recurrentTranspose). With
 * dParams 0 the gradients of parameters are left to recurrentGradients; only a call for all rows may have them added.
 */
export function lstmBackward(
  dX: usize,
  dHidden: usize,
  dCell: usize,
  dParams: usize,
  scratch: usize,
  dOutput: usize,
  cache: usize,
  x: usize,
  params: usize,
  active: usize,
  recurrentMask: usize,
  ids: usize,
  T: i32,
  B: i32,
  I: i32,
  H: i32,
  biases: i32,
  activation: i32,
  recurrentActivation: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  const isWhole = first == 0 && end == B;
  assert(isWhole || !dParams);
  const state = rowStride(H);
  const gateRow = rowStride(GATES * padded(H));
  const xRow = rowStride(I);
  const N = rowsOf(active, 0, T, B);
  const hiddenBefore = at(cache, N * gateRow);
  const cellBefore = at(hiddenBefore, N * state);
  const actCell = at(cellBefore, N * state);
  dHidden = at(dHidden, first * state);
  dCell = at(dCell, first * state);
  if (recurrentMask) recurrentMask = at(recurrentMask, first * state);
  const isUsual = activation == TANH && recurrentActivation == SIGMOID;
  let row = N + first;
  for (let t = T; t > 0;) {
    const start = isWhole ? chunkStart(active, t, B) : t - 1;
    let rows = 0;
    while (t > start) {
      const b = max(0, rowsIn(active, --t, B, first, end));
      row -= rowsAt(active, t, B);
      rows += b;
      if (b == 0) continue;
      const dz = at(cache, row * gateRow);
      const before = at(cellBefore, row * state);
      const acts = at(actCell, row * state);
      const dy = dOutput ? at(dOutput, row * state) : 0;
      if (isUsual) lstmGatesBackward(dz, dCell, dy, dHidden, before, acts, b, H);
      else lstmAnyGatesBackward(dz, dCell, dy, dHidden, before, acts, b, H, activation, recurrentActivation);
      hiddenGradient(dHidden, dz, scratch, GATES, b, I, H, tile);
      if (recurrentMask) maskRows(dHidden, dHidden, recurrentMask, b, H);
    }
    if (rows == 0) continue;
    const dXRows = dX && !ids ? at(dX, row * xRow) : dX;
    const dz = at(cache, row * gateRow);
    const before = at(hiddenBefore, row * state);
    const own = ids ? at(ids, row) : 0;
    chunkGradients(dXRows, dParams, scratch, dz, at(x, row * xRow), before, own, GATES, rows, I, H, tile);
  }
  if (dParams) settleBiases(dParams, GATES, I, H, biases, 0, GATES * padded(H));
}
