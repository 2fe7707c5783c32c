/**
 * Weight panels. A panel holds 16 columns of a weight block, k after k, 64 bytes each:
 *
 *     panel 0: [bias 0-15] [k = 0: 16 columns] [k = 1: 16 columns] ...   panel 1: [bias 16-31] ...
 *
 * A layer with four gates has the columns of four units in a panel: [i0-3 | f0-3 | g0-3 | o0-3]. Columns past the end are
 * zero and stay zero. Parameters, gradients and optimizer state all live in this layout.
 */
import { at, PANEL, transposedRows } from "../simd/layout";

/** Column of `unit` of `gate` among all panels: as panel * 16 + column in it. */
// @ts-ignore: decorator
@inline
function column(unit: i32, gate: i32, gates: i32): i32 {
  const share = PANEL / gates;
  return (unit / share) * PANEL + gate * share + (unit % share);
}

/** panels <- weight [gates * units, K], rows ordered gate by gate; `wPanel` floats lead from panel to panel. */
export function packWeight(panels: usize, weight: usize, gates: i32, units: i32, K: i32, wPanel: i32): void {
  for (let row = 0; row < gates * units; ++row) {
    const target = column(row % units, row / units, gates);
    let to = at(panels, (target / PANEL) * wPanel + (target % PANEL));
    for (let k = 0; k < K; ++k, weight += 4, to += PANEL << 2) store<f32>(to, load<f32>(weight));
  }
}

/** weight [gates * units, K] <- panels: the way back. */
export function unpackWeight(weight: usize, panels: usize, gates: i32, units: i32, K: i32, wPanel: i32): void {
  for (let row = 0; row < gates * units; ++row) {
    const source = column(row % units, row / units, gates);
    let from = at(panels, (source / PANEL) * wPanel + (source % PANEL));
    for (let k = 0; k < K; ++k, weight += 4, from += PANEL << 2) store<f32>(weight, load<f32>(from));
  }
}

/**
 * The panels of W^T from those of W: `panels` (K columns, padded with zeros to 16; ceil16(N) rows) <- `w` (K rows, N
 * columns), as four-by-four blocks turned in registers. Backward multiplies by it.
 */
export function packTransposed(panels: usize, w: usize, K: i32, N: i32, wPanel: i32): void {
  const rows = transposedRows(N);
  for (let k = 0; k < K; k += 4) {
    const to = at(panels, (k / PANEL) * rows * PANEL + (k % PANEL));
    for (let n = 0; n < rows; n += 4) {
      const from = at(w, (n / PANEL) * wPanel + k * PANEL + (n % PANEL));
      transposeBlock(at(to, n * PANEL), PANEL << 2, from, PANEL << 2, K - k);
    }
  }
  const full = (K + 3) & ~3;
  if (full % PANEL) clearColumns(at(panels, (full / PANEL) * rows * PANEL), full % PANEL, rows);
}

/** Turns a 4x4 block, rows so many bytes apart; of the source only `valid` rows exist, the others count as zero. */
export function transposeBlock(to: usize, toRow: usize, from: usize, fromRow: usize, valid: i32): void {
  const zero = f32x4.splat(0);
  const r0 = v128.load(from);
  const r1 = valid > 1 ? v128.load(from + fromRow) : zero;
  const r2 = valid > 2 ? v128.load(from + 2 * fromRow) : zero;
  const r3 = valid > 3 ? v128.load(from + 3 * fromRow) : zero;
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + toRow, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + 2 * toRow, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + 3 * toRow, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}

/** Zeroes columns `first` to 15 of a panel. */
function clearColumns(panel: usize, first: i32, rows: i32): void {
  for (let row = 0; row < rows; ++row, panel += PANEL << 2) {
    for (let k = first; k < PANEL; k += 4) v128.store(at(panel, k), f32x4.splat(0));
  }
}
