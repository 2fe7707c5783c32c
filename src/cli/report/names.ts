/** What forecasts are called on the page. */
import type { BaselineName, ErrorsByForecast } from "./report.ts";

/** In the order in which charts and tables have them. */
export const BASELINES: Readonly<Record<BaselineName, string>> = {
  persistence: "Persistence",
  seasonalNaive: "Seasonal naive",
  drift: "Drift",
  movingAverage: "Moving average",
  arima: "ARIMA",
};

/** What each baseline foretells, for readers who do not know its name. */
export const BASELINE_NOTES: Readonly<Record<BaselineName, string>> = {
  persistence: "the last value again",
  seasonalNaive: "the value of one season before",
  drift: "the last value and the mean change so far",
  movingAverage: "the mean of the last values",
  arima: "a fitted seasonal ARIMA model",
};

/** The baselines that there are errors of. */
export function baselinesOf(errors: ErrorsByForecast): readonly BaselineName[] {
  return (Object.keys(BASELINES) as BaselineName[]).filter((name) => errors[name] !== undefined);
}
