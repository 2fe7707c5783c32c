/** The files of a forecast, each written whole or not at all. */
import { mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { csvLine } from "../training/csv-text.ts";

/** Contents of the four files. */
export interface Contents {
  readonly model: Uint8Array;
  readonly forecast: string;
  readonly report: string;
  readonly page: string;
}

/** Paths of the four files. */
export interface Files {
  readonly model: string;
  readonly forecast: string;
  readonly report: string;
  readonly page: string;
}

/** One step of a forecast, as text and numbers. */
export interface ForecastRow {
  readonly time: string;
  readonly value: number;
  readonly lower80: number;
  readonly upper80: number;
  readonly lower95: number;
  readonly upper95: number;
}

const NAMES: Files = {
  model: "model.safetensors",
  forecast: "forecast.csv",
  report: "report.json",
  page: "report.html",
};

/** Writes all files beside their places first and then moves them there; of a failure nothing is left. */
export async function writeFiles(folder: string, contents: Contents): Promise<Files> {
  await mkdir(folder, { recursive: true });
  const staging = await mkdtemp(join(folder, ".gatefold-"));
  try {
    const keys = Object.keys(NAMES) as (keyof Files)[];
    for (const key of keys) await writeSynced(join(staging, NAMES[key]), contents[key]);
    for (const key of keys) await rename(join(staging, NAMES[key]), join(folder, NAMES[key]));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  const path = (key: keyof Files) => join(folder, NAMES[key]);
  return { model: path("model"), forecast: path("forecast"), report: path("report"), page: path("page") };
}

async function writeSynced(path: string, contents: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Series, time, forecast and bounds, a line a step; the column of the series only where there are several. */
export function forecastCsv(
  series: readonly { readonly name: string; readonly rows: readonly ForecastRow[] }[],
): string {
  const hasNames = series.length > 1;
  const names = ["time", "forecast", "lower80", "upper80", "lower95", "upper95"];
  const lines = [csvLine(hasNames ? ["series", ...names] : names, ",")];
  for (const { name, rows } of series) {
    for (const { time, value, lower80, upper80, lower95, upper95 } of rows) {
      const numbers = [value, lower80, upper80, lower95, upper95].map((one) => String(significant(one)));
      lines.push(csvLine([...(hasNames ? [name] : []), time, ...numbers], ","));
    }
  }
  return lines.join("");
}

/** Seven digits: what a float32 network can tell. */
export function significant(value: number): number {
  return Number(value.toPrecision(7));
}
