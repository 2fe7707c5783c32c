/** What `gatefold forecast` was asked for, and what it computed. */
import type { CoreInfo } from "../core/context.ts";
import type { Backtest } from "../series/forecaster/backtest.ts";
import type { Forecast } from "../series/forecaster/forecast.ts";
import type { Forecaster } from "../series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../series/forecaster/options.ts";
import type { ForecasterFit } from "../series/forecaster/training.ts";
import type { Columns, ReadingFlags } from "./read-file.ts";

/** Options of the command, as the parser names them. */
export interface ForecastFlags extends ReadingFlags {
  readonly target?: string;
  readonly time?: string;
  readonly features?: readonly string[];
  readonly group?: string;
  readonly window: number;
  readonly horizon: number;
  readonly units: readonly number[];
  readonly dropout: number;
  readonly epochs?: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly maxWindows: number;
  readonly seed: number;
  readonly strategy: "direct" | "recursive";
  readonly scaler: NonNullable<ForecasterOptions["scaler"]>;
  readonly level: NonNullable<ForecasterOptions["level"]>;
  readonly season?: number;
  readonly calendar?: readonly string[];
  readonly holidays?: string;
  readonly validation: number;
  readonly calibration: number;
  readonly test: number;
  readonly arima: boolean;
  readonly numerics: "strict" | "fast";
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Everything that a report is made of. */
export interface Outcome {
  readonly file: string;
  readonly columns: Columns;
  readonly flags: ForecastFlags;
  readonly info: CoreInfo;
  readonly forecaster: Forecaster;
  readonly fit: ForecasterFit;
  readonly backtest: Backtest;
  readonly forecasts: readonly Forecast[];
}
