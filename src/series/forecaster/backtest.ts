/** Rolling-origin backtest over the test part: the model beside baselines, one to `horizon` steps ahead. */
import type { Model } from "../../models/model.ts";
import { knownOptions, positiveInteger, refuse } from "../../options.ts";
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
  /** Most rows of a series that are forecast: of a longer test part the last ones; by default 10,000. */
  readonly maxRows?: number | undefined;
  /** Also ARIMA, refitted at every origin; "auto" when there are at most 2,000 origins; by default "auto". */
  readonly arima?: boolean | "auto" | undefined;
}

/** Errors of the model and of each baseline over the same rows; ARIMA where it was computed. */
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
  /** The model's forecasts [rows, horizon]; the last ones reach past the data. */
  readonly model: Bounded;
  /** [rows, horizon] each. */
  readonly baselines: ReadonlyMap<BaselineName, Float64Array>;
}

/** What `Forecaster.backtest` measured. */
export interface Backtest {
  /** One step ahead, over all rows of the test parts. */
  readonly test: ErrorsByForecast;
  /** Of the one-step intervals. */
  readonly coverage: Coverage;
  readonly byHorizon: readonly {
    readonly step: number;
    readonly errors: ErrorsByForecast;
    readonly coverage: Coverage;
  }[];
  /** The baseline with the smallest one-step RMSE, and the model's RMSE over its. */
  readonly bestBaseline: BaselineName;
  readonly ratio: number;
  readonly series: readonly SeriesBacktest[];
  /** The order of ARIMA, or why it was left out. */
  readonly arima: string;
}

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
  const most = positiveInteger(OWNER, "maxRows", options.maxRows ?? 10_000);
  const tested = kept.map(({ series, split: { test } }) => ({ series, test: lastOf(test, most) }));
  if (wish !== "auto" && typeof wish !== "boolean") refuse(OWNER, "arima", 'true, false or "auto"', wish);
  const origins = tested.reduce((sum, { test }) => sum + test.to - test.from, 0);
  const withArima = wish === true || (wish === "auto" && origins <= MOST_ORIGINS);
  const notes = new Set<string>();
  const series: SeriesBacktest[] = [];
  for (const [i, part] of tested.entries()) {
    const own = fitted.series[i] as FittedSeries;
    series.push(await backtestOf(model, fitted, own, part, withArima ? notes : undefined));
  }
  if (!withArima)
    notes.add(wish === false ? "left out on request" : `left out: ${origins} origins would each need a fit`);
  const steps = Array.from({ length: fitted.horizon }, (_, step) => measure(series, fitted.horizon, step));
  const [first = measure(series, fitted.horizon, 0)] = steps;
  const best = bestOf(first.errors);
  return {
    ...{ test: first.errors, coverage: first.coverage, byHorizon: steps, series, arima: [...notes].join("; ") },
    ...{ bestBaseline: best, ratio: first.errors.model.rmse / (first.errors[best]?.rmse ?? Number.NaN) },
  };
}

async function backtestOf(
  model: Model,
  fitted: Fitted,
  own: FittedSeries,
  { series, test }: Tested,
  notes: Set<string> | undefined,
): Promise<SeriesBacktest> {
  const values = columnOf(series, fitted.target);
  const rows = test.to - test.from;
  const origins = Int32Array.from({ length: rows }, (_, i) => test.from + i);
  const { season, horizon } = fitted;
  const list: [BaselineName, Baseline][] = [
    ["persistence", persistence()],
    ["seasonalNaive", seasonalNaive({ season })],
    ["drift", drift()],
    ["movingAverage", movingAverage({ window: Math.max(season, 2) })],
  ];
  if (notes !== undefined) {
    const { baseline } = await chooseArima(values.subarray(0, test.from), { season });
    notes.add(baseline.model);
    list.push(["arima", baseline]);
  }
  const baselines = new Map<BaselineName, Float64Array>();
  for (const [name, baseline] of list) baselines.set(name, await baseline.forecast(values, origins, horizon));
  const forecasts = forecastFrom(model, fitted, own, series, origins);
  return {
    name: series.name,
    from: test.from,
    rows,
    actual: values.slice(test.from, test.to),
    model: forecasts,
    baselines,
  };
}

/** A series and the rows of it that are forecast. */
interface Tested {
  readonly series: Series;
  readonly test: Span;
}

function lastOf({ from, to }: Span, most: number): Span {
  return { from: Math.max(from, to - most), to };
}

/** Errors and coverage of one step, over the rows that are known. */
function measure(series: readonly SeriesBacktest[], horizon: number, step: number): Backtest["byHorizon"][number] {
  const pick = (from: (one: SeriesBacktest) => Float64Array) => {
    const values = series.flatMap((one) => {
      const forecasts = from(one);
      return Array.from({ length: Math.max(0, one.rows - step) }, (_, i) => forecasts[i * horizon + step] ?? 0);
    });
    return Float64Array.from(values);
  };
  const actual = Float64Array.from(series.flatMap((one) => [...one.actual.subarray(step)]));
  const errors: { [name: string]: ForecastErrors } = {
    model: forecastErrors(
      actual,
      pick(({ model }) => model.values),
    ),
  };
  for (const name of series[0]?.baselines.keys() ?? []) {
    errors[name] = forecastErrors(
      actual,
      pick(({ baselines }) => baselines.get(name) ?? new Float64Array(0)),
    );
  }
  return {
    step: step + 1,
    errors: errors as ErrorsByForecast,
    coverage: {
      80: coverage(
        actual,
        pick(({ model }) => model.lower80),
        pick(({ model }) => model.upper80),
      ),
      95: coverage(
        actual,
        pick(({ model }) => model.lower95),
        pick(({ model }) => model.upper95),
      ),
    },
  };
}

function bestOf(errors: ErrorsByForecast): BaselineName {
  const names = Object.keys(errors).filter((name) => name !== "model") as BaselineName[];
  return names.reduce((best, name) => ((errors[name]?.rmse ?? 0) < (errors[best]?.rmse ?? 0) ? name : best));
}
