/** Rolling-origin backtest over the test part: the model beside baselines, one to `horizon` steps ahead. */
import type { Model } from "../../models/model.ts";
import { integer, knownOptions, refuse } from "../../options.ts";
import { hasArima } from "../baselines/arima.ts";
import type { Baseline } from "../baselines/baseline.ts";
import { chooseArima } from "../baselines/choose-arima.ts";
import { drift } from "../baselines/drift.ts";
import { movingAverage } from "../baselines/moving-average.ts";
import { persistence } from "../baselines/persistence.ts";
import { seasonalNaive } from "../baselines/seasonal-naive.ts";
import { coverage, type ForecastErrors, forecastErrors } from "../forecast-errors.ts";
import type { Series } from "../series.ts";
import type { Span } from "../split.ts";
import type { Fitted, FittedSeries } from "./fitted.ts";
import { type Bounded, forecastFrom } from "./forecast.ts";
import type { PreparedSeries } from "./prepare.ts";
import { columnOf } from "./samples.ts";

/** The forecasts that every model has to beat. */
export type BaselineName = "persistence" | "seasonalNaive" | "drift" | "movingAverage" | "arima";

/** Options of `Forecaster.backtest`. */
export interface BacktestOptions {
  /** Most rows of a series that are forecast, at least the horizon: of a longer test part the last ones; by default 10,000. */
  readonly maxRows?: number | undefined;
  /** Also ARIMA, refitted at every origin; "auto" when there are at most 2,000 origins; by default "auto". */
  readonly arima?: boolean | "auto" | undefined;
}

/**
 * Errors of the model and of each baseline over the same rows: seasonal naive where rows have a season and one lies before
 * the test part, ARIMA where it was computed. The moving average is that of the last season, or of two rows without one.
 */
export type ErrorsByForecast = { readonly model: ForecastErrors } & {
  readonly [name in BaselineName]?: ForecastErrors;
};

/** Shares of actual values inside the intervals, 0..1. */
export interface Coverage {
  readonly 80: number;
  readonly 95: number;
}

/** One series over its test part. */
export interface SeriesBacktest {
  readonly name: string;
  /** The first row that is forecast; forecasts of step s from origin i are for row `from + i + s - 1`. */
  readonly from: number;
  /** Rows that are forecast. */
  readonly rows: number;
  readonly actual: Float64Array;
  /** One step ahead, over these rows. */
  readonly errors: ErrorsByForecast;
  /** The model's forecasts [rows, horizon]; the last ones reach past the data. */
  readonly model: Bounded;
  /** [rows, horizon] each. */
  readonly baselines: ReadonlyMap<BaselineName, Float64Array>;
}

/** What `Forecaster.backtest` measured. */
export interface Backtest {
  /** One step ahead, over all rows of the test parts: of several series those of larger numbers weigh more, see `series`. */
  readonly test: ErrorsByForecast;
  /** Of the one-step intervals. */
  readonly coverage: Coverage;
  readonly byHorizon: readonly {
    readonly step: number;
    readonly errors: ErrorsByForecast;
    readonly coverage: Coverage;
  }[];
  /** The baseline with the smallest one-step RMSE. */
  readonly bestBaseline: BaselineName;
  /** The model's one-step RMSE over that of the best baseline: 1 where they are equal, Infinity where only that is 0. */
  readonly ratio: number;
  readonly series: readonly SeriesBacktest[];
  /** The orders of ARIMA and how often it fell back on persistence, or why it was left out. */
  readonly arima: string;
}

type Measured = Omit<SeriesBacktest, "errors">;

const MOST_ROWS = 10_000;
const MOST_ORIGINS = 2000;
const OWNER = "Forecaster.backtest";

/** Every row of the test parts is an origin. */
export async function runBacktest(
  model: Model,
  fitted: Fitted,
  kept: readonly PreparedSeries[],
  options: BacktestOptions,
): Promise<Backtest> {
  knownOptions(OWNER, options, ["arima", "maxRows"]);
  const { arima: wish = "auto" } = options;
  if (wish !== "auto" && typeof wish !== "boolean") refuse(OWNER, "arima", 'true, false or "auto"', wish);
  const { horizon } = fitted;
  const most = integer(OWNER, "maxRows", options.maxRows ?? Math.max(MOST_ROWS, horizon), horizon);
  const tested = kept.map(({ series, split: { test } }) => ({ series, test: lastOf(test, most) }));
  const count = tested.reduce((sum, { test }) => sum + test.to - test.from, 0);
  // All of the model's at once: while baselines wait, another training may take its place.
  const forecasts = tested.map(({ series, test }, i) => {
    return forecastFrom(model, fitted, fitted.series[i] as FittedSeries, series, originsIn(test));
  });
  const without = await whyNoArima(wish, count);
  const wants = { arima: without === undefined, seasonalNaive: hasSeason(fitted.season, tested) };
  const notes = new Set<string>(without === undefined ? [] : [without]);
  const series: Measured[] = [];
  for (const [i, part] of tested.entries()) {
    const baselines = await baselinesOf(fitted, part, wants, notes);
    const { from, to } = part.test;
    const actual = columnOf(part.series, fitted.target).slice(from, to);
    series.push({ name: part.series.name, from, rows: to - from, actual, model: forecasts[i] as Bounded, baselines });
  }
  const steps = Array.from({ length: horizon }, (_, step) => measure(series, horizon, step));
  const [first = measure(series, horizon, 0)] = steps;
  const best = bestOf(first.errors);
  return {
    ...{ test: first.errors, coverage: first.coverage, byHorizon: steps, arima: [...notes].join("; ") },
    series: series.map((one) => ({ ...one, errors: measure([one], horizon, 0).errors })),
    ...{ bestBaseline: best, ratio: ratioOf(first.errors.model, first.errors[best]) },
  };
}

