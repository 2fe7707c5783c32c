/** The level of a window: what its values are told relative to. */
import type { Level } from "./options.ts";

/** Reads levels of windows over one scaled column. */
export type LevelAt = (values: Float64Array, origin: number) => number;

/**
 * The level of the window before `origin`: its last value, or the mean of as many whole seasons as fit into it (of the
 * window where none does), or 0. Subtracting the last value: Zeng et al. 2023, "Are Transformers Effective for Time Series
 * Forecasting?", NLinear; the mean: Kim et al. 2022, reversible instance normalization, without its scale.
 */
export function levelOf(level: Level, window: number, season: number): LevelAt {
  if (level === "none") return () => 0;
  if (level === "last") return (values, origin) => values[origin - 1] ?? 0;
  const rows = season <= window ? Math.floor(window / season) * season : window;
  return (values, origin) => {
    let sum = 0;
    for (let row = origin - rows; row < origin; row++) sum += values[row] ?? 0;
    return sum / rows;
  };
}

/** Sum of the squared distances from the level to the `steps` values after each of the origins, and their number. */
export function distance(
  values: Float64Array,
  levelAt: LevelAt,
  origins: { readonly from: number; readonly to: number },
  steps: number,
): { readonly sum: number; readonly count: number } {
  let sum = 0;
  let count = 0;
  for (let origin = origins.from; origin < origins.to; origin++) {
    const level = levelAt(values, origin);
    for (let step = 0; step < steps; step++) {
      const error = (values[origin + step] ?? 0) - level;
      sum += error * error;
      count += 1;
    }
  }
  return { sum, count };
}
