/**
 * An LSTM over a sequence of one row, its units shared by threads: each has the weights of its own in its cache. Equations,
 * operands and bits are those of lstm.ts. Before a step's product every thread needs all of h[t-1], and backward before that
 * with R^T all of dz[t]: one meeting a step.
 *
 * All `threads` call these kernels at the same time, each for its units [first, end): `first` is a multiple of 16, the units of
 * four panels forward and of one backward. There is no mask of recurrent dropout; the activations are sigmoid and tanh.
 * Binaries without shared memory have nothing here.
 */
import { lstmGatesBackward, lstmGatesForward } from "../gates/lstm";
import { gemm } from "../matmul/gemm";
import { copy } from "../simd/f32x4";
import { at, padded, PANEL, rowStride, transposedRows, ZEROS } from "../simd/layout";
import { gatherRows } from "../simd/rows";
import { meet } from "../threads/barrier";
import { sumBiases, transposedR } from "./products";
import { CHUNK_ROWS } from "./steps";

const GATES: i32 = 4;

/** output [T, H], hidden, cell [1, H], cache <- x [T, I] (with `ids` a table), params. */
export function lstmForwardUnits(
  output: usize,
  hidden: usize,
  cell: usize,
  cache: usize,
  x: usize,
  params: usize,
  ids: usize,
  threads: i32,
  T: i32,
  I: i32,
  H: i32,
  biases: i32,
  training: bool,
  first: i32,
  end: i32,
  tile: i32,
): void {
  if (!ASC_FEATURE_THREADS) return;
  assert(T > 0 && I > 0 && first % PANEL == 0 && end > first && end <= H);
  const state = rowStride(H);
  const gateRow = rowStride(GATES * padded(H));
  const rows = training ? T : min(T, CHUNK_ROWS);
  const units = end - first;
  const columns = GATES * padded(units);
  const panel = (1 + I + H) * PANEL;
  const own = at(params, (GATES * first * panel) / PANEL);
  const zs = at(cache, GATES * first);
  let kept = at(cache, rows * gateRow + first);
  const act = at(kept, (training ? 2 : 0) * rows * state);
  let bias = own;
  if (biases == 2) {
    const sum = at(cache, rows * gateRow + (training ? 3 * rows : 1) * state);
    sumBiases(sum, params, GATES, I, H);
    bias = at(sum, GATES * first);
  }
  const biasPanel = biases == 2 ? PANEL : panel;
  const r = at(own, (1 + I) * PANEL);
  const xRow = rowStride(I);
  let before = hidden;
  let z = zs;
  for (let t = 0; t < T; ++t) {
    if (t % CHUNK_ROWS == 0) {
      if (!training) z = zs;
      const count = min(CHUNK_ROWS, T - t);
      if (ids) gatherRows(z, gateRow, at(x, GATES * first), gateRow, at(ids, t), count, columns);
      else
        gemm(z, gateRow, bias, 0, biasPanel, at(x, t * xRow), xRow, 1, at(own, PANEL), panel, count, I, columns, tile);
    }
    gemm(z, gateRow, z, gateRow, PANEL, before, state, 1, r, panel, 1, H, columns, tile);
    let acts = act;
    if (training) {
      copy(kept, at(before, first), padded(units));
      copy(at(kept, rows * state), at(cell, first), padded(units));
      acts = at(act, t * state);
      kept = at(kept, state);
    }
    lstmGatesForward(at(output, first), at(cell, first), acts, z, 1, units);
    meet(threads);
    before = output;
    output = at(output, state);
    z = at(z, gateRow);
  }
  copy(at(hidden, first), at(before, first), padded(units));
}

/**
 * dHidden, dCell [1, H] from dOutput [T, H] (0: none) and the cache of a forward call in training, in which dz replaces the
 * gates; `scratch` has R^T. The gradients of x and of the parameters are left to other kernels.
 */
export function lstmBackwardUnits(
  dHidden: usize,
  dCell: usize,
  scratch: usize,
  dOutput: usize,
  cache: usize,
  threads: i32,
  T: i32,
  I: i32,
  H: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  if (!ASC_FEATURE_THREADS) return;
  assert(T > 0 && first % PANEL == 0 && end > first && end <= H);
  const state = rowStride(H);
  const columns = GATES * padded(H);
  const gateRow = rowStride(columns);
  const cellBefore = at(cache, T * (gateRow + state) + first);
  const acts = at(cellBefore, T * state);
  const wPanel = transposedRows(columns) * PANEL;
  const w = at(transposedR(scratch, GATES, I, H), (first * wPanel) / PANEL);
  const units = end - first;
  dHidden = at(dHidden, first);
  dCell = at(dCell, first);
  if (dOutput) dOutput = at(dOutput, first);
  for (let t = T - 1; t >= 0; --t) {
    const dz = at(cache, t * gateRow);
    const step = t * state;
    const dy = dOutput ? at(dOutput, step) : 0;
    lstmGatesBackward(at(dz, GATES * first), dCell, dy, dHidden, at(cellBefore, step), at(acts, step), 1, units);
    meet(threads);
    gemm(dHidden, state, ZEROS, 0, 0, dz, gateRow, 1, w, wPanel, 1, columns, units, tile);
  }
}
