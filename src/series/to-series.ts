import { FormatError, OptionError } from "../errors.ts";
import { describe, knownOptions, oneOf, refuse } from "../options.ts";
import { type Frequency, inferFrequency, toFrequency } from "./frequency.ts";
import { type GapPolicy, gridOf, timesOnGrid, valuesOnGrid } from "./gaps.ts";
import { fillMissing, type MissingPolicies, type MissingPolicy, withoutMissing } from "./missing.ts";
import type { Series } from "./series.ts";
import { type ColumnValues, createTable, Table } from "./table.ts";
import { type TimeFormat, timeFormat } from "./time-format.ts";
import {
  type DuplicatePolicy,
  inOrder,
  type OrderPolicy,
  pick,
  type SeriesRows,
  withoutDuplicates,
} from "./to-series-rows.ts";

/** What is done about rows that do not make a regular, complete series. */
export interface SeriesPolicies {
  /**
   * Values that are missing, for all columns or by column: "drop" leaves their rows out, "linear" interpolates,
   * "previous" repeats, and both take the nearest value at an end; by default "error".
   */
  readonly missing?: MissingPolicy | Readonly<Record<string, MissingPolicy>> | undefined;
  /** Rows of the same time; by default "error". */
  readonly duplicates?: DuplicatePolicy | undefined;
  /** Rows that do not ascend in time; by default "error". */
  readonly order?: OrderPolicy | undefined;
  /**
   * Rows that are missing: "linear" and "previous" fill them, "ignore" takes row after row as one step; by default
   * "error", which takes missing business days for closures (up to 5 in a row and 6 % of all), and fills linearly up to
   * 3 missing months or quarters in a row, 1 % of all.
   */
  readonly gaps?: GapPolicy | undefined;
  /** As `{ unit: "minute", count: 15 }` or "15 minutes"; by default the commonest step of the times. */
  readonly frequency?: Frequency | string | undefined;
  /** How times are written; by default as the first of them. */
  readonly timeFormat?: TimeFormat | undefined;
}

export interface ToSeriesOptions extends SeriesPolicies {
  /** The column of times; by default rows have no times. */
  readonly time?: string | undefined;
  /** The columns to keep; by default all of numbers. */
  readonly columns?: readonly string[] | undefined;
}

export interface ToSeriesByGroupOptions extends ToSeriesOptions {
  /** The column whose values tell the series apart. */
  readonly group: string;
}

export interface CreateSeriesOptions extends SeriesPolicies {
  /** By name, of one length; NaN or null is a missing value. */
  readonly columns: Readonly<Record<string, readonly number[] | Float64Array | Float32Array>>;
  /** Dates, texts or milliseconds since 1970 UTC; by default rows have no times. */
  readonly times?: ColumnValues | undefined;
  /** By default "". */
  readonly name?: string | undefined;
}

const POLICIES = ["missing", "duplicates", "order", "gaps", "frequency", "timeFormat"];

/**
 * One series of all rows of a table: complete, in order of time, one row a step. What had to be mended for that stands
 * in `repairs`. Throws OptionError; FormatError for rows that the policies refuse, with lines and fix.
 *
 * ```ts
 * const series = toSeries(table, { time: "date", missing: "linear" });
 * ```
 */
export function toSeries(table: Table, options: ToSeriesOptions = {}): Series {
  requireTable("toSeries", table);
  knownOptions("toSeries", options, ["time", "columns", ...POLICIES]);
  const policies = checkedPolicies("toSeries", options);
  return seriesOf(rowsOf("toSeries", table, options, undefined), "", policies);
}

/**
 * A series for each value of the column `group`, in the order in which they appear; `name` is the value. All else is as
 * in `toSeries`.
 *
 * ```ts
 * toSeriesByGroup(table, { time: "date", group: "symbol" }).map(({ name }) => name); // ["MSFT", "AMZN", ...]
 * ```
 */
