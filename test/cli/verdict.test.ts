import { describe, expect, test } from "vitest";
import { tableText } from "../../src/cli/print.ts";
import { verdictOf } from "../../src/cli/verdict.ts";
import type { ErrorsByForecast } from "../../src/series/forecaster/backtest.ts";

const errors = (rmse: number) => ({ rmse, mae: rmse, mape: null });
/** The model's and ARIMA's RMSE at each step. */
const backtest = (...steps: readonly (readonly [model: number, arima: number])[]) => {
  const byHorizon = steps.map(([model, arima], i) => {
    const of: ErrorsByForecast = { model: errors(model), persistence: errors(arima), arima: errors(arima) };
    return { step: i + 1, errors: of, coverage: { 80: 1, 95: 1 } };
  });
  const [[model, arima] = [Number.NaN, Number.NaN]] = steps;
  const ratio = model === arima ? 1 : model / arima;
  return {
    bestBaseline: "arima",
    ratio,
    byHorizon,
    test: byHorizon[0]?.errors ?? { model: errors(0) },
    series: [],
  } as const;
};
const BEATEN = "One step ahead, the model does not beat the best baseline, ARIMA: ";

describe("the verdict", () => {
  test.each<[string, ReturnType<typeof backtest>, string]>([
    [
      "better",
      backtest([40, 100]),
      "One step ahead, the model's error is 60.0 % below that of the best baseline, ARIMA.",
    ],
    [
      "better at some steps",
      backtest([40, 100], [50, 50], [1, 2]),
      "One step ahead, the model's error is 60.0 % below that of the best baseline, ARIMA. The model is the best at 2 of the 3 steps ahead.",
    ],
    ["equal", backtest([100, 100]), `${BEATEN}their errors are equal to within half a per cent.`],
    ["equal but for little", backtest([99.6, 100]), `${BEATEN}their errors are equal to within half a per cent.`],
    ["worse", backtest([120, 100]), `${BEATEN}its error is 20.0 % larger. Use the baseline.`],
    ["much worse", backtest([310, 100]), `${BEATEN}its error is 3.1 times as large. Use the baseline.`],
    [
      "worse at all steps",
      backtest([1234, 100], [3, 2]),
      `${BEATEN}its error is 12 times as large. The model is the best at none of the 2 steps ahead. Use the baseline.`,
    ],
    ["hopeless", backtest([1e9, 1]), `${BEATEN}its error is more than 1,000 times as large. Use the baseline.`],
    ["against a perfect baseline", backtest([0.1, 0]), `${BEATEN}that has no error at all. Use the baseline.`],
    [
      "both perfect",
      backtest([0, 0], [0, 0]),
      `${BEATEN}neither has an error. The model is the best at none of the 2 steps ahead. Use the baseline.`,
    ],
  ])("%s", (_, given, sentence) => {
    expect(verdictOf(given)).toBe(sentence);
  });
});

test("of several series the verdict counts those that the model is the best at, however small their numbers", () => {
  const series = [backtest([40, 100]), backtest([2, 1]), backtest([3, 1])].map(({ test: one }) => ({ errors: one }));
  const given = { ...backtest([40, 100]), series } as unknown as Parameters<typeof verdictOf>[0];
  expect(verdictOf(given)).toBe(
    "One step ahead, the model's error is 60.0 % below that of the best baseline, ARIMA. The model is the best at 1 of the 3 series.",
  );
});

test("a table may have more rows than a call has arguments", () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [String(i), "1"]);
  expect(tableText(rows).split("\n")[3]).toBe("3        1");
});
