/** Rows that are missing between two times of a series: refused, filled, or taken for no gap. */
import { FormatError } from "../errors.ts";
import { addSteps, dayOfMonths, describeFrequency, type Frequency, stepsBetween } from "./frequency.ts";
import { formatTime } from "./time-text.ts";
import type { SeriesRows } from "./to-series-rows.ts";

export type GapPolicy = "error" | "previous" | "linear" | "ignore";

/** Where rows stand on the grid of their frequency. */
export interface Grid {
  /** Steps of each row after the first [n], ascending whole numbers. */
  readonly steps: Float64Array;
  /** How the rows in between are filled. */
  readonly fill: "previous" | "linear";
}

/**
 * Publications of months and quarters skip some by nature: so many in a row, and such a share of all, are filled
 * unasked.
 */
const MONTHS_IN_A_ROW = 3;
const MONTHS_SHARE = 0.01;
/** Markets close on holidays, at most a week of them in a row. */
const CLOSED_IN_A_ROW = 5;
const CLOSED_SHARE = 0.06;
/** So many are closures whatever their share: a short file may hold Christmas and New Year. */
const CLOSED_FEW = 3;
const MOST_ROWS = 67_108_864;

interface Gap {
  /** The row before the first gap. */
  readonly row: number;
  readonly count: number;
  /** Rows missing in all gaps. */
  readonly missing: number;
  readonly longest: number;
  /** Of rows if there were no gaps. */
  readonly share: number;
}

/**
 * The grid of rows in ascending order of time. "error" takes missing business days for closures and single missing
 * months or quarters as to be filled linearly, and refuses all else; "ignore" takes every row for the step after the
 * one before. Throws FormatError, also for times off the grid, which only "ignore" takes.
 */
export function gridOf(rows: SeriesRows, frequency: Frequency, policy: GapPolicy, repairs: string[]): Grid {
  const { times, count } = rows;
  const inARow = Float64Array.from({ length: count }, (_, row) => row);
  if (times === undefined || policy === "ignore") return { steps: inARow, fill: "linear" };
  const steps = stepsOf(rows, times, frequency);
  const gaps = gapsIn(steps);
  if (gaps === undefined) return { steps, fill: "linear" };
  if (policy === "error" && frequency.unit === "businessDay") {
    if (gaps.longest <= CLOSED_IN_A_ROW && (gaps.missing <= CLOSED_FEW || gaps.share <= CLOSED_SHARE))
      return { steps: inARow, fill: "linear" };
  }
  const isMonthly = frequency.unit === "month" || frequency.unit === "quarter";
  const isSmall = isMonthly && gaps.longest <= MONTHS_IN_A_ROW && gaps.share <= MONTHS_SHARE;
  if (policy === "error" && !isSmall) throw gapError(rows, times, frequency, gaps);
  if ((steps[count - 1] ?? 0) >= MOST_ROWS) throw sizeError(rows, times, frequency, gaps);
  const how = policy === "previous" ? "with the row before" : "linearly";
  repairs.push(
    `Filled ${missingRows(gaps.missing)} in ${gapCount(gaps.count)} ${how}, the first after ${formatTime(times[gaps.row] ?? NaN)}.`,
  );
  return { steps, fill: policy === "previous" ? "previous" : "linear" };
}

/** Times with those of the missing rows between them [last step + 1]. */
export function timesOnGrid(times: Float64Array, { steps }: Grid, frequency: Frequency): Float64Array {
  const day = dayOfMonths(times);
  return onGrid(times, steps, (before, _after, _share, step) => addSteps(before, frequency, step, day));
}

/** Values with those of the missing rows between them [last step + 1]. */
export function valuesOnGrid(values: Float64Array, { steps, fill }: Grid): Float64Array {
  const isLinear = fill === "linear";
  return onGrid(values, steps, (before, after, share) => (isLinear ? before + (after - before) * share : before));
}

function onGrid(
  values: Float64Array,
  steps: Float64Array,
  between: (before: number, after: number, share: number, step: number) => number,
): Float64Array {
  const size = (steps[steps.length - 1] ?? -1) + 1;
  if (size === values.length) return values;
  const result = new Float64Array(size);
  for (let row = 0; row < values.length; row++) {
    const [value, after] = [values[row] ?? NaN, values[row + 1] ?? NaN];
    const [from, to] = [steps[row] ?? 0, steps[row + 1] ?? size];
    result[from] = value;
    for (let at = from + 1; at < to; at++) result[at] = between(value, after, (at - from) / (to - from), at - from);
  }
  return result;
}

function stepsOf(rows: SeriesRows, times: Float64Array, frequency: Frequency): Float64Array {
  const steps = new Float64Array(times.length);
  for (let row = 1; row < times.length; row++) {
    const between = stepsBetween(times[row - 1] ?? NaN, times[row] ?? NaN, frequency);
    if (!(between >= 1) || between !== Math.floor(between)) throw offGridError(rows, times, frequency, row);
    steps[row] = (steps[row - 1] ?? 0) + between;
  }
  return steps;
}

function gapsIn(steps: Float64Array): Gap | undefined {
  let [first, count, longest] = [-1, 0, 0];
  for (let row = 1; row < steps.length; row++) {
    const missing = (steps[row] ?? 0) - (steps[row - 1] ?? 0) - 1;
    if (missing === 0) continue;
    if (count === 0) first = row - 1;
    count++;
    longest = Math.max(longest, missing);
  }
  if (count === 0) return undefined;
  const all = (steps[steps.length - 1] ?? 0) + 1;
  const missing = all - steps.length;
  return { row: first, count, missing, longest, share: missing / all };
}

function gapError(rows: SeriesRows, times: Float64Array, frequency: Frequency, gaps: Gap): FormatError {
  const { row, count, missing } = gaps;
  const first = stepsBetween(times[row] ?? NaN, times[row + 1] ?? NaN, frequency) - 1;
  const all = count === 1 ? "" : `, the first of ${gapCount(count)} with ${missingRows(missing)} in all`;
  const fault = `${missingRows(first)} between ${pair(rows, times, row)} at one row each ${describeFrequency(frequency)}`;
  return new FormatError(`${rows.owner} has ${fault}${all}: set gaps to "linear", "previous" or "ignore".`);
}

function offGridError(rows: SeriesRows, times: Float64Array, frequency: Frequency, row: number): FormatError {
  const step = describeFrequency(frequency);
  return new FormatError(
    `${rows.owner} has no whole number of steps between ${pair(rows, times, row - 1)} at one row each ${step}: set gaps to "ignore" to take row after row as one step, or set frequency.`,
  );
}

function sizeError(rows: SeriesRows, times: Float64Array, frequency: Frequency, gaps: Gap): FormatError {
  const fault = `${missingRows(gaps.missing)} to fill at one row each ${describeFrequency(frequency)}`;
  return new FormatError(
    `${rows.owner} has ${fault}, the first between ${pair(rows, times, gaps.row)}: correct the times, or set frequency.`,
  );
}

function pair(rows: SeriesRows, times: Float64Array, row: number): string {
  const show = (one: number): string => `${formatTime(times[one] ?? NaN)} (${rows.placeOf(one)})`;
  return `${show(row)} and ${show(row + 1)}`;
}

function missingRows(count: number): string {
  return `${count} missing row${count === 1 ? "" : "s"}`;
}

function gapCount(count: number): string {
  return `${count} gap${count === 1 ? "" : "s"}`;
}
