/** `gatefold predict`: the steps after the last row of a file, by a model that `forecast` wrote. */
import { basename } from "node:path";
import { FormatError } from "../errors.ts";
import { writeFileAtomically } from "../io/files.ts";
import { FORECASTER_METADATA } from "../series/forecaster/file.ts";
import type { Fitted } from "../series/forecaster/fitted.ts";
import { Forecaster } from "../series/forecaster/forecaster.ts";
import type { Series } from "../series/series.ts";
import { writeError } from "./file-error.ts";
import { openInput } from "./input.ts";
import { anomalyRows, forecastRows } from "./make-report.ts";
import { openModelFile } from "./model-file.ts";
import { forecastCsv } from "./outputs.ts";
import { largest, numberText, tableText } from "./print.ts";
import { findColumns, type ReadingFlags, readingOf, readSeries } from "./read-file.ts";
import type { ReportedSeries } from "./report/report.ts";
import { readSaved, type SavedReading } from "./saved-reading.ts";
import { readingStatus, StatusLine } from "./status-line.ts";

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
  const series = await seriesOf(file, forecaster.fitted, readSaved(metadata), flags);
  const results = series.map((one) => resultOf(forecaster, one, flags));
  const { target } = forecaster.fitted;
  if (flags.out !== undefined) await writeCsv(flags.out, forecastCsv(results));
  if (flags.json === true) console.log(JSON.stringify({ target, series: results, file: flags.out ?? null }));
  else if (flags.quiet !== true) console.log(textOf(results, target, flags));
}

async function seriesOf(
  file: string,
  fitted: Fitted,
  saved: SavedReading | undefined,
  flags: PredictFlags,
): Promise<readonly Series[]> {
  const { target, features } = fitted;
  const { time = saved?.time, group = saved?.group } = flags;
  const input = await openInput(file);
  const status = new StatusLine(flags.json === true || flags.quiet === true ? undefined : process.stderr);
  try {
    const reading = { last: flags.last, ...saved?.reading, ...readingOf(flags) };
    const wanted = { target, features, time, group };
    const hasNoTimes = saved !== undefined || fitted.frequency.unit === "row";
    const columns = hasNoTimes ? { ...wanted, texts: [] } : await findColumns(input, wanted, reading);
    return await readSeries(input, columns, reading, readingStatus(status, input));
  } finally {
    status.clear();
    input.close();
  }
}

async function writeCsv(path: string, csv: string): Promise<void> {
  try {
    await writeFileAtomically(path, new TextEncoder().encode(csv));
  } catch (error) {
    throw writeError(path, error);
  }
}

interface Result {
  readonly name: string;
  readonly rows: ReturnType<typeof forecastRows>;
  readonly anomalies?: ReportedSeries["anomalies"];
}

function resultOf(forecaster: Forecaster, series: Series, flags: PredictFlags): Result {
  const forecast = forecaster.forecast(flags.horizon, { series });
  const known = series.columns.get(forecaster.fitted.target)?.length ?? 0;
  const rows = forecastRows(forecast, series, known);
  if (flags.anomalies !== true) return { name: series.name, rows };
  return { name: series.name, rows, anomalies: anomalyRows(forecaster.anomalies({ series }), series) };
}

function textOf(results: readonly Result[], target: string, flags: PredictFlags): string {
  return results
    .flatMap(({ name, rows, anomalies }) => [
      ...(flags.out === undefined
        ? [`Next steps of ${name === "" ? target : `${target}, ${name}`}:\n`, stepsTable(rows), ""]
        : []),
      ...(anomalies === undefined ? [] : [anomaliesText(anomalies, name), ""]),
    ])
    .concat(flags.out === undefined ? [] : [`Forecast: ${flags.out}`])
    .join("\n")
    .trimEnd();
}

function stepsTable(rows: Result["rows"]): string {
  const number = numberText(largest(rows.map(({ value }) => value)));
  const cells = rows.map(({ time, value, lower80, upper80, lower95, upper95 }) => {
    return [time, ...[value, lower80, upper80, lower95, upper95].map(number)];
  });
  return tableText([["time", "forecast", "80 % from", "to", "95 % from", "to"], ...cells]);
}

const MOST_ANOMALIES = 20;

function anomaliesText(anomalies: NonNullable<Result["anomalies"]>, name: string): string {
  const of = name === "" ? "" : ` of ${name}`;
  if (anomalies.length === 0) return `No row${of} lies outside its 95 % interval.`;
  const number = numberText(largest(anomalies.map(({ actual }) => actual)));
  const cells = anomalies.slice(0, MOST_ANOMALIES).map(({ time, actual, forecast, score }) => {
    return [time, number(actual), number(forecast), score.toFixed(2)];
  });
  const rest = anomalies.length - cells.length;
  return [
    `Rows${of} outside their 95 % interval, the most surprising first:\n`,
    tableText([["time", "actual", "forecast", "score"], ...cells]),
    ...(rest > 0 ? [`... and ${rest} more, which --json lists`] : []),
  ].join("\n");
}