/** Undefined where ARIMA is computed. */
async function whyNoArima(wish: boolean | "auto", origins: number): Promise<string | undefined> {
  if (wish === true) return undefined;
  if (wish === false) return "left out on request";
  if (origins > MOST_ORIGINS) return `left out: ${origins} origins would each need a fit`;
  return (await hasArima()) ? undefined : "left out: the package arima is not installed or cannot be loaded here";
}

/** Forecasts [rows, horizon] of each baseline; `notes` get the order of ARIMA. */
async function baselinesOf(
  { season, horizon, target }: Fitted,
  { series, test }: Tested,
  wants: { readonly arima: boolean; readonly seasonalNaive: boolean },
  notes: Set<string>,
): Promise<ReadonlyMap<BaselineName, Float64Array>> {
  const values = columnOf(series, target);
  const origins = originsIn(test);
  const plain: Partial<Record<BaselineName, Baseline>> = {
    persistence: persistence(),
    ...(wants.seasonalNaive ? { seasonalNaive: seasonalNaive({ season }) } : {}),
    drift: drift(),
    movingAverage: movingAverage({ window: Math.max(season, 2) }),
  };
  const forecasts = new Map<BaselineName, Float64Array>();
  for (const [name, baseline] of Object.entries(plain)) {
    forecasts.set(name as BaselineName, await baseline.forecast(values, origins, horizon));
  }
  if (!wants.arima) return forecasts;
  const { baseline } = await chooseArima(values.subarray(0, test.from), { season });
  forecasts.set("arima", await baseline.forecast(values, origins, horizon));
  const { model, fallbacks } = baseline;
  notes.add(fallbacks === 0 ? model : `${model}, persistence at ${fallbacks} of ${origins.length} origins`);
  return forecasts;
}

/** Without one, seasonal naive is persistence; and it needs a season before each test part. */
function hasSeason(season: number, tested: readonly Tested[]): boolean {
  return season > 1 && tested.every(({ test }) => test.from >= season);
}

/** A series and the rows of it that are forecast. */
interface Tested {
  readonly series: Series;
  readonly test: Span;
}

function originsIn({ from, to }: Span): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}

function lastOf({ from, to }: Span, most: number): Span {
  return { from: Math.max(from, to - most), to };
}

/** Reads values of one step (from 0) at the places `rows[i]` in the test part of each series i, in their order. */
function readerOf(series: readonly Measured[], horizon: number, step: number, rows: readonly (readonly number[])[]) {
  return (read: (one: Measured) => Float64Array | undefined): Float64Array => {
    const values = series.flatMap((one, i) => {
      const forecasts = read(one);
      return (rows[i] ?? []).map((row) => forecasts?.[row * horizon + step] ?? Number.NaN);
    });
    return Float64Array.from(values);
  };
}

function actualAt(series: readonly Measured[], step: number, rows: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(series.flatMap(({ actual }, i) => (rows[i] ?? []).map((row) => actual[row + step] ?? NaN)));
}

/** Errors of one step (from 0) from the places `rows[i]` in the test part of each series i, at least one in all. */
export function errorsAt(
  series: readonly Measured[],
  horizon: number,
  step: number,
  rows: readonly (readonly number[])[],
): ErrorsByForecast {
  const actual = actualAt(series, step, rows);
  const pick = readerOf(series, horizon, step, rows);
  const errorsOf = (read: (one: Measured) => Float64Array | undefined) => forecastErrors(actual, pick(read));
  const names = [...(series[0]?.baselines.keys() ?? [])];
  const baselines = names.map((name) => [name, errorsOf(({ baselines: all }) => all.get(name))] as const);
  return { model: errorsOf(({ model }) => model.values), ...Object.fromEntries(baselines) };
}

/** Errors and coverage of one step, over the rows that are known. */
function measure(series: readonly Measured[], horizon: number, step: number): Backtest["byHorizon"][number] {
  const known = series.map(({ rows }) => Array.from({ length: Math.max(0, rows - step) }, (_, row) => row));
  const actual = actualAt(series, step, known);
  const pick = readerOf(series, horizon, step, known);
  const covered = (name: "80" | "95") => {
    const [lower, upper] = [`lower${name}`, `upper${name}`] as const;
    return coverage(
      actual,
      pick(({ model }) => model[lower]),
      pick(({ model }) => model[upper]),
    );
  };
  return {
    step: step + 1,
    errors: errorsAt(series, horizon, step, known),
    coverage: { 80: covered("80"), 95: covered("95") },
  };
}

/** The first of equal ones. */
function bestOf(errors: ErrorsByForecast): BaselineName {
  const names = Object.keys(errors).filter((name) => name !== "model") as BaselineName[];
  const rmseOf = (name: BaselineName) => errors[name]?.rmse ?? Number.POSITIVE_INFINITY;
  return names.reduce((best, name) => (rmseOf(name) < rmseOf(best) ? name : best));
}

/** 1 for two forecasts without an error. */
function ratioOf(model: ForecastErrors, best: ForecastErrors | undefined): number {
  return best === undefined || model.rmse === best.rmse ? 1 : model.rmse / best.rmse;
}
