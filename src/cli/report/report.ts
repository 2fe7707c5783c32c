import type { BaselineName, Coverage, ErrorsByForecast } from "../../series/forecaster/backtest.ts";
import type { ForecasterFit } from "../../series/forecaster/training.ts";
import type { ForecastRow } from "../outputs.ts";

export type { BaselineName, Coverage, ErrorsByForecast };

/** Rows of a part of the data; times as ISO 8601 where there are any. */
export interface Part {
  readonly rows: number;
  readonly start?: string;
  readonly end?: string;
}

/** Everything that report.json holds and report.html draws. Times are ISO 8601; without times, row numbers as text. */
export interface Report {
  readonly gatefold: string;
  readonly created: string;
  readonly engine: { readonly variant: string; readonly name: string; readonly seed: number };
  readonly data: {
    readonly file: string;
    readonly target: string;
    readonly time: string | null;
    readonly features: readonly string[];
    readonly frequency: string;
    readonly season: number;
    readonly rows: number;
    readonly repairs: readonly string[];
  };
  readonly options: Readonly<Record<string, unknown>>;
  readonly split: { readonly train: Part; readonly validation: Part; readonly calibration: Part; readonly test: Part };
  readonly training: ForecasterFit;
  /** One step ahead over the test span. */
  readonly test: ErrorsByForecast;
  /** Of the one-step intervals over the test span. */
  readonly coverage: Coverage;
  /** The baseline with the smallest one-step RMSE, the model's RMSE over its (null where that is 0), and one sentence that says who wins. */
  readonly verdict: { readonly bestBaseline: BaselineName; readonly ratio: number | null; readonly sentence: string };
  readonly byHorizon: readonly ({ readonly step: number; readonly coverage: Coverage } & ErrorsByForecast)[];
  /** One-step errors by weekday, hour or month; null where rows have no times. */
  readonly byPeriod: {
    readonly period: "hour" | "weekday" | "month";
    readonly rows: readonly ({ readonly label: string; readonly rows: number } & ErrorsByForecast)[];
  } | null;
  readonly series: readonly ReportedSeries[];
}

/** One series of the file: its test span one step ahead, its last known values, and what comes next. */
export interface ReportedSeries {
  /** "" when the file holds one series. */
  readonly name: string;
  readonly test: {
    readonly times: readonly string[];
    readonly actual: readonly number[];
    readonly model: readonly number[];
    readonly lower80: readonly number[];
    readonly upper80: readonly number[];
    readonly lower95: readonly number[];
    readonly upper95: readonly number[];
    readonly bestBaseline: readonly number[];
  };
  readonly history: { readonly times: readonly string[]; readonly actual: readonly number[] };
  readonly forecast: readonly ForecastRow[];
  /** Rows of the test span outside the 95 % interval, the most surprising first; score = distance from the forecast over the interval's half width. */
  readonly anomalies: readonly {
    readonly time: string;
    readonly actual: number;
    readonly forecast: number;
    readonly score: number;
  }[];
}
