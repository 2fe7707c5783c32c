/**
 * LSTM over a whole sequence: matmul (matmul/) and one time step (gates/lstm.ts), forward and backward through time.
 *
 *     z[t] = b + x[t] W + h[t-1] R          (i, f, g, o, c[t], h[t]) = gates(z[t], c[t-1])
 *     dz[t] = gates backward of dh[t] = dy[t] + dz[t+1] R^T and dc[t]
 *     dx = dz W^T    [db; dW; dR] += [1; x; h before]^T dz
 *
 * Sequences are packed rows, step after step: step t holds the active[t] rows (all B where `active` is 0) that have not
 * ended, sorted so that they are the first ones. N is the number of rows of all steps. `hidden` and `cell` [B, H] carry
 * the state of every row, the initial one in and the one at the row's own end out; backward `dHidden` and `dCell` do the
 * same from the end to the start.
 *
 * Parameters are laid out as lstm-weights.ts says; with two biases b is their sum.
 *
 * Steps go in chunks of about CHUNK_ROWS rows, for which the input projection and the weight gradients are one matmul
 * each: enough rows for full tiles, few enough to find the gates still in the second-level cache.
 */
import { lstmGatesBackward, lstmGatesForward } from "../gates/lstm";
import { gemm } from "../matmul/gemm";
import { gradientScratchFloats, settleBias, weightGradient } from "../matmul/gradient";
import { packTransposed } from "../matmul/pack";
import { copy } from "../simd/f32x4";
import { at, padded, PANEL, panelFloats, rowStride, ZEROS } from "../simd/layout";
import { secondBias } from "./lstm-weights";

const CHUNK_ROWS: i32 = 64;

/**
 * Floats of the cache of a forward call over N rows. In training it is what backward needs:
 *
 *     gates [N, 4H] | hidden before [N, H] | cell before [N, H] | tanh(cell) [N, H]
 *
 * and else only the gates of one chunk and one step of tanh(cell). The sum of two biases [4H] comes last.
 */
export function lstmCacheFloats(N: f64, B: f64, H: i32, training: bool): f64 {
  const gates = <f64>rowStride(4 * padded(H));
  const state = <f64>rowStride(H);
  if (training) return N * (gates + 3 * state) + 4 * padded(H);
  return Math.min(N, Math.max(B, CHUNK_ROWS)) * gates + B * state + 4 * padded(H);
}

/** Rows running at step t. */
// @ts-ignore: decorator
@inline
function rowsAt(active: usize, t: i32, B: i32): i32 {
  const rows = active ? load<i32>(at(active, t)) : B;
  if (!ASC_NO_ASSERT) assert(rows >= 0 && rows <= (t && active ? load<i32>(at(active, t - 1)) : B));
  return rows;
}

/** N: the rows of all steps. */
function rowsOf(active: usize, T: i32, B: i32): i32 {
  if (!active) return T * B;
  let rows = 0;
  for (let t = 0; t < T; ++t) rows += load<i32>(at(active, t));
  return rows;
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
  T: i32,
  B: i32,
  I: i32,
  H: i32,
  biases: i32,
  training: bool,
  tile: i32,
): void {
  assert(T > 0 && B > 0 && I > 0 && H > 0);
  const xRow = rowStride(I);
  const state = rowStride(H);
  const columns = 4 * padded(H);
  const gateRow = rowStride(columns);
  const panel = (1 + I + H) * PANEL;
  const gatesRows = training ? rowsOf(active, T, B) : min(rowsOf(active, T, B), max(B, CHUNK_ROWS));
  let z = cache;
  let hiddenBefore = at(cache, gatesRows * gateRow);
  let cellBefore = at(hiddenBefore, gatesRows * state);
  // Inference keeps no states: tanh(cell) of one step follows the gates.
  let tanhCell = training ? at(cellBefore, gatesRows * state) : hiddenBefore;
  let bias = params;
  let biasPanel = panel;
  if (biases == 2) {
    bias = at(tanhCell, (training ? gatesRows : B) * state);
    biasPanel = PANEL;
    sumBiases(bias, params, secondBias(params, I, H), panel, columns);
  }
  for (let t = 0; t < T;) {
    let end = t;
    let rows = 0;
    do rows += rowsAt(active, end++, B);
    while (end < T && rows + rowsAt(active, end, B) <= CHUNK_ROWS);
    if (!training) z = cache;
    // z = b + x W, for all steps of the chunk
    gemm(z, gateRow, bias, 0, biasPanel, x, xRow, 1, at(params, PANEL), panel, rows, I, columns, tile);
    x = at(x, rows * xRow);
    for (; t < end; ++t) {
      const b = rowsAt(active, t, B);
      if (training) {
        copy(hiddenBefore, hidden, b * state);
        copy(cellBefore, cell, b * state);
      }
      // z += h[t-1] R, then i, f, g, o, c, h
      const recurrent = at(params, (1 + I) * PANEL);
      gemm(z, gateRow, z, gateRow, PANEL, hidden, state, 1, recurrent, panel, b, H, columns, tile);
      lstmGatesForward(output, cell, tanhCell, z, b, H);
      copy(hidden, output, b * state);
      output = at(output, b * state);
      z = at(z, b * gateRow);
      if (training) {
        hiddenBefore = at(hiddenBefore, b * state);
        cellBefore = at(cellBefore, b * state);
        tanhCell = at(tanhCell, b * state);
      }
    }
  }
}

