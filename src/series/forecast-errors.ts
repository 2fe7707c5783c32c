import { OptionError, ShapeError } from "../errors.ts";
import { numbers } from "../options.ts";

/** What a set of forecasts is measured by. */
export interface ForecastErrors {
  /** Root of the mean squared error, in the target's unit. */
  readonly rmse: number;
  /** Mean absolute error, in the target's unit. */
  readonly mae: number;
  /** Mean absolute error in per cent of the actual value, over the actual values that are not 0; null when all are. */
  readonly mape: number | null;
}

/**
 * Errors of forecasts of the same rows as `actual`.
 *
 * @throws ShapeError when there is no row, or not a forecast for each.
 */
export function forecastErrors(actual: ArrayLike<number>, forecast: ArrayLike<number>): ForecastErrors {
  requireSameRows("forecastErrors", { actual, forecast });
  let [squares, absolutes, shares, compared] = [0, 0, 0, 0];
  for (let n = 0; n < actual.length; n++) {
    const wanted = actual[n] ?? NaN;
    const error = (forecast[n] ?? NaN) - wanted;
    squares += error * error;
    absolutes += Math.abs(error);
    if (wanted === 0) continue;
    shares += Math.abs(error / wanted);
    compared++;
  }
  return {
    rmse: Math.sqrt(squares / actual.length),
    mae: absolutes / actual.length,
    mape: compared === 0 ? null : (100 * shares) / compared,
  };
}

/**
 * The share of actual values in [lower, upper], 0..1.
 *
 * @throws ShapeError when there is no row, or not an interval for each.
 * @throws OptionError when a lower bound is above its upper one.
 */
export function coverage(actual: ArrayLike<number>, lower: ArrayLike<number>, upper: ArrayLike<number>): number {
  requireSameRows("coverage", { actual, lower, upper });
  let inside = 0;
  for (let n = 0; n < actual.length; n++) {
    const [wanted, low, high] = [actual[n] ?? NaN, lower[n] ?? NaN, upper[n] ?? NaN];
    if (low > high) {
      throw new OptionError(
        `coverage needs lower up to upper, got ${low} above ${high} in row ${n} (from 0): swap them.`,
      );
    }
    if (wanted >= low && wanted <= high) inside++;
  }
  return inside / actual.length;
}

function requireSameRows(owner: string, columns: Readonly<Record<string, ArrayLike<number>>>): void {
  const lengths = Object.entries(columns).map(([name, column]) => numbers(owner, name, column).length);
  const rows = lengths[0] ?? 0;
  if (rows > 0 && lengths.every((length) => length === rows)) return;
  throw new ShapeError(
    `${owner} needs ${Object.keys(columns).join(", ")} of one length, at least 1, got ${lengths.join(", ")}.`,
  );
}
