/** Rows on their way from a table to a series: picked, put in order, one for each time. */
import { FormatError } from "../errors.ts";
import { formatTime } from "./time-text.ts";

export interface SeriesRows {
  /** What messages call them: the file, and the series in it. */
  readonly owner: string;
  /** Without NaN [n]. */
  readonly times: Float64Array | undefined;
  /** With NaN where a value is missing, each [n]. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly count: number;
  /** "line 7" */
  placeOf(row: number): string;
  /** A column of texts that differs between the two rows: each of its texts may be a series of its own. */
  groupBetween(a: number, b: number): string | undefined;
}

export type OrderPolicy = "error" | "sort";
export type DuplicatePolicy = "error" | "first" | "last" | "mean" | "sum";

/** The rows at `indices`. */
export function pick(rows: SeriesRows, indices: ArrayLike<number>): SeriesRows {
  const at = (i: number): number => indices[i] ?? 0;
  const picked = (values: Float64Array): Float64Array => {
    const result = new Float64Array(indices.length);
    for (let i = 0; i < result.length; i++) result[i] = values[at(i)] ?? NaN;
    return result;
  };
  return {
    owner: rows.owner,
    times: rows.times === undefined ? undefined : picked(rows.times),
    columns: new Map([...rows.columns].map(([name, values]) => [name, picked(values)])),
    count: indices.length,
    placeOf: (row) => rows.placeOf(at(row)),
    groupBetween: (a, b) => rows.groupBetween(at(a), at(b)),
  };
}

/** Rows in ascending order of time; those of one time stay in the file's order. Throws FormatError. */
export function inOrder(rows: SeriesRows, policy: OrderPolicy, repairs: string[]): SeriesRows {
  const { times, count } = rows;
  const row = times === undefined ? -1 : firstDescent(times);
  if (times === undefined || row < 0) return rows;
  const isReversed = isDescending(times);
  if (policy === "error") throw orderError(rows, times, row, isReversed);
  const indices = Uint32Array.from(times, (_, i) => i).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
  repairs.push(
    isReversed ? `Reversed ${count} rows, the newest of which came first.` : `Sorted ${count} rows by time.`,
  );
  return pick(rows, indices);
}

/**
 * One row for each time, of ordered ones. Means and sums are of the values that are not missing. Throws FormatError.
 */
export function withoutDuplicates(rows: SeriesRows, policy: DuplicatePolicy, repairs: string[]): SeriesRows {
  const { times } = rows;
  if (times === undefined) return rows;
  const starts: number[] = [];
  for (let row = 0; row < times.length; row++) {
    if (row === 0 || times[row] !== times[row - 1]) starts.push(row);
    else if (policy === "error") throw duplicateError(rows, times, row);
  }
  const extra = times.length - starts.length;
  if (extra === 0) return rows;
  repairs.push(`Merged ${extra} row${extra === 1 ? "" : "s"} with others of the same time: ${DUPLICATES[policy]}.`);
  const ends = starts.map((_, i) => starts[i + 1] ?? times.length);
  const merged = pick(rows, policy === "last" ? ends.map((end) => end - 1) : starts);
  if (policy !== "mean" && policy !== "sum") return merged;
  const columns = [...rows.columns].map(([name, values]) => {
    const reduce = (start: number, i: number): number => reduced(values, start, ends[i] ?? start, policy === "mean");
    return [name, Float64Array.from(starts, reduce)] as const;
  });
  return { ...merged, columns: new Map(columns) };
}

const DUPLICATES: Readonly<Record<DuplicatePolicy, string>> = {
  error: "",
  first: "the first was kept",
  last: "the last was kept",
  mean: "their values' mean was taken",
  sum: "their values were added",
};

function firstDescent(times: Float64Array): number {
  for (let row = 1; row < times.length; row++) {
    if ((times[row] ?? 0) < (times[row - 1] ?? 0)) return row;
  }
  return -1;
}

function isDescending(times: Float64Array): boolean {
  for (let row = 1; row < times.length; row++) {
    if ((times[row] ?? 0) > (times[row - 1] ?? 0)) return false;
  }
  return true;
}

function orderError(rows: SeriesRows, times: Float64Array, row: number, isReversed: boolean): FormatError {
  const show = (one: number): string => `${formatTime(times[one] ?? NaN)} at ${rows.placeOf(one)}`;
  const fault = isReversed ? "the newest time first" : "times out of order";
  const group = rows.groupBetween(row - 1, row);
  const fix = isReversed ? "set" : fixFor(group);
  return new FormatError(`${rows.owner} has ${fault}, ${show(row)} after ${show(row - 1)}: ${fix} order to "sort".`);
}

function duplicateError(rows: SeriesRows, times: Float64Array, row: number): FormatError {
  const group = rows.groupBetween(row - 1, row);
  const where = `${rows.placeOf(row - 1)} and again at ${rows.placeOf(row)}`;
  return new FormatError(
    `${rows.owner} has the time ${formatTime(times[row] ?? NaN)} at ${where}: ${fixFor(group)} duplicates to "first", "last", "mean" or "sum".`,
  );
}

/** What comes before the name of the option that mends it. */
function fixFor(group: string | undefined): string {
  if (group === undefined) return "set";
  return `use toSeriesByGroup with group "${group}" if each is a series of its own, else set`;
}

/** NaN if all are missing. */
function reduced(values: Float64Array, start: number, end: number, isMean: boolean): number {
  let sum = 0;
  let count = 0;
  for (let row = start; row < end; row++) {
    const value = values[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  if (count === 0) return NaN;
  return isMean ? sum / count : sum;
}
