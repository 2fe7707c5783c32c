/** Where the values of a column lie and how far apart: sums in the order of the rows, the same on every engine. */

/** Mean and standard deviation; @internal */
export type Moments = { readonly mean: number; readonly deviation: number };

/** Smallest and largest value. @internal */
export type Extent = { readonly min: number; readonly max: number };

/** @internal */
export function extent(values: ArrayLike<number>): Extent {
  let [min, max] = [Infinity, -Infinity];
  for (let n = 0; n < values.length; n++) {
    const x = values[n] ?? NaN;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return { min, max };
}

/**
 * Mean and population standard deviation sqrt(mean((x - mean)^2)); the deviation of equal values is 1, so that it can be
 * divided by. @internal
 */
export function moments(values: ArrayLike<number>): Moments {
  const { min, max } = extent(values);
  if (min === max) return { mean: min, deviation: 1 };
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n] ?? NaN;
  const mean = sum / values.length;
  // In units of the largest distance no square underflows.
  const unit = Math.max(max - mean, mean - min);
  let squares = 0;
  for (let n = 0; n < values.length; n++) {
    const distance = ((values[n] ?? NaN) - mean) / unit;
    squares += distance * distance;
  }
  return { mean, deviation: divisor(unit * Math.sqrt(squares / values.length)) };
}

/** 1 in place of 0, which stands for a column of one value. @internal */
export function divisor(spread: number): number {
  return spread > 0 ? spread : 1;
}

/** The quantile of values in ascending order, between two of them linear (Hyndman and Fan 1996, type 7). @internal */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? NaN;
  const high = sorted[below + 1] ?? low;
  return low + (at - below) * (high - low);
}
