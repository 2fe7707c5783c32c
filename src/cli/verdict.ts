/** One sentence that says whether the model is worth its time, and where. */
import type { Backtest, BaselineName, ErrorsByForecast } from "../series/forecaster/backtest.ts";

/** The baselines' names for readers of a sentence. */
const WORDS: Readonly<Record<BaselineName, string>> = {
  persistence: "persistence (the last value)",
  seasonalNaive: "seasonal naive (the value a season ago)",
  drift: "drift",
  movingAverage: "a moving average",
  arima: "ARIMA",
};

/** Errors closer than this share are called equal. */
const EQUAL = 0.005;

export function verdictOf(
  backtest: Pick<Backtest, "bestBaseline" | "ratio" | "byHorizon" | "test" | "series">,
): string {
  const { bestBaseline, ratio, byHorizon, test, series } = backtest;
  const name = WORDS[bestBaseline];
  const steps = `${countText(byHorizon, "steps ahead")}${countText(series, "series")}`;
  if (ratio < 1 - EQUAL) {
    const below = percentOf(1 - ratio);
    return `One step ahead, the model's error is ${below} below that of the best baseline, ${name}.${steps}`;
  }
  const not = `One step ahead, the model does not beat the best baseline, ${name}: `;
  if (test[bestBaseline]?.rmse === 0) {
    const model = test.model.rmse === 0 ? "neither has an error" : "that has no error at all";
    return `${not}${model}.${steps} Use the baseline.`;
  }
  if (ratio <= 1 + EQUAL) return `${not}their errors are equal to within half a per cent.${steps}`;
  const excess = ratio < 2 ? `${percentOf(ratio - 1)} larger` : `${timesText(ratio)} times as large`;
  return `${not}its error is ${excess}.${steps} Use the baseline.`;
}

/** In how many the model has the smallest error; of a single one the sentence has said all. */
function countText(list: readonly { readonly errors: ErrorsByForecast }[], what: string): string {
  const all = list.length;
  if (all < 2) return "";
  const best = list.filter(({ errors: { model, ...others } }) => {
    return Object.values(others).every((other) => other === undefined || model.rmse < other.rmse);
  }).length;
  const count = best === 0 ? "none of the" : best === all ? "all" : `${best} of the`;
  return ` The model is the best at ${count} ${all} ${what}.`;
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function timesText(ratio: number): string {
  if (ratio >= 1000) return "more than 1,000";
  return ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0);
}
