/** The public names of gatefold/series; a snapshot test holds them. */
export {
  type Backtest as RollingBacktest,
  type BacktestOptions as RollingBacktestOptions,
  backtest,
} from "./backtest.ts";
export { type ArimaBaseline, type ArimaOptions, type ArimaOrder, arima } from "./baselines/arima.ts";
export type { Baseline, Forecast as BaselineForecast, ImmediateBaseline } from "./baselines/baseline.ts";
export { type ArimaChoice, type ChooseArimaOptions, chooseArima } from "./baselines/choose-arima.ts";
export { drift } from "./baselines/drift.ts";
export { type MovingAverageOptions, movingAverage } from "./baselines/moving-average.ts";
export { persistence } from "./baselines/persistence.ts";
export { type SeasonalNaiveOptions, seasonalNaive } from "./baselines/seasonal-naive.ts";
export {
  type CalendarFeatures,
  type CalendarOptions,
  type CalendarPart,
  calendarFeatures,
  calendarPartsOf,
} from "./calendar.ts";
export type { ColumnKind } from "./column-rules.ts";
export { type ReadCsvOptions, readCsv } from "./csv.ts";
export type { CsvSource } from "./csv-source.ts";
export { type DifferenceOptions, difference, undifference } from "./difference.ts";
export { coverage, type ForecastErrors, forecastErrors } from "./forecast-errors.ts";
export type {
  Backtest,
  BacktestOptions as ForecasterBacktestOptions,
  BaselineName,
  Coverage,
  ErrorsByForecast,
  SeriesBacktest,
} from "./forecaster/backtest.ts";
export type { FineTune, FineTuneOptions } from "./forecaster/fine-tune.ts";
export type { Fitted, FittedSeries, Interval } from "./forecaster/fitted.ts";
export type { Anomaly, AnomalyOptions, Bounded, Forecast, ForecastOptions } from "./forecaster/forecast.ts";
export { Forecaster, type ForecasterSaveOptions } from "./forecaster/forecaster.ts";
export type { ForecasterOptions, Level } from "./forecaster/options.ts";
export type { PreparedSeries } from "./forecaster/prepare.ts";
export type { ForecasterFit, ForecasterFitOptions } from "./forecaster/training.ts";
export {
  addSteps,
  describeFrequency,
  type Frequency,
  type FrequencyUnit,
  inferFrequency,
  seasonOf,
  stepsBetween,
} from "./frequency.ts";
export type { GapPolicy } from "./gaps.ts";
export { type Holiday, holidayDays } from "./holidays.ts";
export type { MissingPolicy } from "./missing.ts";
export { scalerFromConfig } from "./scalers/config.ts";
export { type LogScalerOptions, logScaler } from "./scalers/log.ts";
export { type MinMaxScalerOptions, minMaxScaler } from "./scalers/min-max.ts";
export { resolveScaler, type ScalerName } from "./scalers/resolve.ts";
export { robustScaler } from "./scalers/robust.ts";
export type { Scaler } from "./scalers/scaler.ts";
export { standardScaler } from "./scalers/standard.ts";
export type { Series } from "./series.ts";
export {
  chronologicalSplit,
  type OriginOptions,
  rollingOrigins,
  type Span,
  type Split,
  type SplitOptions,
} from "./split.ts";
export { type ColumnValues, createTable, Table } from "./table.ts";
export type { TimeFormat } from "./time-format.ts";
export {
  type CreateSeriesOptions,
  createSeries,
  type SeriesPolicies,
  type ToSeriesByGroupOptions,
  type ToSeriesOptions,
  toSeries,
  toSeriesByGroup,
} from "./to-series.ts";
export type { DuplicatePolicy, OrderPolicy } from "./to-series-rows.ts";
export { type WindowOptions, type Windows, windows } from "./windows.ts";
