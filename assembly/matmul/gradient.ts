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
import { transposeBlock } from "./pack";

/** Rows worked at once: their dY panel (8 KB) and what a tile takes of X each fit in the first-level cache together. */
const ROW_BLOCK: i32 = 128;
/** Floats from one row of the turned X and S to the next: an odd number of cache lines. */
const TURNED: i32 = ROW_BLOCK + 16;
/** Below so many columns X is read as it stands: turning it would take longer than it saves. */
const LEAST_COLUMNS: i32 = 4 * PANEL;

/** Floats of scratch: the dY panel, a row of sums that nobody wants, and for many columns X^T and S^T with `rows` = I + H. */
export function gradientScratchFloats(rows: i32, columns: i32): f64 {
  const panel: f64 = (ROW_BLOCK + 1) * PANEL;
  return columns > LEAST_COLUMNS - PANEL ? panel + (<f64>rows + 6) * TURNED : panel;
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
  const turnedX = at(unwanted, PANEL);
  const turnedState = at(turnedX, padded(I) * TURNED);
  const isTurned = columns - first >= LEAST_COLUMNS;
  dPanels = at(dPanels, first * (1 + I + H));
  for (let row = rows; row > 0; row -= ROW_BLOCK) {
    const count = min(ROW_BLOCK, row);
    const lastX = at(x, (row - 1) * xStride);
    const lastState = at(state, (row - 1) * stateStride);
    if (isTurned && x) turn(turnedX, lastX, xStride, count, I);
    if (isTurned && state) turn(turnedState, lastState, stateStride, count, H);
    let to = dPanels;
    for (let n = first; n < columns; n += PANEL) {
      const wanted = min(PANEL, columns - n);
      biasGradient(wantsBias ? to : unwanted, scratch, at(dy, (row - 1) * dyStride + n), dyStride, count, wanted);
      to += PANEL << 2;
      if (x) addOuter(to, isTurned ? turnedX : 0, lastX, xStride, scratch, I, count, wanted, tile);
      to = at(to, I * PANEL);
      if (state) addOuter(to, isTurned ? turnedState : 0, lastState, stateStride, scratch, H, count, wanted, tile);
      to = at(to, H * PANEL);
    }
  }
}

/** A panel of dW [I, columns] += x^T dY, from the turned x or, where there is none (0), from its last row up. */
// @ts-ignore: decorator
@inline
function addOuter(
  dw: usize,
  turned: usize,
  last: usize,
  stride: i32,
  dy: usize,
  I: i32,
  rows: i32,
  columns: i32,
  tile: i32,
): void {
  const a = turned ? turned : last;
  const aRow: usize = turned ? TURNED << 2 : 4;
  const aK: usize = turned ? 4 : 0 - ((<usize>stride) << 2);
  panelProduct(dw, PANEL << 2, dw, PANEL << 2, a, aRow, aK, dy, I, rows, columns, tile);
}

/** x^T [I, rows], the last row first: the k of a tile beside each other, where tiles are fastest. */
function turn(turned: usize, last: usize, stride: i32, rows: i32, I: i32): void {
  const row = (<usize>stride) << 2;
  for (let k = 0; k < rows; k += 4) {
    for (let i = 0; i < I; i += 4) {
      transposeBlock(at(turned, i * TURNED + k), TURNED << 2, at(last, i) - <usize>k * row, 0 - row, rows - k);
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
