/** Batches whose rows end early: the order in which kernels want them, and the rows that run at each step. */
import { OptionError, ShapeError } from "../errors.ts";
import { describe, refuse } from "../options.ts";

/** Rows sorted by length, longest first. */
export interface Ragged {
  /** The user's row at each place. */
  readonly order: Int32Array;
  /** Rows still running at each step; never grows. */
  readonly active: Int32Array;
  /** Steps of the longest row: kernels go no further, since each step they take has a row. */
  readonly longest: number;
  /** Sum of all lengths. */
  readonly rows: number;
}

/** Throws ShapeError unless there is one length a row, OptionError unless each is an integer from 1 to `steps`. */
export function planRagged(
  owner: string,
  lengths: readonly number[] | Int32Array,
  batch: number,
  steps: number,
): Ragged {
  if (!Array.isArray(lengths) && !ArrayBuffer.isView(lengths)) {
    refuse(owner, "lengths", "an array of one length a row", lengths);
  }
  const values = Array.from(lengths);
  if (values.length !== batch) {
    throw new ShapeError(`${owner} expects one length for each of the ${batch} rows, got ${values.length}.`);
  }
  for (const [row, length] of values.entries()) {
    if (Number.isInteger(length) && length >= 1 && length <= steps) continue;
    throw new OptionError(
      `${owner} needs lengths from 1 to the ${steps} steps of its input, got ${describe(length)} for row ${row}.`,
    );
  }
  const lengthOf = (row: number) => values[row] ?? 0;
  const order = Int32Array.from(values.keys()).sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
  const active = new Int32Array(steps);
  for (const length of values) active[length - 1] = (active[length - 1] ?? 0) + 1;
  for (let t = steps - 2; t >= 0; t--) active[t] = (active[t] ?? 0) + (active[t + 1] ?? 0);
  const longest = lengthOf(order[0] ?? 0);
  return { order, active, longest, rows: values.reduce((sum, length) => sum + length, 0) };
}
