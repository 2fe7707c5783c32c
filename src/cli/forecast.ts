/** `gatefold forecast`: train, backtest, forecast, report. */
import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { OptionError } from "../errors.ts";
import { init } from "../init.ts";
import type { CalendarPart } from "../series/calendar.ts";
import { Forecaster } from "../series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../series/forecaster/options.ts";
import { readError } from "./file-error.ts";
import { type Input, openInput } from "./input.ts";
import { makeReport, repairsOf } from "./make-report.ts";
import type { ForecastFlags, Outcome } from "./outcome.ts";
import { type Contents, forecastCsv, requireWritable, writeFiles } from "./outputs.ts";
import { openingText, resultText } from "./print.ts";
import { type Columns, findColumns, readSeries } from "./read-file.ts";
import { reportAssets } from "./report/assets.ts";
import { reportPage } from "./report/page.ts";
import type { Report } from "./report/report.ts";
import { savedReading } from "./saved-reading.ts";
import { readingStatus, StatusLine, trainingStatus } from "./status-line.ts";

export async function forecastCommand(file: string, flags: ForecastFlags): Promise<void> {
  const folder = resolve(flags.out ?? `${file === "-" ? "stdin" : basename(file, extname(file))}-forecast`);
  await requireWritable(folder);
  const input = await openInput(file);
  try {
    await forecastInput(file, input, folder, flags);
  } finally {
    input.close();
  }
}

async function forecastInput(file: string, input: Input, folder: string, flags: ForecastFlags): Promise<void> {
  const isSilent = flags.json === true || flags.quiet === true;
  const say = (text: string) => isSilent || console.log(text);
  const columns = await findColumns(input, flags, flags);
  const { epochs, batchSize, learningRate, maxWindows } = flags;
  using forecaster = new Forecaster(await forecasterOptions(columns, flags));
  const status = new StatusLine(isSilent ? undefined : process.stderr);
  const series = await readSeries(input, columns, flags, readingStatus(status, input)).finally(() => status.clear());
  say(openingText(input.name, series, columns));
  for (const repair of repairsOf(series)) say(repair);
  const info = await init({ numerics: flags.numerics });
  const callbacks = [trainingStatus(status)];
  const fit = await forecaster.fit(series, { epochs, batchSize, learningRate, maxWindows, callbacks });
  status.show(`Backtest${flags.arima ? ", with ARIMA fitted again at each row" : ""} ...`);
  const backtest = await forecaster.backtest({ arima: flags.arima ? "auto" : false }).finally(() => status.clear());
  const forecasts = series.map((one) => forecaster.forecast(undefined, { series: one }));
  const outcome = { file, columns, flags, info, forecaster, fit, backtest, forecasts };
  const report = makeReport(outcome);
  const files = await writeFiles(folder, await contentsOf(outcome, report));
  if (flags.json === true) console.log(JSON.stringify({ ...report, files }));
  else say(resultText(report, files));
}

async function contentsOf(outcome: Outcome, report: Report): Promise<Contents> {
  const { forecaster, columns, flags } = outcome;
  return {
    model: forecaster.save({ metadata: savedReading(columns, flags) }),
    report: `${JSON.stringify(report, null, 1)}\n`,
    page: reportPage(report, await reportAssets()),
    forecast: forecastCsv(report.series.map(({ name, forecast: rows }) => ({ name, rows }))),
  };
}

async function forecasterOptions(columns: Columns, flags: ForecastFlags): Promise<ForecasterOptions> {
  const { window, horizon, units, dropout, season, scaler, level, strategy, validation, calibration, test, seed } =
    flags;
  if (test === 0) throw new OptionError("--test must be above 0: the report measures the model on the last rows.");
  const calendar = flags.calendar?.join() ?? "auto";
  return {
    ...{ target: columns.target, features: columns.features, window, horizon, units, dropout, season, scaler, level },
    ...{ strategy, validation, calibration, test, seed },
    calendar: calendar === "none" ? [] : calendar === "auto" ? "auto" : (flags.calendar as readonly CalendarPart[]),
    holidays: flags.holidays === undefined ? undefined : await holidaysOf(flags.holidays),
  };
}

async function holidaysOf(text: string): Promise<readonly string[]> {
  const lines = text.startsWith("@") ? (await readText(text.slice(1))).split(/\r?\n/) : text.split(",");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw readError(path, error);
  }
}
