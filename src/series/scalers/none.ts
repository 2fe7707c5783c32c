import { LearnedScaler, type ScalerKind } from "./learned.ts";
import type { Scaler } from "./scaler.ts";

/** @internal */
export const NONE: ScalerKind<Readonly<Record<string, number>>> = {
  kind: "none",
  owner: 'The scaler "none"',
  options: {},
  learn: () => ({}),
  apply: (x) => x,
  invert: (y) => y,
};

/** Leaves values as they are; needs no `fit`. @internal */
export function noScaler(): Scaler {
  return new LearnedScaler(NONE, {});
}
