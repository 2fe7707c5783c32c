/** The files of a forecast, each written whole or not at all. */
import { access, constants, mkdir, mkdtemp, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { csvLine } from "../training/csv-text.ts";
import { FileError, writeError } from "./file-error.ts";

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

/** Throws FileError where `writeFiles` could not write: nobody wants to learn that after an hour of training. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new FileError(`${folder} is a file: give a folder with --out.`);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing || dirname(folder) === folder) throw writeError(folder, error);
    await requireWritable(dirname(folder));
  }
}

/**
 * Writes all files beside their places first and then moves them there; of a failure nothing is left, and an interruption
 * waits for the end. Throws FileError.
 */
export async function writeFiles(folder: string, contents: Contents): Promise<Files> {
  try {
    await uninterrupted(() => writeAll(folder, contents));
  } catch (error) {
    throw writeError(folder, error);
  }
  const path = (key: keyof Files) => join(folder, NAMES[key]);
  return { model: path("model"), forecast: path("forecast"), report: path("report"), page: path("page") };
}

async function writeAll(folder: string, contents: Contents): Promise<void> {
  const created = await mkdir(folder, { recursive: true });
  try {
    const staging = await mkdtemp(join(folder, ".gatefold-"));
    try {
      const keys = Object.keys(NAMES) as (keyof Files)[];
      for (const key of keys) await writeSynced(join(staging, NAMES[key]), contents[key]);
      for (const key of keys) await rename(join(staging, NAMES[key]), join(folder, NAMES[key]));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  } catch (error) {
    if (created !== undefined) await removeEmpty(folder, created);
    throw error;
  }
}

/** Removes folders that were made, from `folder` up to `top`, while nobody has put something there. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    await rmdir(folder);
    if (folder !== top) await removeEmpty(dirname(folder), top);
  } catch {
    // What cannot be removed stays.
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Runs `body` to its end although the user interrupts; then the signal does what it would have done. */
async function uninterrupted(body: () => Promise<void>): Promise<void> {
  const seen: NodeJS.Signals[] = [];
  const keep = (signal: NodeJS.Signals) => void seen.push(signal);
  for (const signal of SIGNALS) process.on(signal, keep);
  try {
    await body();
  } finally {
    for (const signal of SIGNALS) process.off(signal, keep);
    if (seen[0] !== undefined) process.kill(process.pid, seen[0]);
  }
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

/** Series, time, forecast and bounds, a line a step; the column of the series only where they have names. */
export function forecastCsv(
  series: readonly { readonly name: string; readonly rows: readonly ForecastRow[] }[],
): string {
  const hasNames = series.some(({ name }) => name !== "");
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
