/** Binary cross-entropy, for targets that are yes or no each by itself. */
import type { Core } from "../core/context.ts";
import { finiteNumber, flag, knownOptions } from "../options.ts";
import { runElementwise } from "./element-loss.ts";
import { factors, requireOneEach } from "./factors.ts";
import { Loss } from "./loss.ts";
import type { LossCall } from "./row-loss.ts";

const OWNER = "BinaryCrossentropy";

/** Options of BinaryCrossentropy. */
export interface BinaryCrossentropyOptions {
  /** Predictions are logits, not probabilities; default false. */
  readonly fromLogits?: boolean | undefined;
  /** s from 0 to 1: targets become t (1 - s) + s / 2; default 0. */
  readonly labelSmoothing?: number | undefined;
  /** What a positive target counts more than a negative one: for all features, or for each; default 1. */
  readonly positiveWeight?: number | readonly number[] | undefined;
}

/**
 * l = -w t log p - (1 - t) log(1 - p) with w the positive weight, mean over all elements. p = sigmoid(prediction) from
 * logits, in a form that none overflows; else the prediction, clipped to [1e-7, 1 - 1e-7].
 */
export class BinaryCrossentropy extends Loss {
  override readonly name = "binaryCrossentropy";
  override readonly fromLogits: boolean;
  readonly #labelSmoothing: number;
  readonly #positiveWeight: number | readonly number[];

  /** Throws OptionError. */
  constructor(options: BinaryCrossentropyOptions = {}) {
    super();
    knownOptions(OWNER, options, ["fromLogits", "labelSmoothing", "positiveWeight"]);
    this.fromLogits = flag(OWNER, "fromLogits", options.fromLogits ?? false);
    this.#labelSmoothing = finiteNumber(OWNER, "labelSmoothing", options.labelSmoothing ?? 0, { min: 0, max: 1 });
    const weight: unknown = options.positiveWeight ?? 1;
    this.#positiveWeight = Array.isArray(weight)
      ? factors(OWNER, "positiveWeight", weight)
      : finiteNumber(OWNER, "positiveWeight", weight, { min: 0 });
  }

  override config(): Record<string, unknown> {
    const weight = this.#positiveWeight;
    return {
      fromLogits: this.fromLogits,
      labelSmoothing: this.#labelSmoothing,
      positiveWeight: typeof weight === "number" ? weight : [...weight],
    };
  }

  override constants(features: number): Float32Array | undefined {
    const weight = this.#positiveWeight;
    if (weight === 1) return undefined;
    if (typeof weight === "number") return new Float32Array(features).fill(weight);
    requireOneEach(OWNER, "positiveWeight", weight, features);
    return Float32Array.from(weight);
  }

  override run(core: Core, call: LossCall): number {
    return runElementwise(core, call, this.fromLogits ? "logits" : "binary", this.#labelSmoothing);
  }
}
