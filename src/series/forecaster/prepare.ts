/** What is learned from the series before the network is: scalers, level, spread, and which rows serve for what. */
import { OptionError, ShapeError } from "../../errors.ts";
import { type CalendarPart, calendarPartsOf } from "../calendar.ts";
import { describeFrequency, seasonOf } from "../frequency.ts";
import { resolveScaler } from "../scalers/resolve.ts";
import type { Scaler } from "../scalers/scaler.ts";
import type { Series } from "../series.ts";
import { chronologicalSplit, type Span, type Split } from "../split.ts";
import { type Fitted, type FittedSeries, outputSteps } from "./fitted.ts";
import { distance, levelOf } from "./level.ts";
import type { ForecasterSettings, Level } from "./options.ts";
import { originsOf } from "./origins.ts";
import { columnOf } from "./samples.ts";

/** Fewest windows of the calibration part: 95 % intervals need 19 (Vovk et al. 2005: ceil((n + 1) 0.95) <= n). */
export const FEWEST_CALIBRATION = 19;

/** One series and its rows' parts. */
export interface PreparedSeries {
  readonly series: Series;
  readonly split: Split;
}

export interface Prepared {
  readonly series: readonly PreparedSeries[];
  /** Its intervals are still 0 wide. */
  readonly fitted: Fitted;
}

/** Throws OptionError for columns that are not there and series that do not fit together, ShapeError for too few rows. */
export function prepare(settings: ForecasterSettings, list: readonly Series[]): Prepared {
  const first = requireSeries(list);
  const target = settings.target ?? onlyColumn(first);
  for (const series of list) requireColumns(series, [target, ...settings.features]);
  requireOneFrequency(list);
  const { window, horizon, features, strategy } = settings;
  const season = settings.season ?? seasonOf(first.frequency);
  const calendar = first.times === undefined ? [] : calendarOf(settings, first);
  requireTimes(settings, first);
  const steps = outputSteps(settings);
  const parts = list.map((series) => ({ series, split: splitOf(settings, series, target) }));
  const scaled = parts.map((part) => scale(settings, part, target));
  const level = settings.level === "auto" ? nearestLevel(settings, season, scaled) : settings.level;
  const fittedSeries = scaled.map(({ part, scaler, values }): FittedSeries => {
    const { series, split } = part;
    const train = columnsOf(series, features, split.train);
    return {
      name: series.name,
      target: scaler,
      features: train.map(standardised),
      spread:
        level === "none"
          ? 1
          : spreadOf(values, levelOf(level, window, season), originsOf(split.train, window, steps), steps),
      halfWidths: { 80: new Float64Array(horizon), 95: new Float64Array(horizon) },
      rows: series.columns.get(target)?.length ?? 0,
      span: series.times && [series.times[0] ?? 0, series.times.at(-1) ?? 0],
    };
  });
  const { frequency } = first;
  const { holidays } = settings;
  const fitted = { target, features, window, horizon, strategy, frequency, season, level, calendar, holidays };
  return { series: parts, fitted: { ...fitted, series: fittedSeries } };
}

function requireSeries(list: readonly Series[]): Series {
  const [first] = list;
  if (first === undefined) throw new OptionError("Forecaster.fit needs at least one series, got none.");
  const names = list.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return first;
  throw new OptionError(`Forecaster.fit needs a name for each series, got ${JSON.stringify(twice)} twice.`);
}

function onlyColumn({ columns }: Series): string {
  const [name, ...others] = columns.keys();
  if (name !== undefined && others.length === 0) return name;
  throw new OptionError(
    `Forecaster needs target to say which column to forecast: there are ${[...columns.keys()].join(", ")}.`,
  );
}

/** Throws OptionError that lists the columns there are. */
export function requireColumns({ columns, name }: Series, wanted: readonly string[]): void {
  const missing = wanted.find((column) => !columns.has(column));
  if (missing === undefined) return;
  const of = name === "" ? "The series" : `The series ${JSON.stringify(name)}`;
  throw new OptionError(`${of} has no column ${JSON.stringify(missing)}: there are ${[...columns.keys()].join(", ")}.`);
}

function requireOneFrequency(list: readonly Series[]): void {
  const [first, ...others] = list.map(({ frequency }) => describeFrequency(frequency));
  const other = others.find((text) => text !== first);
  if (other === undefined) return;
  throw new OptionError(`Forecaster.fit needs series of one frequency, got a row each ${first} and each ${other}.`);
}

