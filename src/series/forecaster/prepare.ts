/** What is learned from the series before the network is: scalers, level, spread, and which rows serve for what. */
import { OptionError, ShapeError } from "../../errors.ts";
import { type CalendarPart, calendarPartsOf } from "../calendar.ts";
import { seasonOf } from "../frequency.ts";
import { resolveScaler } from "../scalers/resolve.ts";
import type { Scaler } from "../scalers/scaler.ts";
import { standardScaler } from "../scalers/standard.ts";
import type { Series } from "../series.ts";
import { chronologicalSplit, type Span, type Split } from "../split.ts";
import { requireColumns, requireNames, requireOneFrequency, requireScalable } from "./check-series.ts";
import { type Fitted, type FittedSeries, outputSteps } from "./fitted.ts";
import { distance, type LevelAt, levelOf } from "./level.ts";
import { FEWEST_CALIBRATION, type ForecasterSettings, type Level } from "./options.ts";
import { originsOf } from "./origins.ts";
import { columnOf } from "./samples.ts";

const OWNER = "Forecaster.fit";
/** More than any series has. */
const MOST_ROWS = 1e12;

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
  const [first] = list as readonly [Series];
  requireNames(OWNER, list);
  const target = settings.target ?? onlyColumn(first);
  if (settings.features.includes(target)) {
    throw new OptionError(
      `${OWNER} takes ${JSON.stringify(target)} as its target, which is always an input: leave it out of features.`,
    );
  }
  for (const series of list) requireColumns(series, [target, ...settings.features]);
  requireOneFrequency(OWNER, list);
  const { window, horizon, features, strategy } = settings;
  const season = settings.season ?? seasonOf(first.frequency);
  const calendar = first.times === undefined ? [] : calendarOf(settings, first);
  requireTimes(settings, first);
  const parts = list.map((series) => ({ series, split: splitOf(settings, series, target) }));
  const scaled = parts.map((part) => scale(settings, part, target));
  const level = settings.level === "auto" ? nearestLevel(settings, season, scaled) : settings.level;
  const { frequency } = first;
  const { holidays } = settings;
  const shared = { target, features, window, horizon, strategy, frequency, season, level, calendar, holidays };
  return { series: parts, fitted: { ...shared, series: scaled.map((one) => numbersOf(shared, one)) } };
}

/** What is kept of one series. */
function numbersOf(fitted: Omit<Fitted, "series">, { part, scaler, values }: Scaled): FittedSeries {
  const { features, window, horizon, season, level } = fitted;
  const { series, split } = part;
  const { from, to } = split.train;
  const levelAt = levelOf(level, window, season);
  return {
    name: series.name,
    target: scaler,
    features: features.map((name) => {
      const feature = standardScaler();
      return feature.fit(columnOf(series, name).subarray(from, to));
    }),
    spread: level === "none" ? 1 : spreadOf(values, levelAt, split.train, window, outputSteps(fitted)),
    halfWidths: { 80: new Float64Array(horizon), 95: new Float64Array(horizon) },
    rows: values.length,
    span: series.times && [series.times[0] ?? 0, series.times.at(-1) ?? 0],
  };
}

function onlyColumn({ columns }: Series): string {
  const [name, ...others] = columns.keys();
  if (name !== undefined && others.length === 0) return name;
  throw new OptionError(
    `Forecaster needs target to say which column to forecast: there are ${[...columns.keys()].join(", ")}.`,
  );
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
    `A window of ${window} and a horizon of ${horizon} need at least ${nextEnough(settings, rows)} rows${of}, got ${rows}: shorten window or horizon, or add rows.`,
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

/** A number of rows above one that is not enough that is, and of which one fewer is not. */
function nextEnough(settings: ForecasterSettings, rows: number): number {
  let low = rows;
  let high = rows + 1;
  while (high < MOST_ROWS && enough(settings, high) === undefined) high *= 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(settings, middle) === undefined) low = middle;
    else high = middle;
  }
  return high;
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
  requireScalable(part.series, target, scaler);
  scaler.fit(values.subarray(from, to));
  return { part, scaler, values: scaler.transform(values) };
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

/** Where nothing is to be learned the network changes next to nothing of the level: 2^-20. */
const STILL = 9.5367431640625e-7;

/** Root mean squared distance of the training rows from their windows' level, tiny for a series that never moves. */
function spreadOf(values: Float64Array, levelAt: LevelAt, train: Span, window: number, steps: number): number {
  const { sum, count } = distance(values, levelAt, originsOf(train, window, steps), steps);
  const spread = count === 0 ? 0 : Math.sqrt(sum / count);
  let largest = 0;
  for (let row = train.from; row < train.to; row++) largest = Math.max(largest, Math.abs(values[row] ?? 0));
  // The mean of equal values differs from them in the last bits.
  return spread > 1e-12 * largest ? spread : STILL;
}
