/**
 * A simple recurrent layer over a whole sequence: matrix products (products.ts) and one time step (gates/rnn.ts), forward
 * and backward through time.
 *
 *     h[t] = act(b + x[t] W + (m h[t-1]) R)
 *     dz[t] = act' (dy[t] + m (dz[t+1] R^T))
 *     dx = dz W^T    [db; dW; dR] += [1; x; m h before]^T dz
 *
 * Masks, steps, states, parameters, `activation`, rows and ids are those of lstm.ts, with one gate and without a cell.
 */
import { rnnGatesBackward, rnnGatesForward } from "../gates/rnn";
import { copy } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { chunkGradients, hiddenGradient, inputRows, joinsProducts, recurrentProduct, stepProduct } from "./products";
import { scratchFloats, settleBiases, sumBiases } from "./products";
import { parameterFloats, readWeights, writeWeights } from "./recurrent-weights";
import { chunkEnd, chunkStart, maskedHidden, maskRows, rowsAt, rowsIn, rowsOf } from "./steps";

const GATES: i32 = 1;

/** Floats of parameters, gradients and each optimizer moment. */
export function rnnParameterFloats(I: i32, H: i32, biases: i32): f64 {
  return parameterFloats(GATES, I, H, biases);
}

/** params <- weightIh [H, I], weightHh [H, H], biasIh, biasHh [H]; one trained bias is biasIh. */
export function rnnWriteWeights(
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
export function rnnReadWeights(
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
 * Floats of the cache of a forward call over N rows: in training h [N, H] | m h before [N, H], else m h before of one
 * step, as the pre-activations stand where the output comes. The sum of two biases [H] comes last.
 */
export function rnnCacheFloats(N: f64, B: f64, H: i32, training: bool): f64 {
  return (training ? 2 * N : B) * <f64>rowStride(H) + padded(H);
}

/** output [N, H], hidden [B, H], cache <- x [N, I], params. */
export function rnnForward(
  output: usize,
  hidden: usize,
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
  training: bool,
  first: i32,
  end: i32,
  tile: i32,
): void {
  assert(T > 0 && B > 0 && I > 0 && H > 0 && first >= 0 && end > first && end <= B);
  const state = rowStride(H);
  const N = training ? rowsOf(active, 0, T, B) : 0;
  let z = training ? cache : output;
  let hiddenBefore = at(cache, N * state);
  let bias = params;
  if (biases == 2) {
    bias = at(hiddenBefore, (training ? N : B) * state);
    sumBiases(bias, params, GATES, I, H);
  }
  z = at(z, first * state);
  hiddenBefore = at(hiddenBefore, first * state);
  output = at(output, first * state);
  hidden = at(hidden, first * state);
  if (recurrentMask) recurrentMask = at(recurrentMask, first * state);
  const isWhole = first == 0 && end == B;
  let row = first;
  for (let t = 0; t < T;) {
    const chunk = isWhole ? chunkEnd(active, t, T, B) : t + 1;
    const rows = isWhole ? rowsOf(active, t, chunk, B) : rowsIn(active, t, B, first, end);
    if (rows <= 0) break;
    const xRows = ids ? x : at(x, row * rowStride(I));
    const isJoint = !ids && chunk == t + 1 && joinsProducts(rows);
    if (!isJoint) inputRows(z, bias, xRows, params, ids ? at(ids, row) : 0, GATES, rows, I, H, tile);
    for (; t < chunk; ++t) {
      const running = rowsAt(active, t, B);
      const b = rowsIn(active, t, B, first, end);
      const before = maskedHidden(hiddenBefore, hidden, recurrentMask, b, H, training);
      if (isJoint) stepProduct(z, bias, xRows, before, params, GATES, b, I, H, tile);
      else recurrentProduct(z, before, params, GATES, b, I, H, tile);
      rnnGatesForward(output, z, b, H, activation);
      copy(hidden, output, b * state);
      row += running;
      output = at(output, running * state);
      z = at(z, running * state);
      if (training) hiddenBefore = at(hiddenBefore, running * state);
    }
  }
}

/** Floats of scratch that backward needs. */
export function rnnScratchFloats(I: i32, H: i32): f64 {
  return scratchFloats(GATES, I, H);
}

/**
 * dX [N, I] (0: not wanted), dHidden [B, H], dParams += from dOutput [N, H] (0: none) and the cache of a forward call in
 * training, which is used up: dz replaces h. `scratch` and dParams 0 are those of lstmBackward.
 */
export function rnnBackward(
  dX: usize,
  dHidden: usize,
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
  first: i32,
  end: i32,
  tile: i32,
): void {
  const isWhole = first == 0 && end == B;
  assert(isWhole || !dParams);
  const state = rowStride(H);
  const xRow = rowStride(I);
  const N = rowsOf(active, 0, T, B);
  const hiddenBefore = at(cache, N * state);
  dHidden = at(dHidden, first * state);
  if (recurrentMask) recurrentMask = at(recurrentMask, first * state);
  let row = N + first;
  for (let t = T; t > 0;) {
    const start = isWhole ? chunkStart(active, t, B) : t - 1;
    let rows = 0;
    while (t > start) {
      const b = max(0, rowsIn(active, --t, B, first, end));
      row -= rowsAt(active, t, B);
      rows += b;
      if (b == 0) continue;
      const dz = at(cache, row * state);
      rnnGatesBackward(dz, dOutput ? at(dOutput, row * state) : 0, dHidden, b, H, activation);
      hiddenGradient(dHidden, dz, scratch, GATES, b, I, H, tile);
      if (recurrentMask) maskRows(dHidden, dHidden, recurrentMask, b, H);
    }
    if (rows == 0) continue;
    const dXRows = dX && !ids ? at(dX, row * xRow) : dX;
    const before = at(hiddenBefore, row * state);
    const own = ids ? at(ids, row) : 0;
    chunkGradients(
      dXRows,
      dParams,
      scratch,
      at(cache, row * state),
      at(x, row * xRow),
      before,
      own,
      GATES,
      rows,
      I,
      H,
      tile,
    );
  }
  if (dParams) settleBiases(dParams, GATES, I, H, biases, 0, GATES * padded(H));
}
