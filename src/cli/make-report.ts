/** The report's object, of everything that was computed. */
import { basename } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { errorsAt, type SeriesBacktest } from "../series/forecaster/backtest.ts";
import type { Anomaly, Forecast } from "../series/forecaster/forecast.ts";
import type { PreparedSeries } from "../series/forecaster/prepare.ts";
import { columnOf } from "../series/forecaster/samples.ts";
import { describeFrequency } from "../series/frequency.ts";
import type { Series } from "../series/series.ts";
import type { Span } from "../series/split.ts";
import type { Outcome } from "./outcome.ts";
import { type ForecastRow, significant } from "./outputs.ts";
import type { Part, Report, ReportedSeries } from "./report/report.ts";
import { rowTextOf, timeTextOf } from "./time.ts";
import { verdictOf } from "./verdict.ts";

const HISTORY_HORIZONS = 8;
const FEWEST_HISTORY = 56;
const MOST_ANOMALIES = 50;

export function makeReport(outcome: Outcome): Report {
  const { file, columns, info, forecaster, fit, backtest } = outcome;
  const { fitted, parts } = forecaster;
  const { test, coverage, bestBaseline, ratio } = backtest;
  return {
    gatefold: packageJson.version,
    created: new Date().toISOString(),
    engine: { variant: info.variant, name: info.engine, seed: forecaster.seed },
    data: {
      file: file === "-" ? "standard input" : basename(file),
      ...{ target: columns.target, time: columns.time ?? null, features: columns.features },
      ...{ frequency: describeFrequency(fitted.frequency), season: fitted.season },
      rows: fitted.series.reduce((sum, { rows }) => sum + rows, 0),
      repairs: repairsOf(parts.map(({ series }) => series)),
    },
    options: { ...optionsOf(outcome), level: fitted.level, calendar: fitted.calendar, arima: backtest.arima },
    split: splitOf(parts),
    training: fit,
    ...{ test, coverage },
    verdict: {
      bestBaseline,
      ratio: Number.isFinite(ratio) ? ratio : null,
      sentence: `${verdictOf(backtest)}${measuredOn(outcome)}`,
    },
    byHorizon: backtest.byHorizon.map(({ step, errors, coverage }) => ({ step, coverage, ...errors })),
    byPeriod: byPeriod(outcome),
    series: backtest.series.map((one, i) => reportedSeries(outcome, one, i)),
  };
}

/** Sentences about what was mended, with the name of the series where there are several. */
export function repairsOf(list: readonly Series[]): readonly string[] {
  return list.flatMap(({ name, repairs }) =>
    repairs.map((repair) => (list.length > 1 ? `${name}: ${repair}` : repair)),
  );
}

/** A sentence for test parts that are longer than what a backtest takes. */
function measuredOn({ forecaster, backtest }: Outcome): string {
  const measured = backtest.series.reduce((sum, { rows }) => sum + rows, 0);
  const all = forecaster.parts.reduce((sum, { split: { test } }) => sum + test.to - test.from, 0);
  return measured === all ? "" : ` Measured on the last ${measured} of ${all} test rows.`;
}

function optionsOf({ flags, forecaster }: Outcome): Readonly<Record<string, unknown>> {
  const { out: _out, json: _json, quiet: _quiet, holidays: _holidays, ...options } = flags;
  const { holidays } = forecaster.fitted;
  return holidays.size === 0 ? options : { ...options, holidays: `${holidays.size} days` };
}

/** Of several series all rows together, and the earliest and latest time. */
function splitOf(parts: readonly PreparedSeries[]): Report["split"] {
  const part = (name: keyof Report["split"]): Part => {
    const ranges = parts.map(({ split }) => split[name]);
    const rows = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
    const times = parts.flatMap(({ series }, i) => edges(series.times, ranges[i]));
    const [first] = parts;
    if (times.length === 0 || first === undefined) return { rows };
    const text = timeTextOf(first.series.frequency, first.series.times?.[0] ?? 0);
    return { rows, start: text(Math.min(...times)), end: text(Math.max(...times)) };
  };
  return { train: part("train"), validation: part("validation"), calibration: part("calibration"), test: part("test") };
}

