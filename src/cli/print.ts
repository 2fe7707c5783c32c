/** What the commands print when they are done. */
import { relative } from "node:path";
import type { ForecastErrors } from "../series/forecast-errors.ts";
import { describeFrequency } from "../series/frequency.ts";
import type { Series } from "../series/series.ts";
import type { Files } from "./outputs.ts";
import type { Columns } from "./read-file.ts";
import { decimalsFor, exponentOf } from "./report/format.ts";
import type { Report } from "./report/report.ts";
import { timeTextOf } from "./time.ts";

const NAMES = {
  model: "LSTM",
  persistence: "persistence",
  seasonalNaive: "seasonal naive",
  drift: "drift",
  movingAverage: "moving average",
  arima: "ARIMA",
} as const;

/** Columns padded to their widest cell, the first to the left, the others to the right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => {
    return rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0);
  });
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

/** Powers of ten that are written out. */
const PLAIN = { from: -7, to: 9 };

/** How numbers that stand below each other are written: four digits of those of the size of `scale`. */
export function numberText(scale: number): (value: number) => string {
  const exponent = exponentOf(scale);
  if (exponent < PLAIN.from || exponent > PLAIN.to) return (value) => value.toExponential(3);
  const decimals = decimalsFor(scale, 4);
  return (value) => value.toFixed(decimals);
}

/** The largest of them, to be the scale of forecasts that stand below each other. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** What was found in the file. */
export function openingText(name: string, series: readonly Series[], { target, time }: Columns): string {
  const rows = series.reduce((sum, one) => sum + (one.columns.get(target)?.length ?? 0), 0);
  const of = series.length > 1 ? ` of ${series.length} series` : "";
  return `${name}: ${rows} rows${of}${timesText(series, time)}, forecasting ${target}.`;
}

/** ", one every day, 2000-01-01 to 2014-12-31 in column date" */
function timesText(series: readonly Series[], time: string | undefined): string {
  const [first] = series;
  if (first?.times === undefined) return " without times";
  const text = timeTextOf(first.frequency, first.times[0] ?? 0);
  const start = Math.min(...series.map(({ times }) => times?.[0] ?? Infinity));
  const end = Math.max(...series.map(({ times }) => times?.at(-1) ?? -Infinity));
  return `, one every ${describeFrequency(first.frequency)}, ${text(start)} to ${text(end)} in column ${time}`;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Table of errors and coverage, verdict, next steps, and where the files are. */
export function resultText(report: Report, files: Files): string {
  const { test, coverage, verdict, data } = report;
  const rows = report.series.reduce((sum, one) => sum + one.test.times.length, 0);
  return [
    "",
    `One step ahead over the last ${rows} rows${spanText(report)}:`,
    "",
    errorTable(test),
    "",
    ...arimaText(report),
    `The 80 % interval holds ${percent(coverage["80"])} of these rows, the 95 % interval ${percent(coverage["95"])}.`,
    verdict.sentence,
    "",
    ...report.series.slice(0, 3).map((series) => nextText(series, data.target)),
    ...(report.series.length > 3
      ? [`... and ${report.series.length - 3} more series, in ${pathText(files.forecast)}`, ""]
      : []),
    `Report:   ${pathText(files.page)}`,
    `Figures:  ${pathText(files.report)}`,
    `Forecast: ${pathText(files.forecast)}`,
    `Model:    ${pathText(files.model)}`,
  ].join("\n");
}

/** Why the table has no ARIMA, where nobody asked for that. */
function arimaText({ test, options }: Report): readonly string[] {
  if (test.arima !== undefined || options.arima === "left out on request") return [];
  return [`ARIMA was ${options.arima}.`];
}

/** The first and last time that was measured. */
function spanText({ data, series }: Report): string {
  if (data.time === null) return "";
  const times = series.flatMap(({ test }) => [test.times[0] ?? "", test.times.at(-1) ?? ""]).sort();
  return `, ${times[0]} to ${times.at(-1)}`;
}

function errorTable(test: Report["test"]): string {
  const names = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => test[name] !== undefined);
  const smallest = Math.min(...names.map((name) => test[name]?.rmse ?? Number.POSITIVE_INFINITY));
  const text = numberText(smallest);
  const rows = names.map((name) => {
    const { rmse, mae, mape } = test[name] as ForecastErrors;
    const mark = rmse === smallest ? "best" : "";
    const share = name === "model" ? "" : shareText(test.model.rmse / rmse);
    return [NAMES[name], text(rmse), text(mae), mape === null ? "-" : shareText(mape, 2), share, mark];
  });
  return tableText([["forecast", "RMSE", "MAE", "MAPE %", "LSTM / forecast", ""], ...rows]);
}

/** A dash where there is nothing to divide by; past a million the digits mean nothing. */
function shareText(share: number, decimals: number = 3): string {
  if (!Number.isFinite(share)) return "-";
  return share < 1e6 ? share.toFixed(decimals) : share.toExponential(1);
}

const MOST_STEPS = 14;

function nextText(series: Report["series"][number], target: string): string {
  const title = series.name === "" ? `Next steps of ${target}:` : `Next steps of ${target}, ${series.name}:`;
  const text = numberText(largest(series.forecast.map(({ value }) => value)));
  const rows = series.forecast.map(({ time, value, lower95, upper95 }) => {
    return [time, text(value), text(lower95), text(upper95)];
  });
  const shown = rows.length > MOST_STEPS ? [...rows.slice(0, MOST_STEPS - 1), ["...", "", "", ""]] : rows;
  return `${title}\n\n${tableText([["time", "forecast", "95 % from", "to"], ...shown])}\n`;
}

function pathText(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}
