import { LearnedScaler, type ScalerKind } from "./learned.ts";
import { moments, quantile } from "./moments.ts";
import type { Scaler } from "./scaler.ts";

type Quartiles = { readonly median: number; readonly spread: number };

/** @internal */
export const ROBUST: ScalerKind<Quartiles> = {
  kind: "robust",
  owner: "robustScaler",
  options: {},
  learn: quartiles,
  apply: (x, { median, spread }) => (x - median) / spread,
  invert: (y, { median, spread }) => y * spread + median,
};

/**
 * (x - median) / interquartile range, which outliers do not move. Where half of the values are equal and the range is 0,
 * the standard deviation takes its place.
 */
export function robustScaler(): Scaler {
  return new LearnedScaler(ROBUST);
}

function quartiles(values: ArrayLike<number>): Quartiles {
  const sorted = Float64Array.from(values).sort();
  const range = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  return { median: quantile(sorted, 0.5), spread: range > 0 ? range : moments(values).deviation };
}
