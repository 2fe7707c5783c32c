/** Forecasters of the example series that are fitted in milliseconds. */
import { Forecaster } from "../../src/series/forecaster/forecaster.ts";
import type { ForecasterOptions } from "../../src/series/forecaster/options.ts";
import type { ForecasterFitOptions } from "../../src/series/forecaster/training.ts";
import type { Series } from "../../src/series/series.ts";

export const SMALL: ForecasterOptions = { target: "sales", window: 8, horizon: 3, units: [3], seed: 5 };

/** SMALL with other options, after one epoch. */
export async function fittedSmall(
  series: Series | readonly Series[],
  options: ForecasterOptions = {},
  fit: ForecasterFitOptions = { epochs: 1 },
): Promise<Forecaster> {
  const forecaster = new Forecaster({ ...SMALL, ...options });
  await forecaster.fit(series, fit);
  return forecaster;
}
