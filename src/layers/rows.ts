/** Layout of the rows of a value in the core at run time. */
import { type Ragged, startsOf } from "./ragged.ts";

/** T steps of B rows, step after step; where rows end early, those still running are the first ones of a step. */
export interface Rows {
  readonly T: number;
  readonly B: number;
  /** Rows of all steps. */
  readonly N: number;
  /** Steps that have a row. */
  readonly longest: number;
  /** Address of the i32 rows still running at each step, or 0: all. */
  readonly active: number;
  /** Address of the i32 row of the batch that stands at each place, or 0: the same order. */
  readonly order: number;
  /** Address of the i32 place of each row of the batch, or 0. */
  readonly place: number;
  /** Address of the i32 row b * T + t of the user's array that each row is, or 0. */
  readonly source: number;
  readonly ragged: Ragged | undefined;
}

/** All rows of T steps. */
export function denseRows(T: number, B: number): Rows {
  return { T, B, N: T * B, longest: T, active: 0, order: 0, place: 0, source: 0, ragged: undefined };
}

/** The packed row that stands where each row is when every sequence is read from its own end. */
export function reversal({ T, B, N, ragged }: Rows): Int32Array {
  if (ragged === undefined) return Int32Array.from({ length: N }, (_, n) => (T - 1 - Math.floor(n / B)) * B + (n % B));
  const starts = startsOf(ragged.active);
  const result = new Int32Array(N);
  for (let b = 0; b < B; b++) {
    let length = 0;
    while (length < T && (ragged.active[length] ?? 0) > b) length++;
    for (let t = 0; t < length; t++) result[(starts[t] ?? 0) + b] = (starts[length - 1 - t] ?? 0) + b;
  }
  return result;
}