export function toSeriesByGroup(table: Table, options: ToSeriesByGroupOptions): readonly Series[] {
  requireTable("toSeriesByGroup", table);
  knownOptions("toSeriesByGroup", options, ["time", "columns", "group", ...POLICIES]);
  const { group } = options;
  if (typeof group !== "string") refuse("toSeriesByGroup", "group", "the name of a column", group);
  const policies = checkedPolicies("toSeriesByGroup", options);
  const indices = new Map<string, number[]>();
  for (const [row, name] of groupNames(table, group).entries()) {
    const rows = indices.get(name);
    if (rows === undefined) indices.set(name, [row]);
    else rows.push(row);
  }
  const rows = rowsOf("toSeriesByGroup", table, options, group);
  return [...indices].map(([name, of]) => {
    const owner = `${rows.owner} (${group} ${describe(name)})`;
    return seriesOf({ ...pick(rows, of), owner }, name, policies);
  });
}

/**
 * A series of arrays, mended by the same policies as that of a table. Throws OptionError and FormatError.
 *
 * ```ts
 * createSeries({ columns: { births: [9083, 8006, 11363] }, times: ["2000-01-01", "2000-01-02", "2000-01-03"] });
 * ```
 */
export function createSeries(options: CreateSeriesOptions): Series {
  knownOptions("createSeries", options, ["columns", "times", "name", ...POLICIES]);
  const { columns, times, name = "" } = options;
  if (typeof name !== "string") refuse("createSeries", "name", "a text", name);
  const policies = checkedPolicies("createSeries", options);
  const table = createTable(columns);
  const plain = rowsOf("createSeries", table, { columns: table.names }, undefined);
  const owner = name === "" ? "The series" : `The series ${describe(name)}`;
  if (times === undefined) return seriesOf({ ...plain, owner }, name, policies);
  const axis = createTable({ times });
  if (axis.rowCount !== plain.count) {
    throw new OptionError(
      `createSeries needs a time for each row, got ${axis.rowCount} times and ${plain.count} values in ${describe(table.names[0])}.`,
    );
  }
  return seriesOf({ ...plain, owner, times: timesOf(axis, "times", policies.timeFormat) }, name, policies);
}

function requireTable(owner: string, table: unknown): void {
  if (!(table instanceof Table)) refuse(owner, "its table", "what await readCsv() or createTable() gives", table);
}

interface CheckedPolicies {
  readonly missing: MissingPolicies;
  readonly duplicates: DuplicatePolicy;
  readonly order: OrderPolicy;
  readonly gaps: GapPolicy;
  readonly frequency: Frequency | undefined;
  readonly timeFormat: TimeFormat | undefined;
}

function checkedPolicies(owner: string, options: SeriesPolicies): CheckedPolicies {
  const { missing = "error", duplicates = "error", order = "error", gaps = "error", frequency } = options;
  const oneMissing = (option: string, value: unknown): MissingPolicy =>
    oneOf(owner, option, value, ["error", "drop", "previous", "linear", "zero"]);
  const isRecord = typeof missing === "object" && missing !== null && !Array.isArray(missing);
  const byName = new Map(
    isRecord
      ? Object.entries(missing).map(([name, one]) => [name, oneMissing(`missing of ${describe(name)}`, one)])
      : [],
  );
  const other = isRecord ? "error" : oneMissing("missing", missing);
  return {
    missing: (name) => byName.get(name) ?? other,
    duplicates: oneOf(owner, "duplicates", duplicates, ["error", "first", "last", "mean", "sum"]),
    order: oneOf(owner, "order", order, ["error", "sort"]),
    gaps: oneOf(owner, "gaps", gaps, ["error", "previous", "linear", "ignore"]),
    frequency: frequency === undefined ? undefined : toFrequency(owner, frequency),
    timeFormat: options.timeFormat === undefined ? undefined : timeFormat(owner, options.timeFormat),
  };
}

