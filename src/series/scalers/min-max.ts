import { finiteNumber, knownOptions, refuse } from "../../options.ts";
import { LearnedScaler, type ScalerKind } from "./learned.ts";
import { divisor, type Extent, extent } from "./moments.ts";
import type { Scaler } from "./scaler.ts";

const LIMITS = { min: -1e6, max: 1e6 };

/** Options of `minMaxScaler`. */
export interface MinMaxScalerOptions {
  /** What the smallest and the largest value become, by default [0, 1]. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

/** @internal */
export function minMaxKind(range: readonly [low: number, high: number]): ScalerKind<Extent> {
  const [low, high] = range;
  const width = high - low;
  return {
    kind: "minMax",
    owner: "minMaxScaler",
    options: { range: [low, high] },
    learn: extent,
    apply: (x, { min, max }) => low + ((x - min) / divisor(max - min)) * width,
    invert: (y, { min, max }) => min + ((y - low) / width) * divisor(max - min),
  };
}

/**
 * low + (high - low) (x - min) / (max - min): the values it has seen lie in `range`, later ones may lie outside.
 *
 * @throws OptionError
 */
export function minMaxScaler(options: MinMaxScalerOptions = {}): Scaler {
  knownOptions("minMaxScaler", options, ["range"]);
  const { range = [0, 1] } = options;
  if (!Array.isArray(range) || range.length !== 2) {
    refuse("minMaxScaler", "range", "two numbers like [0, 1]", range);
  }
  const low = finiteNumber("minMaxScaler", "range[0]", range[0], LIMITS);
  const high = finiteNumber("minMaxScaler", "range[1]", range[1], { above: low, max: LIMITS.max });
  return new LearnedScaler(minMaxKind([low, high]));
}
