import { OptionError, ShapeError } from "../errors.ts";
import { describe, knownOptions, positiveInteger, refuse } from "../options.ts";
import { type Baseline, type Forecast, requireOrigins } from "./baselines/baseline.ts";
import { type ForecastErrors, forecastErrors } from "./forecast-errors.ts";

/** Options of `backtest`. */
export interface BacktestOptions<Name extends string> {
  /** All values of the series; the rows from an origin on are not for its forecasts. */
  readonly values: Float64Array;
  /** Rows that forecasts start at, each with a value: those of `rollingOrigins`. */
  readonly origins: ArrayLike<number>;
  /** Rows that are forecast from each origin on. */
  readonly horizon: number;
  /** By name, baselines or functions like theirs. */
  readonly forecasts: Readonly<Record<Name, Baseline | Forecast>>;
}

/** How one forecast did. */
export interface Backtest {
  /** One step ahead: errors of the row at each origin. */
  readonly oneStep: ForecastErrors;
  /** [horizon]: errors of each step, the first one step ahead, over the origins whose row of that step has a value. */
  readonly byHorizon: readonly ForecastErrors[];
  /** [origins, horizon] by rows. */
  readonly forecast: Float64Array;
}

/**
 * Errors of forecasts from rolling origins, by name. Forecasts may reach past the last value; where there is none, they
 * are not compared.
 *
 * ```ts
 * const origins = rollingOrigins(test);
 * const { naive, model } = await backtest({ values, origins, horizon: 7, forecasts: { naive: persistence(), model } });
 * naive.oneStep.rmse;
 * ```
 *
 * @throws OptionError also when a forecast is not finite.
 * @throws ShapeError when a forecast has not horizon values for each origin.
 */
export async function backtest<Name extends string>(
  options: BacktestOptions<Name>,
): Promise<Readonly<Record<Name, Backtest>>> {
  knownOptions("backtest", options, ["values", "origins", "horizon", "forecasts"]);
  const { values, origins, horizon, forecasts } = options;
  requireComparable(values, origins, horizon);
  requireForecasts(forecasts);
  const results: [string, Backtest][] = [];
  for (const [name, source] of Object.entries<Baseline | Forecast>(forecasts)) {
    const forecast = await (typeof source === "function" ? source : source.forecast)(values, origins, horizon);
    requireForecast(name, forecast, origins, horizon);
    const byHorizon = Array.from({ length: horizon }, (_, step) => errorsAt(values, origins, forecast, horizon, step));
    const [oneStep] = byHorizon;
    if (oneStep !== undefined) results.push([name, { oneStep, byHorizon, forecast }]);
  }
  return Object.fromEntries(results) as Readonly<Record<Name, Backtest>>;
}

function requireForecasts(forecasts: unknown): void {
  if (typeof forecasts !== "object" || forecasts === null || Array.isArray(forecasts)) {
    refuse("backtest", "forecasts", "an object of baselines by name", forecasts);
  }
  for (const [name, one] of Object.entries(forecasts)) {
    if (typeof one !== "function" && typeof one?.forecast !== "function") {
      refuse("backtest", `forecasts.${name}`, "a baseline like persistence(), or a function", one);
    }
  }
}

/** Every step has at least one value to be compared with. */
function requireComparable(values: Float64Array, origins: ArrayLike<number>, horizon: number): void {
  requireOrigins("backtest", values, origins, positiveInteger("backtest", "horizon", horizon), 1);
  let [first, last] = [Infinity, 0];
  for (let n = 0; n < origins.length; n++) {
    first = Math.min(first, origins[n] ?? 0);
    last = Math.max(last, origins[n] ?? 0);
  }
  if (last < values.length && first + horizon <= values.length) return;
  throw new OptionError(
    `backtest needs origins below the number of values, ${values.length}, and one with ${horizon} values from it on, ` +
      `got ${origins.length} origins${origins.length > 0 ? ` from ${first} to ${last}` : ""}: shorten the horizon or start earlier.`,
  );
}

function requireForecast(name: string, forecast: Float64Array, origins: ArrayLike<number>, horizon: number): void {
  if (forecast?.length !== origins.length * horizon) {
    throw new ShapeError(
      `The forecast ${describe(name)} must have ${horizon} values for each of ${origins.length} origins, got ${describe(forecast)}.`,
    );
  }
  const wrong = Array.prototype.findIndex.call(forecast, (value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new OptionError(
    `The forecast ${describe(name)} must be finite, got ${describe(forecast[wrong])} at step ${wrong % horizon} (from 0) of origin ${origins[Math.floor(wrong / horizon)]}.`,
  );
}

function errorsAt(
  values: Float64Array,
  origins: ArrayLike<number>,
  forecast: Float64Array,
  horizon: number,
  step: number,
): ForecastErrors {
  const [actual, made] = [new Float64Array(origins.length), new Float64Array(origins.length)];
  let rows = 0;
  for (let n = 0; n < origins.length; n++) {
    const row = (origins[n] ?? 0) + step;
    if (row >= values.length) continue;
    actual[rows] = values[row] ?? NaN;
    made[rows++] = forecast[n * horizon + step] ?? NaN;
  }
  return forecastErrors(actual.subarray(0, rows), made.subarray(0, rows));
}