function seriesOf(all: SeriesRows, name: string, policies: CheckedPolicies): Series {
  const repairs: string[] = [];
  const ordered = inOrder(all, policies.order, repairs);
  const unique = withoutDuplicates(ordered, policies.duplicates, repairs);
  const frequency = policies.frequency ?? frequencyOf(unique);
  const rows = withoutMissing(unique, policies.missing, repairs);
  if (rows.count === 0)
    throw new FormatError(`${rows.owner} has no rows left: set missing to something else than "drop".`);
  const grid = gridOf(rows, frequency, policies.gaps, repairs);
  const columns = fillMissing(rows, grid.steps, policies.missing, repairs);
  return {
    name,
    times: rows.times === undefined ? undefined : timesOnGrid(rows.times, grid, frequency),
    frequency,
    columns: new Map([...columns].map(([column, values]) => [column, valuesOnGrid(values, grid)])),
    repairs,
  };
}

function frequencyOf({ owner, times, count }: SeriesRows): Frequency {
  if (times === undefined) return { unit: "row", count: 1 };
  if (count > 1) return inferFrequency(times);
  throw new FormatError(
    `${owner} has ${count === 0 ? "no rows" : "one row"}, too few to tell the step: set frequency.`,
  );
}

/** Copies, in the table's order. */
function rowsOf(owner: string, table: Table, options: ToSeriesOptions, group: string | undefined): SeriesRows {
  const { time, columns } = options;
  if (time !== undefined && typeof time !== "string") refuse(owner, "time", "the name of a column", time);
  if (columns !== undefined && !(Array.isArray(columns) && columns.every((name) => typeof name === "string"))) {
    refuse(owner, "columns", "an array of columns' names", columns);
  }
  const isDefault = (name: string): boolean => name !== time && name !== group && table.kindOf(name) === "number";
  const names = columns ?? table.names.filter(isDefault);
  if (names.length === 0) throw noNumbers(table, [time, group]);
  const texts = group === undefined ? table.names.filter((name) => table.kindOf(name) === "text") : [];
  return {
    owner: table.source,
    times: time === undefined ? undefined : timesOf(table, time, options.timeFormat),
    columns: new Map(names.map((name) => [name, table.numbers(name).slice()])),
    count: table.rowCount,
    placeOf: (row) => table.placeOf(row),
    groupBetween: (a, b) => texts.find((name) => isGroup(table, name, a, b)),
  };
}

/** Says what is no number in the first column of texts: often a decimal comma. */
function noNumbers(table: Table, except: readonly (string | undefined)[]): unknown {
  const name = table.names.find((one) => !except.includes(one) && table.kindOf(one) === "text");
  try {
    if (name !== undefined) table.numbers(name);
  } catch (error) {
    return error;
  }
  return new FormatError(`${table.source} has no column of numbers beside its times: add one.`);
}

function timesOf(table: Table, name: string, format: TimeFormat | undefined): Float64Array {
  const times = table.times(name, format).slice();
  const row = times.findIndex((time) => Number.isNaN(time));
  if (row < 0) return times;
  const fix = "fill it in or remove the row";
  throw new FormatError(`${table.source} has no time in column ${describe(name)} at ${table.placeOf(row)}: ${fix}.`);
}

/** Whether a column of texts differs between two rows and has few enough texts to tell series apart. */
function isGroup(table: Table, name: string, a: number, b: number): boolean {
  try {
    const texts = table.texts(name);
    return texts[a] !== texts[b] && 2 * new Set(texts).size <= texts.length;
  } catch {
    // A mixed column, whose texts were not kept.
    return false;
  }
}

function groupNames(table: Table, group: string): readonly string[] {
  const names =
    table.kindOf(group) === "number"
      ? Array.from(table.numbers(group), (value) => (Number.isNaN(value) ? "" : String(value)))
      : table.texts(group);
  const row = names.indexOf("");
  if (row < 0) return names;
  const fix = "fill it in or remove the row";
  throw new FormatError(`${table.source} has no value in column ${describe(group)} at ${table.placeOf(row)}: ${fix}.`);
}