/** sum [N] <- the bias row of each panel + second [N]. */
function sumBiases(sum: usize, panels: usize, second: usize, panel: i32, N: i32): void {
  for (let n = 0; n < N; n += 4) {
    const first = v128.load(at(panels, (n / PANEL) * panel + (n % PANEL)));
    v128.store(at(sum, n), f32x4.add(first, v128.load(at(second, n))));
  }
}

/** Floats of scratch that backward needs: W^T, R^T and the panel of weightGradient. */
export function lstmScratchFloats(I: i32, H: i32): f64 {
  return panelFloats(4 * padded(H), I) + panelFloats(4 * padded(H), H) + gradientScratchFloats();
}

/**
 * dX [N, I] (0: not wanted), dHidden, dCell [B, H], dParams += from dOutput [N, H] (0: none) and the cache of a forward
 * call in training, which is used up: dz replaces the gates.
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
  T: i32,
  B: i32,
  I: i32,
  H: i32,
  biases: i32,
  tile: i32,
): void {
  const xRow = rowStride(I);
  const state = rowStride(H);
  const columns = 4 * padded(H);
  const gateRow = rowStride(columns);
  const panel = (1 + I + H) * PANEL;
  const N = rowsOf(active, T, B);
  const hiddenBefore = at(cache, N * gateRow);
  const cellBefore = at(hiddenBefore, N * state);
  const tanhCell = at(cellBefore, N * state);
  const transposedW = at(scratch, <i32>gradientScratchFloats());
  const transposedR = at(transposedW, <i32>panelFloats(columns, I));
  if (dX) packTransposed(transposedW, at(params, PANEL), I, columns, panel);
  packTransposed(transposedR, at(params, (1 + I) * PANEL), H, columns, panel);
  let row = N;
  for (let t = T; t > 0;) {
    let rows = 0;
    do {
      const b = rowsAt(active, --t, B);
      row -= b;
      rows += b;
      const dz = at(cache, row * gateRow);
      const before = at(cellBefore, row * state);
      const dy = dOutput ? at(dOutput, row * state) : 0;
      // dz[t] from dh[t] = dy[t] + dz[t+1] R^T and dc[t]; then dz[t] R^T for step t - 1
      lstmGatesBackward(dz, dCell, dy, dHidden, before, at(tanhCell, row * state), b, H);
      gemm(dHidden, state, ZEROS, 0, 0, dz, gateRow, 1, transposedR, columns * PANEL, b, columns, H, tile);
    } while (t > 0 && rows + rowsAt(active, t - 1, B) <= CHUNK_ROWS);
    // dx = dz W^T and [db; dW; dR] += [1; x; h before]^T dz, for all steps of the chunk
    const dz = at(cache, row * gateRow);
    const xRows = at(x, row * xRow);
    if (dX) {
      const to = at(dX, row * xRow);
      gemm(to, xRow, ZEROS, 0, 0, dz, gateRow, 1, transposedW, columns * PANEL, rows, columns, I, tile);
    }
    const before = at(hiddenBefore, row * state);
    weightGradient(dParams, dz, gateRow, xRows, xRow, before, state, scratch, rows, I, H, columns, tile);
  }
  const second = biases == 2 ? secondBias(dParams, I, H) : 0;
  if (biases != 1) settleBias(dParams, second, panel, columns);
}