function requireTimes({ holidays, calendar }: ForecasterSettings, { times }: Series): void {
  const wants = holidays.size > 0 ? "holidays" : calendar !== "auto" && calendar.length > 0 ? "calendar" : undefined;
  if (wants === undefined || times !== undefined) return;
  throw new OptionError(`Forecaster with ${wants} needs a series with times, got rows without: name its time column.`);
}

function calendarOf({ calendar, holidays }: ForecasterSettings, { frequency }: Series): readonly CalendarPart[] {
  const parts = calendar === "auto" ? calendarPartsOf(frequency) : calendar;
  return holidays.size === 0 || parts.includes("holiday") ? parts : [...parts, "holiday"];
}

function splitOf(settings: ForecasterSettings, series: Series, target: string): Split {
  const rows = columnOf(series, target).length;
  const split = enough(settings, rows);
  if (split !== undefined) return split;
  const { window, horizon } = settings;
  const of = series.name === "" ? "" : ` in the series ${JSON.stringify(series.name)}`;
  throw new ShapeError(
    `A window of ${window} and a horizon of ${horizon} need at least ${fewestRows(settings)} rows${of}, got ${rows}: shorten window or horizon, or add rows.`,
  );
}

/** The parts of that many rows, undefined unless each has the windows it needs. */
function enough(settings: ForecasterSettings, rows: number): Split | undefined {
  const { window, horizon, validation, calibration, test } = settings;
  const sizes = [validation, calibration, test].map((part) => (part < 1 ? part * rows : part));
  if (sizes.reduce((sum, size) => sum + Math.ceil(size), 1) > rows) return undefined;
  const split = chronologicalSplit(rows, { validation, calibration, test });
  const windows = (part: Span) => {
    const { from, to } = originsOf(part, window, horizon);
    return to - from;
  };
  const isEnough =
    windows(split.train) > horizon &&
    (validation === 0 || windows(split.validation) > 0) &&
    windows(split.calibration) >= FEWEST_CALIBRATION &&
    (test === 0 || windows(split.test) > 0);
  return isEnough ? split : undefined;
}

/** The smallest number of rows that is enough. */
function fewestRows(settings: ForecasterSettings): number {
  let low = 1;
  let high = 2;
  while (high < 1e12 && enough(settings, high) === undefined) [low, high] = [high, high * 2];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(settings, middle) === undefined) low = middle + 1;
    else high = middle;
  }
  return low;
}

function standardised(column: Float64Array): Scaler {
  const scaler = resolveScaler("standard");
  return scaler.fit(column);
}

interface Scaled {
  readonly part: PreparedSeries;
  readonly scaler: Scaler;
  readonly values: Float64Array;
}

function scale({ scaler: name }: ForecasterSettings, part: PreparedSeries, target: string): Scaled {
  const values = columnOf(part.series, target);
  const { from, to } = part.split.train;
  const scaler = resolveScaler(name);
  scaler.fit(values.subarray(from, to));
  return { part, scaler, values: scaler.transform(values) };
}

function columnsOf(series: Series, names: readonly string[], { from, to }: Span): readonly Float64Array[] {
  return names.map((name) => columnOf(series, name).subarray(from, to));
}

/** Of "last" and "mean" the one nearer to the row that follows, over all series' training parts. */
function nearestLevel(settings: ForecasterSettings, season: number, scaled: readonly Scaled[]): Level {
  const { window } = settings;
  const error = (level: Level) => {
    const levelAt = levelOf(level, window, season);
    return scaled.reduce((sum, { part, values }) => {
      return sum + distance(values, levelAt, originsOf(part.split.train, window, 1), 1).sum;
    }, 0);
  };
  return error("mean") < error("last") ? "mean" : "last";
}

/** Root mean squared distance of the training rows from their windows' level; 1 for a series that never moves. */
function spreadOf(
  values: Float64Array,
  levelAt: (values: Float64Array, origin: number) => number,
  origins: { readonly from: number; readonly to: number },
  steps: number,
): number {
  const { sum, count } = distance(values, levelAt, origins, steps);
  const spread = count === 0 ? 0 : Math.sqrt(sum / count);
  return spread > 1e-12 ? spread : 1;
}
