import type { Frequency } from "./frequency.ts";

/** Columns of numbers over one regular time axis, complete: what policies had to mend stands in `repairs`. */
export interface Series {
  /** The value of the column that told series of one file apart, else "". */
  readonly name: string;
  /** Milliseconds since 1970 UTC of each row [n], ascending; undefined where rows have no times. */
  readonly times: Float64Array | undefined;
  readonly frequency: Frequency;
  /** By name, each [n], without NaN. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** One sentence for each thing that was filled, dropped or sorted; empty for clean data. */
  readonly repairs: readonly string[];
}
