import { knownOptions, positiveInteger } from "../../options.ts";
import { type ImmediateBaseline, stepwise } from "./baseline.ts";

/** Options of `seasonalNaive`. */
export interface SeasonalNaiveOptions {
  /** Rows of one season: 7 for days with a week in them. */
  readonly season: number;
}

/**
 * The last known value of the same place in the season; an origin needs a season before it.
 *
 * @throws OptionError
 */
export function seasonalNaive(options: SeasonalNaiveOptions): ImmediateBaseline {
  knownOptions("seasonalNaive", options, ["season"]);
  const season = positiveInteger("seasonalNaive", "season", options.season);
  return stepwise("seasonalNaive", season, (values, origin) => {
    return (step) => values[origin - season + (step % season)] ?? NaN;
  });
}
