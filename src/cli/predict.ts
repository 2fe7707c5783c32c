/** `gatefold predict`: the steps after the last row of a file, by a model that `forecast` wrote. */
import { basename } from "node:path";
import { FormatError } from "../errors.ts";
import { ConfigReader } from "../io/config.ts";
import { writeFileAtomically } from "../io/files.ts";
import { FORECASTER_METADATA } from "../series/forecaster/file.ts";
import { Forecaster } from "../series/forecaster/forecaster.ts";
import type { Series } from "../series/series.ts";
import { CSV_METADATA } from "./forecast.ts";
import { forecastRows } from "./make-report.ts";
import { openModelFile } from "./model-file.ts";
import { forecastCsv } from "./outputs.ts";
import { shortNumber, tableText } from "./print.ts";
import { type Columns, type ReadingFlags, readingOf, readSeries } from "./read-file.ts";
import { timeTextOf } from "./time.ts";

export interface PredictFlags extends ReadingFlags {
  readonly time?: string;
  readonly group?: string;
  readonly horizon?: number;
  readonly anomalies?: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function predictCommand(modelPath: string, file: string, flags: PredictFlags): Promise<void> {
  const { bytes, metadata } = await openModelFile(modelPath);
  if (!metadata.has(FORECASTER_METADATA)) {
    throw new FormatError(
      `${basename(modelPath)} holds no forecaster: give the model.safetensors that gatefold forecast wrote.`,
    );
  }
  using forecaster = Forecaster.load(bytes);
  const saved = readSaved(metadata.get(CSV_METADATA));
  const { target, features } = forecaster.fitted;
  const columns: Columns = { target, features, time: flags.time ?? saved.time, group: flags.group ?? saved.group };
  const series = await readSeries(file, columns, { last: flags.last, ...saved.reading, ...readingOf(flags) });
  const results = series.map((one) => resultOf(forecaster, one, flags));
  const csv = forecastCsv(results);
  if (flags.out !== undefined) await writeFileAtomically(flags.out, new TextEncoder().encode(csv));
  if (flags.json === true) console.log(JSON.stringify({ target, series: results, file: flags.out ?? null }));
  else if (flags.quiet !== true) console.log(textOf(results, target, flags));
}

interface Result {
  readonly name: string;
  readonly rows: ReturnType<typeof forecastRows>;
  readonly anomalies?: readonly {
    readonly time: string;
    readonly actual: number;
    readonly forecast: number;
    readonly score: number;
  }[];
}

function resultOf(forecaster: Forecaster, series: Series, flags: PredictFlags): Result {
  const forecast = forecaster.forecast(flags.horizon, { series });
  const known = series.columns.get(forecaster.fitted.target)?.length ?? 0;
  const rows = forecastRows(forecast, { series }, known);
  if (flags.anomalies !== true) return { name: series.name, rows };
  const text = series.times && timeTextOf(series.frequency, series.times[0] ?? 0);
  const anomalies = forecaster.anomalies({ series }).map(({ row, time, actual, forecast: expected, score }) => ({
    ...{
      time: text === undefined || time === undefined ? String(row + 1) : text(time),
      actual,
      forecast: expected,
      score,
    },
  }));
  return { name: series.name, rows, anomalies };
}

function textOf(results: readonly Result[], target: string, flags: PredictFlags): string {
  return results
    .flatMap(({ name, rows, anomalies }) => [
      ...(flags.out === undefined
        ? [`Next steps of ${name === "" ? target : `${target}, ${name}`}:\n`, stepsTable(rows), ""]
        : []),
      ...(anomalies === undefined ? [] : [anomaliesText(anomalies), ""]),
    ])
    .concat(flags.out === undefined ? [] : [`Forecast: ${flags.out}`])
    .join("\n")
    .trimEnd();
}

function stepsTable(rows: Result["rows"]): string {
  const cells = rows.map(({ time, value, lower80, upper80, lower95, upper95 }) => {
    return [time, ...[value, lower80, upper80, lower95, upper95].map(shortNumber)];
  });
  return tableText([["time", "forecast", "80 % from", "to", "95 % from", "to"], ...cells]);
}

function anomaliesText(anomalies: NonNullable<Result["anomalies"]>): string {
  if (anomalies.length === 0) return "No row lies outside its 95 % interval.";
  const cells = anomalies.map(({ time, actual, forecast, score }) => [
    time,
    shortNumber(actual),
    shortNumber(forecast),
    score.toFixed(2),
  ]);
  return `Rows outside their 95 % interval, the most surprising first:\n\n${tableText([["time", "actual", "forecast", "score"], ...cells])}`;
}

/** How the training file was read; of a model that another program saved nothing is known. */
function readSaved(text: string | undefined): {
  time: string | undefined;
  group: string | undefined;
  reading: ReadingFlags;
} {
  if (text === undefined) return { time: undefined, group: undefined, reading: {} };
  const config = ConfigReader.parse(text, CSV_METADATA).object();
  const string = (name: string) => {
    const value = config.optional(name);
    return value === undefined || value.isNull ? undefined : value.string();
  };
  const names = ["missing", "gaps", "duplicates", "order", "delimiter", "decimal", "encoding", "timeFormat"] as const;
  const reading: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, string(name)]));
  reading.missingTexts = config
    .optional("missingTexts")
    ?.array(1000)
    .map((one) => one.string());
  return { time: string("time"), group: string("group"), reading: readingOf(reading) };
}
