import { knownOptions, positiveInteger } from "../../options.ts";
import { type ImmediateBaseline, stepwise } from "./baseline.ts";

/** Options of `movingAverage`. */
export interface MovingAverageOptions {
  /** How many values the mean is of. */
  readonly window: number;
}

/**
 * The mean of the last `window` values, of all where there are fewer, for every step.
 *
 * @throws OptionError
 */
export function movingAverage(options: MovingAverageOptions): ImmediateBaseline {
  knownOptions("movingAverage", options, ["window"]);
  const window = positiveInteger("movingAverage", "window", options.window);
  return stepwise("movingAverage", 1, (values, origin) => {
    const first = Math.max(0, origin - window);
    let sum = 0;
    for (let t = first; t < origin; t++) sum += values[t] ?? NaN;
    const mean = sum / (origin - first);
    return () => mean;
  });
}
