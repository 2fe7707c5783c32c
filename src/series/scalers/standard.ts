import { LearnedScaler, type ScalerKind } from "./learned.ts";
import { type Moments, moments } from "./moments.ts";
import type { Scaler } from "./scaler.ts";

/** @internal */
export const STANDARD: ScalerKind<Moments> = {
  kind: "standard",
  owner: "standardScaler",
  options: {},
  learn: moments,
  apply: (x, { mean, deviation }) => (x - mean) / deviation,
  invert: (y, { mean, deviation }) => y * deviation + mean,
};

/** (x - mean) / standard deviation, that of the population. */
export function standardScaler(): Scaler {
  return new LearnedScaler(STANDARD);
}