function edges(times: Float64Array | undefined, range: Span | undefined): readonly number[] {
  if (times === undefined || range === undefined || range.from === range.to) return [];
  return [times[range.from] ?? 0, times[range.to - 1] ?? 0];
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
] as const;

/** One-step errors by hour, weekday or month: what the frequency makes worth a look. */
function byPeriod({ forecaster, backtest }: Outcome): Report["byPeriod"] {
  const { unit } = forecaster.fitted.frequency;
  if (unit === "row" || unit === "year" || forecaster.parts[0]?.series.times === undefined) return null;
  const isShort = unit === "millisecond" || unit === "second" || unit === "minute" || unit === "hour";
  const isDay = unit === "day" || unit === "businessDay";
  const period = isShort ? "hour" : isDay ? "weekday" : "month";
  const labels = isShort
    ? Array.from({ length: 24 }, (_, hour) => `${hour}:00`.padStart(5, "0"))
    : isDay
      ? WEEKDAYS
      : MONTHS;
  const keyOf = (time: number) => {
    const date = new Date(time);
    return isShort ? date.getUTCHours() : isDay ? (date.getUTCDay() + 6) % 7 : date.getUTCMonth();
  };
  const keys = backtest.series.map(({ from, rows }, i) => {
    const times = forecaster.parts[i]?.series.times;
    return Array.from({ length: rows }, (_, k) => keyOf(times?.[from + k] ?? 0));
  });
  const rows = labels.flatMap((label, key) => {
    const chosen = keys.map((list) => list.flatMap((one, row) => (one === key ? [row] : [])));
    const count = chosen.reduce((sum, { length }) => sum + length, 0);
    if (count === 0) return [];
    return [{ label, rows: count, ...errorsAt(backtest.series, forecaster.fitted.horizon, 0, chosen) }];
  });
  return { period, rows };
}

function reportedSeries(outcome: Outcome, one: SeriesBacktest, index: number): ReportedSeries {
  const { forecaster, backtest, columns } = outcome;
  const { horizon, window } = forecaster.fitted;
  const { series } = forecaster.parts[index] as PreparedSeries;
  const values = columnOf(series, columns.target);
  const label = rowTextOf(series);
  const first = (all: Float64Array | undefined) =>
    Array.from({ length: one.rows }, (_, i) => significant(all?.[i * horizon] ?? 0));
  const history = Math.min(values.length, Math.max(FEWEST_HISTORY, HISTORY_HORIZONS * horizon, window));
  const from = values.length - history;
  const anomalies = forecaster.anomalies({ series: one.name, from: one.from }).slice(0, MOST_ANOMALIES);
  return {
    name: one.name,
    test: {
      times: Array.from({ length: one.rows }, (_, i) => label(one.from + i)),
      actual: [...one.actual],
      ...{ model: first(one.model.values), lower80: first(one.model.lower80), upper80: first(one.model.upper80) },
      ...{ lower95: first(one.model.lower95), upper95: first(one.model.upper95) },
      bestBaseline: first(one.baselines.get(backtest.bestBaseline)),
    },
    history: { times: Array.from({ length: history }, (_, i) => label(from + i)), actual: [...values.subarray(from)] },
    forecast: forecastRows(outcome.forecasts[index] as Forecast, series, values.length),
    anomalies: anomalyRows(anomalies, series),
  };
}

/** The steps of a forecast as the table and the CSV file show them, after the last row of the series. */
export function forecastRows(forecast: Forecast, series: Series, rows: number): readonly ForecastRow[] {
  const text = rowTextOf(series);
  return Array.from(forecast.values, (value, i) => ({
    time: text(rows + i, forecast.times?.[i]),
    value: significant(value),
    ...{ lower80: significant(forecast.lower80[i] ?? 0), upper80: significant(forecast.upper80[i] ?? 0) },
    ...{ lower95: significant(forecast.lower95[i] ?? 0), upper95: significant(forecast.upper95[i] ?? 0) },
  }));
}

/** Rows that an interval did not expect, as the page and `predict` show them. */
export function anomalyRows(anomalies: readonly Anomaly[], series: Series): ReportedSeries["anomalies"] {
  const text = rowTextOf(series);
  return anomalies.map(({ row, actual, forecast, score }) => ({
    ...{ time: text(row), actual, forecast: significant(forecast), score: significant(score) },
  }));
}
