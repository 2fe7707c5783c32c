/** What the page's script draws: the columns of the report, rounded to what a screen can show. */
import type { TimeStyle } from "./times.ts";

/** Milliseconds since 1970, or numbers of rows; evenly spaced ones by their first. */
export type TimeColumn = readonly number[] | { readonly start: number; readonly step: number; readonly count: number };

/** Of each row the forecast and its intervals. */
export interface IntervalColumns {
  readonly times: TimeColumn;
  readonly model: readonly number[];
  readonly lower80: readonly number[];
  readonly upper80: readonly number[];
  readonly lower95: readonly number[];
  readonly upper95: readonly number[];
}

export interface TestColumns extends IntervalColumns {
  readonly actual: readonly number[];
  readonly baseline: readonly number[];
  /** Rows of these columns that are marked as anomalies, ascending. */
  readonly anomalies: readonly number[];
}

export interface SeriesData {
  readonly name: string;
  /** `numberFormat(scale, significant)` writes its values. */
  readonly scale: number;
  readonly significant: number;
  readonly test: TestColumns;
  readonly history: { readonly times: TimeColumn; readonly actual: readonly number[] };
  readonly forecast: IntervalColumns;
  /** What a reader who sees no charts is told. */
  readonly summaries: { readonly next: string; readonly test: string };
}

export interface HorizonData {
  readonly steps: readonly number[];
  readonly model: readonly number[];
  readonly baselines: readonly { readonly key: string; readonly rmse: readonly number[] }[];
  readonly coverage80: readonly number[];
  readonly coverage95: readonly number[];
}

export interface PageData {
  readonly style: TimeStyle;
  /** What errors are formatted by. */
  readonly errorScale: number;
  readonly series: readonly SeriesData[];
  readonly horizon: HorizonData;
  readonly period: {
    readonly labels: readonly string[];
    readonly model: readonly number[];
    readonly baseline: readonly number[];
  } | null;
  readonly training: {
    readonly loss: readonly number[];
    readonly validationLoss: readonly number[];
    /** From 0. */
    readonly bestEpoch: number;
  };
}

export function encodeTimes(times: readonly number[]): TimeColumn {
  const [start = 0, second = start] = times;
  const step = second - start;
  const isEven = times.length > 2 && times.every((time, i) => time === start + i * step);
  return isEven ? { start, step, count: times.length } : times;
}

export function decodeTimes(column: TimeColumn): readonly number[] {
  if (!("start" in column)) return column;
  return Array.from({ length: column.count }, (_, i) => column.start + i * column.step);
}
