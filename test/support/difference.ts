import { at } from "../reference/elements.ts";

/**
 * The largest |actual - expected| / max(1, |expected|) over all elements: absolute for small values, relative for
 * large ones. NaN anywhere, or a different length, is infinitely far.
 */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let n = 0; n < expected.length; n++) {
    const difference = Math.abs(at(actual, n) - at(expected, n)) / Math.max(1, Math.abs(at(expected, n)));
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** Central differences of `value` with respect to every element of `variable`, which is restored. */
export function numericalGradient(value: () => number, variable: Float64Array, width = 1e-5): Float64Array {
  return Float64Array.from(variable, (original, n) => {
    variable[n] = original + width;
    const above = value();
    variable[n] = original - width;
    const below = value();
    variable[n] = original;
    return (above - below) / (2 * width);
  });
}
