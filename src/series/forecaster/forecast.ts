/** What comes after the last known row, and rows that an interval did not expect. */
import type { Model } from "../../models/model.ts";
import type { Series } from "../series.ts";
import type { Fitted, FittedSeries, Interval } from "./fitted.ts";
import { runNetwork } from "./run.ts";
import { columnOf, Samples, timesWithHorizon } from "./samples.ts";

/** Options of `forecast`. */
export interface ForecastOptions {
  /** Rows to go on from, or the name of a series given to `fit`; by default the only one given to `fit`. */
  readonly series?: string | Series | undefined;
}

/** Options of `anomalies`. */
export interface AnomalyOptions extends ForecastOptions {
  /** The interval that a row must leave, 80 or 95; by default 95. */
  readonly interval?: Interval | undefined;
  /** The first row looked at; by default that of the test part, and of other series the first with a whole window. */
  readonly from?: number | undefined;
}

/** Forecasts and bounds in the target's unit: [steps] of one origin, [origins, horizon] of several. */
export interface Bounded {
  readonly values: Float64Array;
  /** Bounds of the 80 % interval. */
  readonly lower80: Float64Array;
  readonly upper80: Float64Array;
  /** Bounds of the 95 % interval. */
  readonly lower95: Float64Array;
  readonly upper95: Float64Array;
}

/** Forecasts of consecutive steps [steps]. */
export interface Forecast extends Bounded {
  /** Name of the series. */
  readonly series: string;
  /** Milliseconds since 1970 UTC of each step [steps]; undefined where rows have no times. */
  readonly times: Float64Array | undefined;
}

/** A row that its one-step interval did not expect. */
export interface Anomaly {
  /** From 0. */
  readonly row: number;
  /** Milliseconds since 1970 UTC; undefined where rows have no times. */
  readonly time: number | undefined;
  readonly actual: number;
  readonly forecast: number;
  readonly lower: number;
  readonly upper: number;
  /** Distance from the forecast over the interval's half width, both in the scaler's unit: above 1 is outside. */
  readonly score: number;
}

/** Forecasts from each of the origins, which may lie at the end of the series. */
export function forecastFrom(
  model: Model,
  fitted: Fitted,
  own: FittedSeries,
  series: Series,
  origins: ArrayLike<number>,
): Bounded {
  return boundedOf(fitted, own, scaledFrom(model, fitted, own, series, origins));
}

/** In the scaler's unit [origins, horizon]. */
function scaledFrom(
  model: Model,
  fitted: Fitted,
  own: FittedSeries,
  series: Series,
  origins: ArrayLike<number>,
): Float64Array {
  return runNetwork(model, fitted, new Samples(fitted, own, series), origins);
}

function boundedOf(fitted: Fitted, own: FittedSeries, scaled: Float64Array): Bounded {
  const bound = (interval: Interval, sign: 1 | -1) => {
    const widths = own.halfWidths[interval];
    return own.target.inverse(scaled.map((value, i) => value + sign * own.spread * (widths[i % fitted.horizon] ?? 0)));
  };
  return {
    values: own.target.inverse(scaled),
    ...{ lower80: bound(80, -1), upper80: bound(80, 1) },
    ...{ lower95: bound(95, -1), upper95: bound(95, 1) },
  };
}

/** The `steps` steps after the end of the series. */
export function forecastNext(model: Model, fitted: Fitted, own: FittedSeries, series: Series, steps: number): Forecast {
  const rows = columnOf(series, fitted.target).length;
  const all = forecastFrom(model, fitted, own, series, [rows]);
  const cut = (values: Float64Array) => values.slice(0, steps);
  return {
    series: series.name,
    times: timesWithHorizon(series, steps)?.slice(rows),
    values: cut(all.values),
    ...{ lower80: cut(all.lower80), upper80: cut(all.upper80) },
    ...{ lower95: cut(all.lower95), upper95: cut(all.upper95) },
  };
}

/** Rows from `from` on that lie outside their one-step interval, the most surprising first. */
export function findAnomalies(
  model: Model,
  fitted: Fitted,
  own: FittedSeries,
  series: Series,
  { from, interval }: { readonly from: number; readonly interval: Interval },
): readonly Anomaly[] {
  const actual = columnOf(series, fitted.target);
  const origins = Int32Array.from({ length: Math.max(0, actual.length - from) }, (_, i) => from + i);
  const scaled = scaledFrom(model, fitted, own, series, origins);
  const scaledActual = own.target.transform(actual);
  const forecasts = boundedOf(fitted, own, scaled);
  const [lower, upper] =
    interval === 80 ? [forecasts.lower80, forecasts.upper80] : [forecasts.lower95, forecasts.upper95];
  const found: Anomaly[] = [];
  for (const [i, row] of origins.entries()) {
    const at = i * fitted.horizon;
    const distance = Math.abs((scaledActual[row] ?? 0) - (scaled[at] ?? 0));
    const score = distance / ((own.halfWidths[interval][0] ?? 0) * own.spread);
    if (!(score > 1)) continue;
    found.push({
      ...{ row, time: series.times?.[row], actual: actual[row] ?? 0, forecast: forecasts.values[at] ?? 0 },
      ...{ lower: lower[at] ?? 0, upper: upper[at] ?? 0, score },
    });
  }
  return found.sort((a, b) => b.score - a.score || a.row - b.row);
}
