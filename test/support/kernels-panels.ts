/** Weight panels written out plainly: 16 columns a panel, k after k, a bias row first where there is one. */
import { at } from "../reference/elements.ts";

export const PANEL = 16;

/** Floats of the panels of N columns and K rows. */
export function panelLength(K: number, N: number): number {
  return Math.ceil(N / PANEL) * K * PANEL;
}

/** Panels of w [K, N], columns past N zero. */
export function toPanels(w: ArrayLike<number>, K: number, N: number): Float64Array {
  const panels = new Float64Array(panelLength(K, N));
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) panels[indexInPanels(k, n, K)] = at(w, k * N + n);
  }
  return panels;
}

/** w [K, N] of panels. */
export function fromPanels(panels: ArrayLike<number>, K: number, N: number): Float64Array {
  return Float64Array.from({ length: K * N }, (_, n) => at(panels, indexInPanels(Math.floor(n / N), n % N, K)));
}

function indexInPanels(k: number, n: number, K: number): number {
  return (Math.floor(n / PANEL) * K + k) * PANEL + (n % PANEL);
}

/** [columns, rows] of matrix [rows, columns]. */
export function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, n) =>
    at(matrix, (n % rows) * columns + Math.floor(n / rows)),
  );
}

/** Where gate `gate` of `unit` stands in a row of gates: [i0-3 | f0-3 | g0-3 | o0-3 | i4-7 | ...]. */
export function gateColumn(gate: number, unit: number): number {
  return Math.floor(unit / 4) * PANEL + gate * 4 + (unit % 4);
}

/** Columns of all panels of a layer: four units a panel where there are four gates. */
export function columnsOf(gates: 1 | 4, units: number): number {
  return gates === 1 ? units : PANEL * Math.ceil(units / 4);
}

/** weight [gates * units, K] as a matrix [K, columns], columns without a unit zero. */
export function toColumns(weight: Float64Array, gates: 1 | 4, units: number, K: number): Float64Array {
  const columns = columnsOf(gates, units);
  const matrix = new Float64Array(K * columns);
  for (let row = 0; row < gates * units; row++) {
    const column = gates === 1 ? row : gateColumn(Math.floor(row / units), row % units);
    for (let k = 0; k < K; k++) matrix[k * columns + column] = at(weight, row * K + k);
  }
  return matrix;
}

/** Rows of interleaved gates from rows [i | f | g | o] of H units each; the gates of pad units are `pad`. */
export function interleaveGates(gates: Float64Array, rows: number, H: number, pad: readonly number[]): Float64Array {
  const width = 4 * Math.ceil(H / 4) * 4;
  const to = Float64Array.from({ length: rows * width }, (_, n) => at(pad, Math.floor((n % PANEL) / 4)));
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < 4 * H; n++) to[r * width + gateColumn(Math.floor(n / H), n % H)] = at(gates, r * 4 * H + n);
  }
  return to;
}
