import { basename } from "node:path";
import { load } from "../models/load.ts";
import { FORECASTER_METADATA } from "../series/forecaster/file.ts";
import type { Fitted } from "../series/forecaster/fitted.ts";
import { Forecaster } from "../series/forecaster/forecaster.ts";
import { describeFrequency } from "../series/frequency.ts";
import { openModelFile } from "./model-file.ts";
import { significant } from "./outputs.ts";
import { tableText } from "./print.ts";
import { readSaved, type SavedReading } from "./saved-reading.ts";
import { timeTextOf } from "./time.ts";

export async function inspectCommand(
  path: string,
  flags: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<void> {
  const { bytes, metadata, numerics } = await openModelFile(path);
  const isForecaster = metadata.has(FORECASTER_METADATA);
  const forecaster = isForecaster ? Forecaster.load(bytes) : undefined;
  const model = forecaster?.model ?? load(bytes);
  const weights = Object.entries(model.getWeights()).map(([name, { shape }]) => ({ name, shape: [...shape] }));
  const forecast = forecaster && forecasterFacts(forecaster.fitted, readSaved(metadata));
  const { seed, parameterCount: parameters } = model;
  const facts = { file: basename(path), bytes: bytes.length, parameters, seed, numerics: numerics ?? null };
  if (flags.json === true) {
    console.log(JSON.stringify({ ...facts, forecaster: forecast ?? null, weights, metadata: [...metadata.keys()] }));
  } else if (flags.quiet !== true) {
    const lines = Object.entries({ ...facts, ...forecast }).map(([name, value]) => [name, textOf(value)]);
    console.log(`${lines.map(([name = "", value = ""]) => `${name.padEnd(14)} ${value}`).join("\n")}\n`);
    model.summary({ print: console.log });
    console.log(
      `\n${tableText([["weight", "shape"], ...weights.map(({ name, shape }) => [name, `[${shape.join(", ")}]`])])}`,
    );
  }
  forecaster?.dispose();
  if (forecaster === undefined) model.dispose();
}

/** What a forecaster's file tells beside its weights. */
function forecasterFacts(fitted: Fitted, saved: SavedReading | undefined): Readonly<Record<string, unknown>> {
  const { target, features, window, horizon, strategy, frequency, season, level, calendar, holidays, series } = fitted;
  const spans = series.flatMap(({ span }) => span ?? []);
  const text = timeTextOf(frequency, spans[0] ?? 0);
  return {
    ...{ target, features, time: saved?.time ?? null, group: saved?.group ?? null, window, horizon, strategy },
    ...{ frequency: describeFrequency(frequency), season, level, calendar, holidays: holidays.size },
    series: series.map(({ name }) => name).filter((name) => name !== ""),
    rows: series.reduce((sum, { rows }) => sum + rows, 0),
    span: spans.length === 0 ? null : `${text(Math.min(...spans))} to ${text(Math.max(...spans))}`,
    scalers: series.map(({ target: scaler }) => scaler.toConfig()),
  };
}

const MOST_TEXTS = 10;

/** Of many values the first, of objects one. */
function textOf(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "number") return String(Number.isInteger(value) ? value : significant(value));
  if (typeof value !== "object") return String(value);
  if (!Array.isArray(value)) return configText(value as Readonly<Record<string, unknown>>);
  if (value.length === 0) return "none";
  const shown = value.slice(0, typeof value[0] === "object" ? 1 : MOST_TEXTS).map(textOf);
  const rest = value.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** "standard (mean 11356.87, deviation 2319.409)" */
function configText({ kind, ...numbers }: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(numbers).map(([name, value]) => `${name} ${textOf(value)}`);
  return parts.length === 0 ? String(kind) : `${kind} (${parts.join(", ")})`;
}
