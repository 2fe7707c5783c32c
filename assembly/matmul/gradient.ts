/**
 * Weight gradients: [db; dW; dR] += [1; X; S]^T dY for a block of panels [bias | I input rows | H state rows]. Threads share
 * the work by columns, that is, by panels.
 *
 * Every element continues from its stored value and adds rows in descending order, whatever the blocks, so a sequence
 * cut into chunks (last chunk first) gives the same bits as one call. Rows are stored step after step: descending rows
 * are descending steps.
 */
import { at, padded, PANEL } from "../simd/layout";
import { panelProduct } from "./gemm";

/** Rows worked at once: their dY panel (8 KB) and one cache line of X each fit in the first-level cache together. */
const ROW_BLOCK: i32 = 128;

/** Floats of the scratch panel, and of a row of sums that nobody wants. */
export function gradientScratchFloats(): f64 {
  return (ROW_BLOCK + 1) * PANEL;
}

/**
 * Columns [first, end) of dPanels += [1; x [rows, I]; state [rows, H]]^T dy [rows, N]; `first` is a multiple of 16. Where x
 * or `state` is 0 their rows stay as they are, as the bias does without `wantsBias`; a layer without state passes H = 0.
 */
export function weightGradient(
  dPanels: usize,
  dy: usize,
  dyStride: i32,
  x: usize,
  xStride: i32,
  state: usize,
  stateStride: i32,
  scratch: usize,
  rows: i32,
  I: i32,
  H: i32,
  wantsBias: bool,
  first: i32,
  end: i32,
  tile: i32,
): void {
  assert(rows >= 0 && I > 0 && H >= 0 && first % PANEL == 0 && end > first);
  assert(((dPanels | dy | scratch) & 15) == 0);
  const columns = padded(end);
  const unwanted = at(scratch, ROW_BLOCK * PANEL);
  dPanels = at(dPanels, first * (1 + I + H));
  const xStep = (<usize>xStride) << 2;
  const stateStep = (<usize>stateStride) << 2;
  for (let row = rows; row > 0; row -= ROW_BLOCK) {
    const count = min(ROW_BLOCK, row);
    const lastX = at(x, (row - 1) * xStride);
    const lastState = at(state, (row - 1) * stateStride);
    let to = dPanels;
    for (let n = first; n < columns; n += PANEL) {
      const wanted = min(PANEL, columns - n);
      biasGradient(wantsBias ? to : unwanted, scratch, at(dy, (row - 1) * dyStride + n), dyStride, count, wanted);
      to += PANEL << 2;
      if (x) panelProduct(to, PANEL << 2, to, PANEL << 2, lastX, 4, 0 - xStep, scratch, I, count, wanted, tile);
      to = at(to, I * PANEL);
      if (state) {
        panelProduct(to, PANEL << 2, to, PANEL << 2, lastState, 4, 0 - stateStep, scratch, H, count, wanted, tile);
      }
      to = at(to, H * PANEL);
    }
  }
}

/** db += the sum of a dY panel from its last row up, which is copied to `scratch` on the way, last row first. */
function biasGradient(db: usize, scratch: usize, last: usize, dyStride: i32, rows: i32, columns: i32): void {
  const row = (<usize>dyStride) << 2;
  if (columns == PANEL) {
    let s0 = v128.load(db),
      s1 = v128.load(db, 16),
      s2 = v128.load(db, 32),
      s3 = v128.load(db, 48);
    for (; rows > 0; --rows) {
      const d0 = v128.load(last),
        d1 = v128.load(last, 16),
        d2 = v128.load(last, 32),
        d3 = v128.load(last, 48);
      v128.store(scratch, d1, 16);
      v128.store(scratch, d0);
      v128.store(scratch, d3, 48);
      v128.store(scratch, d2, 32);
      s0 = f32x4.add(s0, d0);
      s1 = f32x4.add(s1, d1);
      s2 = f32x4.add(s2, d2);
      s3 = f32x4.add(s3, d3);
      last -= row;
      scratch += PANEL << 2;
    }
    v128.store(db, s1, 16);
    v128.store(db, s0);
    v128.store(db, s3, 48);
    v128.store(db, s2, 32);
    return;
  }
  for (let n = 0; n < columns; n += 4) {
    let sum = v128.load(at(db, n));
    let from = at(last, n);
    let to = at(scratch, n);
    for (let r = 0; r < rows; ++r) {
      const d = v128.load(from);
      v128.store(to, d);
      sum = f32x4.add(sum, d);
      from -= row;
      to += PANEL << 2;
    }
    v128.store(at(db, n), sum);
  }
}

/** After weightGradient, for the same columns: a second bias has the same gradient as the first; no bias at all (`second` 0) has none. */
export function settleBias(dPanels: usize, second: usize, panel: i32, first: i32, end: i32): void {
  for (let n = first; n < end; n += 4) {
    const db = at(dPanels, (n / PANEL) * panel + (n % PANEL));
    if (second) v128.store(at(second, n), v128.load(db));
    else v128.store(db, f32x4.splat(0));
  }
}
