/** Intervals by split conformal prediction: their widths are errors measured on rows that training has not seen. */
import { INTERVALS, type Interval } from "./fitted.ts";

/** 2^-23: a row may lie outside of an interval by a rounding error, but not infinitely far. */
const NARROWEST = 1.1920928955078125e-7;

/**
 * Half widths for each step. The interval of a share s is forecast +- the ceil((n + 1) s)-th smallest of the n absolute
 * errors, at least what float32 can tell apart: for exchangeable errors it holds the actual value with a probability of at
 * least s. Lei et al. 2018, "Distribution-Free Predictive Inference for Regression", theorem 2.2. `errors` is [n, steps], NaN
 * where a row is not known.
 */
export function conformalHalfWidths(errors: Float64Array, steps: number): Record<Interval, Float64Array> {
  const widths = { 80: new Float64Array(steps), 95: new Float64Array(steps) };
  for (let step = 0; step < steps; step++) {
    const scores = new Float64Array(errors.length / steps);
    let count = 0;
    for (let i = step; i < errors.length; i += steps) {
      const error = Math.abs(errors[i] ?? Number.NaN);
      if (!Number.isNaN(error)) scores[count++] = error;
    }
    const sorted = scores.subarray(0, count).sort();
    for (const interval of INTERVALS) {
      widths[interval][step] = Math.max(NARROWEST, quantile(sorted, interval));
    }
  }
  return widths;
}

/** Infinite where there are too few scores for the share. */
function quantile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil(((sorted.length + 1) * percent) / 100);
  return rank > sorted.length ? Number.POSITIVE_INFINITY : (sorted[rank - 1] ?? Number.POSITIVE_INFINITY);
}
