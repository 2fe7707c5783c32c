import { expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";
import { readForecasterOptions } from "../../src/series/forecaster/options.ts";
import { MOST_WINDOWS } from "../../src/series/forecaster/training.ts";

test("the command line's defaults are the forecaster's", () => {
  const command = makeProgram().commands.find((one) => one.name() === "forecast");
  const flags = command?.opts() as Readonly<Record<string, unknown>>;
  const { seed: _, ...settings } = readForecasterOptions({});
  const shared = Object.entries(settings).filter(([name]) => flags[name] !== undefined);
  expect(shared.map(([name]) => name)).toEqual([
    ...["window", "horizon", "units", "dropout", "scaler", "level", "strategy", "validation", "calibration", "test"],
  ]);
  for (const [name, value] of shared) expect([name, flags[name]]).toEqual([name, value]);
  expect(flags).toMatchObject({ batchSize: 64, learningRate: 6e-3, maxWindows: MOST_WINDOWS });
});
