/** `gatefold forecast`: train, backtest, forecast, report. */
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { init } from "../core/load.ts";
import { OptionError } from "../errors.ts";
import { Forecaster } from "../series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../series/forecaster/options.ts";
import { makeReport, repairsOf } from "./make-report.ts";
import type { ForecastFlags, Outcome } from "./outcome.ts";
import { type Contents, forecastCsv, writeFiles } from "./outputs.ts";
import { resultText } from "./print.ts";
import { type Columns, findColumns, readingOf, readSeries } from "./read-file.ts";
import { reportAssets } from "./report/assets.ts";
import { reportPage } from "./report/page.ts";
import type { Report } from "./report/report.ts";

/** Metadata entry of the model file that tells `predict` how to read. */
export const CSV_METADATA = "gatefold.csv";

export async function forecastCommand(file: string, flags: ForecastFlags): Promise<void> {
  const folder = folderOf(file, flags.out);
  const columns = await findColumns(file, flags, flags);
  const options = await forecasterOptions(columns, flags);
  using forecaster = new Forecaster(options);
  const say = (text: string) => flags.json !== true && flags.quiet !== true && console.log(text);
  const series = await readSeries(file, columns, flags);
  const rows = series.reduce((sum, one) => sum + (one.columns.get(columns.target)?.length ?? 0), 0);
  say(
    `${basename(file)}: ${rows} rows${series.length > 1 ? ` of ${series.length} series` : ""}, forecasting ${columns.target}.`,
  );
  for (const repair of repairsOf(series)) say(repair);
  const info = await init({ numerics: flags.numerics });
  const shows = process.stdout.isTTY === true && flags.json !== true && flags.quiet !== true;
  const { epochs, batchSize, learningRate, maxWindows } = flags;
  const fit = await forecaster.fit(series, { epochs, batchSize, learningRate, maxWindows, verbose: shows ? 1 : 0 });
  const backtest = await forecaster.backtest({ arima: flags.arima ? "auto" : false });
  const forecasts = series.map((one) => forecaster.forecast(undefined, { series: one }));
  const outcome = { file, columns, flags, info, forecaster, fit, backtest, forecasts };
  const report = makeReport(outcome);
  const files = await writeFiles(folder, await contentsOf(outcome, report));
  if (flags.json === true) console.log(JSON.stringify({ ...report, files }));
  else say(resultText(report, files));
}

async function contentsOf(outcome: Outcome, report: Report): Promise<Contents> {
  const { forecaster, columns, flags } = outcome;
  const { time, group } = columns;
  const metadata = {
    [CSV_METADATA]: JSON.stringify({ version: 1, time: time ?? null, group: group ?? null, ...readingOf(flags) }),
  };
  return {
    model: forecaster.save({ metadata }),
    report: `${JSON.stringify(report, null, 1)}\n`,
    page: reportPage(report, await reportAssets()),
    forecast: forecastCsv(report.series.map(({ name, forecast: rows }) => ({ name, rows }))),
  };
}

/** The folder to write to; refused before an hour of training where it is a file. */
function folderOf(file: string, out: string | undefined): string {
  const name = file === "-" ? "stdin" : basename(file, extname(file));
  const folder = resolve(out ?? `${name}-forecast`);
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new OptionError(`${folder} is a file: give a folder with --out.`);
  }
  const parent = dirname(folder);
  if (existsSync(parent)) return folder;
  const above = dirname(join(parent, ".."));
  if (existsSync(above) && !statSync(above).isDirectory())
    throw new OptionError(`${above} is a file: give another folder with --out.`);
  return folder;
}

async function forecasterOptions(columns: Columns, flags: ForecastFlags): Promise<ForecasterOptions> {
  const { window, horizon, units, dropout, season, scaler, level, strategy, validation, calibration, test, seed } =
    flags;
  if (test === 0)
    throw new OptionError("gatefold forecast needs --test above 0: its report measures the model on the last rows.");
  const isNone = flags.calendar?.length === 1 && flags.calendar[0] === "none";
  return {
    ...{ target: columns.target, features: columns.features, window, horizon, units, dropout, season, scaler, level },
    ...{ strategy, validation, calibration, test, seed },
    calendar: isNone ? [] : ((flags.calendar ?? "auto") as ForecasterOptions["calendar"]),
    holidays: flags.holidays === undefined ? undefined : await holidaysOf(flags.holidays),
  };
}

async function holidaysOf(text: string): Promise<readonly string[]> {
  const lines = text.startsWith("@") ? (await readFile(text.slice(1), "utf8")).split(/\r?\n/) : text.split(",");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
