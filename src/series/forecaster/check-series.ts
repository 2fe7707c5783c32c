/** Checks that what is given are series, and that they fit what was fitted. */
import { OptionError, ShapeError, StateError } from "../../errors.ts";
import { describe } from "../../options.ts";
import { describeFrequency } from "../frequency.ts";
import type { Scaler } from "../scalers/scaler.ts";
import type { Series } from "../series.ts";
import type { Fitted, FittedSeries } from "./fitted.ts";
import { columnOf } from "./samples.ts";

/** Squares and differences of values up to this are finite. */
const LARGEST = 1e150;

/** One or several as a list. Throws OptionError for what are no series. */
export function seriesList(owner: string, given: Series | readonly Series[]): readonly Series[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw new OptionError(`${owner} needs at least one series, got none.`);
  const other = list.findIndex((one) => !isSeries(one));
  if (other < 0) return list as readonly Series[];
  throw new OptionError(
    `${owner} takes series as toSeries() and createSeries() make them, got ${describe(list[other])}.`,
  );
}

function isSeries(value: unknown): value is Series {
  if (typeof value !== "object" || value === null) return false;
  const { name, times, columns, frequency } = value as { readonly [key: string]: unknown };
  if (typeof name !== "string" || typeof frequency !== "object" || frequency === null) return false;
  if (times !== undefined && !(times instanceof Float64Array)) return false;
  return columns instanceof Map && [...columns.values()].every((column) => column instanceof Float64Array);
}

/** Throws OptionError unless these columns are there, regular and complete: series may be made by hand. */
export function requireColumns(series: Series, wanted: readonly string[]): void {
  const { columns, times } = series;
  const of = titleOf(series);
  const rows = columns.get(wanted[0] ?? "")?.length;
  for (const column of wanted) {
    const values = columns.get(column);
    if (values === undefined) {
      const list = [...columns.keys()].join(", ");
      throw new OptionError(`${of} has no column ${JSON.stringify(column)}: there are ${list}.`);
    }
    if (values.length !== rows || (times !== undefined && times.length !== rows)) {
      const lengths = `${values.length} rows in ${JSON.stringify(column)}, ${rows} in ${JSON.stringify(wanted[0])}`;
      throw new OptionError(
        `${of} needs columns and times of one length, got ${lengths}, ${times?.length ?? "no"} times.`,
      );
    }
    const row = values.findIndex((value) => !(Math.abs(value) <= LARGEST));
    if (row < 0) continue;
    throw new OptionError(
      `${of} needs finite numbers up to ${LARGEST}, got ${values[row]} in column ${JSON.stringify(column)}, row ${row} (from 0): fill or drop it.`,
    );
  }
}

/** Throws OptionError for values that the scaler of the column does not take: a logarithm those of 0 and below. */
export function requireScalable(series: Series, column: string, scaler: Scaler): void {
  const { kind, offset } = scaler.toConfig();
  if (kind !== "log") return;
  const least = 0 - Number(offset);
  const values = columnOf(series, column);
  const row = values.findIndex((value) => value <= least);
  if (row < 0) return;
  throw new OptionError(
    `${titleOf(series)} has ${values[row]} in column ${JSON.stringify(column)}, row ${row} (from 0), and the scaler "log" takes values above ${least}: use another scaler.`,
  );
}

function titleOf({ name }: Series): string {
  return name === "" ? "The series" : `The series ${JSON.stringify(name)}`;
}

/** Throws OptionError unless all rows are equally far apart. */
export function requireOneFrequency(owner: string, list: readonly Series[]): void {
  const [first, ...others] = list.map(({ frequency }) => describeFrequency(frequency));
  const other = others.find((text) => text !== first);
  if (other === undefined) return;
  throw new OptionError(`${owner} needs series of one frequency, got a row each ${first} and each ${other}.`);
}

/** Throws OptionError for two series of one name. */
export function requireNames(owner: string, list: readonly Series[]): void {
  const names = list.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new OptionError(`${owner} needs a name for each series, got ${JSON.stringify(twice)} twice.`);
}

/** Throws OptionError for two series that stand for one of those fitted on. */
export function requireOneEach(
  owner: string,
  list: readonly { readonly series: Series; readonly own: FittedSeries }[],
): void {
  const second = list.find(({ own }, i) => list.findIndex((one) => one.own === own) !== i);
  if (second === undefined) return;
  const name = JSON.stringify(second.own.name);
  throw new OptionError(`${owner} takes one series for each that it was fitted on, got two for ${name}.`);
}

/** Where the series asked for stands among those given to `fit`; without a name the only one. Throws OptionError, StateError. */
export function indexOf(owner: string, kept: readonly { readonly series: Series }[], name: string | undefined): number {
  const names = kept.map(({ series }) => series.name);
  if (names.length === 0) {
    throw new StateError(`${owner} needs rows: a loaded forecaster has none, give { series }.`);
  }
  const index = name === undefined ? (names.length === 1 ? 0 : -1) : names.indexOf(name);
  if (index >= 0) return index;
  const list = names.map((one) => JSON.stringify(one)).join(", ");
  throw new OptionError(`${owner} needs series to be one of ${list}, got ${describe(name)}.`);
}

/** The numbers of a series by its name; a forecaster of one series takes any name. */
function ownOf(owner: string, { series }: Fitted, { name }: Series): FittedSeries {
  const found = series.length === 1 ? series[0] : series.find((one) => one.name === name);
  if (found !== undefined) return found;
  const list = series.map((one) => JSON.stringify(one.name)).join(", ");
  throw new OptionError(`${owner} was fitted on the series ${list}, got ${JSON.stringify(name)}.`);
}

/** Throws ShapeError for too few rows, OptionError for another frequency. */
function requireFit(owner: string, { window, target, frequency, calendar }: Fitted, series: Series): void {
  const rows = columnOf(series, target).length;
  if (rows < window) {
    throw new ShapeError(`${owner} needs at least the ${window} rows of its window, got ${rows}: give more rows.`);
  }
  if (calendar.length > 0 && series.times === undefined) {
    throw new OptionError(`${owner} was fitted on rows with times, got rows without: name their time column.`);
  }
  const wanted = describeFrequency(frequency);
  const found = describeFrequency(series.frequency);
  if (wanted === found) return;
  throw new OptionError(`${owner} was fitted on a row each ${wanted}, got a row each ${found}.`);
}

/** Other rows than those of `fit`, and the numbers of their series. Throws OptionError, ShapeError for too few rows. */
export function matched(owner: string, fitted: Fitted, given: Series): { series: Series; own: FittedSeries } {
  const [series] = seriesList(owner, given) as readonly [Series];
  requireColumns(series, [fitted.target, ...fitted.features]);
  const own = ownOf(owner, fitted, series);
  requireFit(owner, fitted, series);
  requireScalable(series, fitted.target, own.target);
  return { series, own };
}
