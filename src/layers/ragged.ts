/** Batches whose rows end early or have holes: the order in which kernels want them, and the rows that run at each step. */
import { refuse } from "../options.ts";
import { isArray, toLengths } from "../shape.ts";

/** Rows sorted by their number of steps, most first; steps that are masked are left out. */
export interface Ragged {
  /** The user's row at each place. */
  readonly order: Int32Array;
  /** The place of each of the user's rows. */
  readonly place: Int32Array;
  /** Rows still running at each step; never grows. */
  readonly active: Int32Array;
  /** Steps of the longest row: kernels go no further, since each step they take has a row. */
  readonly longest: number;
  /** Sum of all lengths. */
  readonly rows: number;
  /** Row b * steps + t of the user's array that each packed row is. */
  readonly source: Int32Array;
}

/** Throws ShapeError unless there is one length a row, OptionError unless each is an integer from 1 to `steps`. */
export function planRagged(
  owner: string,
  lengths: readonly number[] | Int32Array,
  batch: number,
  steps: number,
): Ragged {
  if (!isArray(lengths)) refuse(owner, "lengths", "an array of one length a row", lengths);
  const values = toLengths(owner, lengths, batch, steps);
  const mask = new Uint8Array(batch * steps);
  for (const [row, length] of values.entries()) mask.fill(1, row * steps, row * steps + length);
  return planMasked(mask, batch, steps);
}

/** The plan of a mask [batch, steps] whose elements are not 0 where there is data; rows without data are allowed. */
export function planMasked(mask: Uint8Array, batch: number, steps: number): Ragged {
  const lengths = new Int32Array(batch);
  for (let i = 0; i < mask.length; i++) if (mask[i]) lengths[Math.floor(i / steps)] = lengthAt(lengths, i, steps) + 1;
  const order = Int32Array.from(lengths.keys()).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const place = new Int32Array(batch);
  for (const [at, row] of order.entries()) place[row] = at;
  const active = new Int32Array(steps);
  for (const length of lengths) if (length > 0) active[length - 1] = (active[length - 1] ?? 0) + 1;
  for (let t = steps - 2; t >= 0; t--) active[t] = (active[t] ?? 0) + (active[t + 1] ?? 0);
  const starts = startsOf(active);
  const rows = starts[steps] ?? 0;
  const source = new Int32Array(rows);
  for (let b = 0; b < batch; b++) {
    let taken = 0;
    for (let t = 0; t < steps; t++) {
      if (mask[b * steps + t]) source[(starts[taken++] ?? 0) + (place[b] ?? 0)] = b * steps + t;
    }
  }
  return { order, place, active, longest: lengths[order[0] ?? 0] ?? 0, rows, source };
}

function lengthAt(lengths: Int32Array, index: number, steps: number): number {
  return lengths[Math.floor(index / steps)] ?? 0;
}

/** First packed row of each step, and the number of all rows. */
export function startsOf(active: Int32Array): Int32Array {
  const starts = new Int32Array(active.length + 1);
  for (let t = 0; t < active.length; t++) starts[t + 1] = (starts[t] ?? 0) + (active[t] ?? 0);
  return starts;
}
