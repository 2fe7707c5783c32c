/** What the command prints when it is done. */
import { relative } from "node:path";
import type { ForecastErrors } from "../series/forecast-errors.ts";
import type { Files } from "./outputs.ts";
import type { Report } from "./report/report.ts";

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
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

/** Four digits that count, without an exponent for usual sizes. */
export function shortNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(3);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
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
    `80 % interval holds ${percent(coverage["80"])} of these rows, 95 % interval ${percent(coverage["95"])}.`,
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

/** The first and last time that was measured. */
function spanText({ data, series }: Report): string {
  if (data.time === null) return "";
  const times = series.flatMap(({ test }) => [test.times[0] ?? "", test.times.at(-1) ?? ""]).sort();
  return `, ${times[0]} to ${times.at(-1)}`;
}

function errorTable(test: Report["test"]): string {
  const names = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => test[name] !== undefined);
  const smallest = Math.min(...names.map((name) => test[name]?.rmse ?? Number.POSITIVE_INFINITY));
  const rows = names.map((name) => {
    const { rmse, mae, mape } = test[name] as ForecastErrors;
    const mark = rmse === smallest ? "*" : "";
    const share = name === "model" ? "" : (test.model.rmse / rmse).toFixed(3);
    return [NAMES[name], shortNumber(rmse), shortNumber(mae), mape === null ? "-" : mape.toFixed(2), share, mark];
  });
  return tableText([["forecast", "RMSE", "MAE", "MAPE %", "LSTM / it", ""], ...rows]);
}

function nextText(series: Report["series"][number], target: string): string {
  const title = series.name === "" ? `Next steps of ${target}:` : `Next steps of ${target}, ${series.name}:`;
  const rows = series.forecast.map(({ time, value, lower95, upper95 }) => {
    return [time, shortNumber(value), shortNumber(lower95), shortNumber(upper95)];
  });
  const shown = rows.length > 14 ? [...rows.slice(0, 13), ["...", "", "", ""]] : rows;
  return `${title}\n\n${tableText([["time", "forecast", "95 % from", "to"], ...shown])}\n`;
}

function pathText(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}
