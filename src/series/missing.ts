/** Missing values of a series: refused, dropped with their row, or filled. */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";
import { pick, type SeriesRows } from "./to-series-rows.ts";

export type MissingPolicy = "error" | "drop" | "previous" | "linear" | "zero";

/** The policy of a column. */
export type MissingPolicies = (name: string) => MissingPolicy;

/** Without the rows in which a column with policy "drop" has no value. */
export function withoutMissing(rows: SeriesRows, policies: MissingPolicies, repairs: string[]): SeriesRows {
  const dropping = [...rows.columns].filter(([name]) => policies(name) === "drop");
  if (dropping.length === 0) return rows;
  const isWhole = (row: number): boolean => dropping.every(([, values]) => !Number.isNaN(values[row]));
  const all = Array.from({ length: rows.count }, (_, row) => row);
  const kept = all.filter(isWhole);
  const dropped = rows.count - kept.length;
  if (dropped === 0) return rows;
  const first = rows.placeOf(all.findIndex((row) => !isWhole(row)));
  repairs.push(`Dropped ${dropped} row${dropped === 1 ? "" : "s"} with missing values, the first at ${first}.`);
  return pick(rows, kept);
}

/**
 * The columns without NaN. Row i stands `steps[i]` steps after the first: linear interpolation is over steps. What has
 * no value before it, and for "linear" none after it, gets the nearest value. Throws FormatError.
 */
export function fillMissing(
  rows: SeriesRows,
  steps: Float64Array,
  policies: MissingPolicies,
  repairs: string[],
): ReadonlyMap<string, Float64Array> {
  return new Map(
    [...rows.columns].map(([name, values]) => {
      const first = values.findIndex((value) => Number.isNaN(value));
      if (first < 0) return [name, values];
      const count = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
      const policy = policies(name);
      if (policy === "error") throw missingError(rows, name, first, count);
      if (policy === "zero") {
        repairs.push(`Put 0 for ${missingValues(count, name)}, the first at ${rows.placeOf(first)}.`);
        return [name, values.map((value) => (Number.isNaN(value) ? 0 : value))];
      }
      if (count === values.length) {
        const fix = 'leave the column out of columns, or set missing to "zero"';
        throw new FormatError(`${rows.owner} has no value at all in column ${describe(name)}: ${fix}.`);
      }
      return [name, filled(rows, name, steps, values, policy, repairs)];
    }),
  );
}

function filled(
  rows: SeriesRows,
  name: string,
  steps: Float64Array,
  values: Float64Array,
  policy: MissingPolicy,
  repairs: string[],
): Float64Array {
  const result = values.slice();
  let [inner, firstInner, atEnds] = [0, 0, 0];
  for (let end = 0, start = nextMissing(values, 0); start < values.length; start = nextMissing(values, end)) {
    end = start + 1;
    while (end < values.length && Number.isNaN(values[end])) end++;
    const [left, right] = [values[start - 1], values[end]];
    const isInner = left !== undefined && (right !== undefined || policy === "previous");
    if (isInner && inner === 0) firstInner = start;
    if (isInner) inner += end - start;
    else atEnds += end - start;
    const [from = 0, to = 0] = [steps[start - 1], steps[end]];
    for (let row = start; row < end; row++) {
      result[row] = between(left, right, policy, ((steps[row] ?? 0) - from) / (to - from));
    }
  }
  const how = policy === "previous" ? "with the value before" : "linearly";
  if (inner > 0) {
    repairs.push(`Filled ${missingValues(inner, name)} ${how}, the first at ${rows.placeOf(firstInner)}.`);
  }
  if (atEnds > 0) repairs.push(`Filled ${missingValues(atEnds, name)} at an end with the nearest value.`);
  return result;
}

function nextMissing(values: Float64Array, from: number): number {
  let row = from;
  while (row < values.length && !Number.isNaN(values[row])) row++;
  return row;
}

/** `share` of the way from left to right. */
function between(left: number | undefined, right: number | undefined, policy: MissingPolicy, share: number): number {
  if (left === undefined) return right ?? NaN;
  return right === undefined || policy === "previous" ? left : left + (right - left) * share;
}

function missingValues(count: number, name: string): string {
  return `${count} missing value${count === 1 ? "" : "s"} of column ${describe(name)}`;
}

function missingError(rows: SeriesRows, name: string, row: number, count: number): FormatError {
  const others = count === 1 ? "" : `, the first of ${count}`;
  const fix = 'set missing to "linear", "previous", "zero" or "drop"';
  return new FormatError(
    `${rows.owner} has no value in column ${describe(name)} at ${rows.placeOf(row)}${others}: ${fix}.`,
  );
}
