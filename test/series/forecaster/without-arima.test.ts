import { beforeAll, expect, test, vi } from "vitest";
import { init } from "../../../src/core/load.ts";
import { UnsupportedError } from "../../../src/errors.ts";
import { Forecaster } from "../../../src/series/forecaster/forecaster.ts";
import { exampleSeries } from "../../support/series-example.ts";

vi.mock("../../../src/series/baselines/arima-package.ts", () => {
  throw new Error("Cannot find package 'arima'");
});

beforeAll(async () => {
  await init({ numerics: "strict" });
});

test("without the package arima a backtest leaves ARIMA out and says so; asked for it, it says what is missing", async () => {
  const forecaster = new Forecaster({ target: "sales", window: 8, horizon: 2, units: [4], seed: 1 });
  await forecaster.fit(exampleSeries(), { epochs: 1 });
  const { arima, test: errors } = await forecaster.backtest();
  expect(arima).toBe("left out: the package arima is not installed or cannot be loaded here");
  expect(Object.keys(errors)).toEqual(["model", "persistence", "seasonalNaive", "drift", "movingAverage"]);
  await expect(forecaster.backtest({ arima: true })).rejects.toThrow(UnsupportedError);
});
