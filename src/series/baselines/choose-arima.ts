import { OptionError } from "../../errors.ts";
import { knownOptions, positiveInteger } from "../../options.ts";
import { forecastErrors } from "../forecast-errors.ts";
import { type ArimaBaseline, type ArimaOptions, arima } from "./arima.ts";
import { requireValues } from "./baseline.ts";

/** Options of `chooseArima`. */
export interface ChooseArimaOptions {
  /** Rows of one season, by default 1, which is none. */
  readonly season?: number | undefined;
  /** How many of the last values each candidate forecasts, by default 30. */
  readonly origins?: number | undefined;
  /** How many of the last values before an origin are fitted, by default 365; 250 takes two thirds of the time. */
  readonly history?: number | undefined;
}

/** An ARIMA and what it was chosen for. */
export interface ArimaChoice {
  readonly baseline: ArimaBaseline;
  /** Of its one-step forecasts of the last values. */
  readonly rmse: number;
}

/** Longest seasons whose differences and whose terms a few hundred values hold and a few milliseconds fit. */
const LONGEST_DIFFERENCE = 60;
const LONGEST_TERM = 12;

/**
 * Tries a short list of orders on the last values, one step ahead, and returns the one with the smallest RMSE, the first
 * of equal ones. `values` end before the test span: what is chosen on test rows says nothing about them.
 *
 * @throws OptionError also for fewer than two values.
 */
export async function chooseArima(values: Float64Array, options: ChooseArimaOptions = {}): Promise<ArimaChoice> {
  knownOptions("chooseArima", options, ["season", "origins", "history"]);
  requireValues("chooseArima", values);
  const season = positiveInteger("chooseArima", "season", options.season ?? 1);
  const count = Math.min(positiveInteger("chooseArima", "origins", options.origins ?? 30), values.length - 1);
  if (count < 1) {
    throw new OptionError(`chooseArima needs at least two values to try forecasts on, got ${values.length}.`);
  }
  const first = values.length - count;
  const origins = Int32Array.from({ length: count }, (_, n) => first + n);
  let best: ArimaChoice | undefined;
  for (const candidate of candidatesOf(season)) {
    const baseline = arima({ ...candidate, history: options.history });
    const { rmse } = forecastErrors(values.subarray(first), await baseline.forecast(values, origins, 1));
    if (best === undefined || rmse < best.rmse) best = { baseline, rmse };
  }
  if (best === undefined) throw new OptionError("chooseArima has no candidate.");
  return best;
}

function candidatesOf(season: number): readonly ArimaOptions[] {
  const plain: readonly ArimaOptions[] = [
    { order: [2, 1, 1] },
    { order: [1, 1, 1] },
    { order: [0, 1, 1] },
    { order: [0, 1, 2] },
  ];
  if (season < 2 || season > LONGEST_DIFFERENCE) return plain;
  const seasonal: readonly ArimaOptions[] = [{ order: [2, 0, 1], seasonal: [0, 1, 0], season }];
  if (season > LONGEST_TERM) return [...plain, ...seasonal];
  return [
    ...plain,
    ...seasonal,
    { order: [1, 0, 0], seasonal: [0, 1, 1], season },
    { order: [0, 1, 1], seasonal: [0, 1, 1], season },
  ];
}
