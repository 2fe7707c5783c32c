/** Cross-entropy over classes, of which a row belongs to one, or to several in shares. */
import type { Core } from "../core/context.ts";
import { inRanges, rowsOfFloats } from "../core/split.ts";
import { finiteNumber, flag, integer, knownOptions } from "../options.ts";
import type { TensorLike } from "../shape.ts";
import { factors, requireOneEach } from "./factors.ts";
import { Loss, type LossValue, requireLabels } from "./loss.ts";
import type { LossCall } from "./row-loss.ts";

/** Options of CategoricalCrossentropy. */
export interface CategoricalCrossentropyOptions {
  /** Predictions are logits, not probabilities; default false. */
  readonly fromLogits?: boolean | undefined;
  /** s from 0 to 1: targets become t (1 - s) + s / classes; default 0. */
  readonly labelSmoothing?: number | undefined;
  /** A factor for the target of each class. */
  readonly classWeights?: readonly number[] | undefined;
}

/** Options of SparseCategoricalCrossentropy. */
export interface SparseCategoricalCrossentropyOptions extends CategoricalCrossentropyOptions {
  /** Rows with this label do not count, as if they were not there. */
  readonly ignoreIndex?: number | undefined;
}

abstract class Crossentropy extends Loss {
  readonly #owner: string;
  override readonly fromLogits: boolean;
  readonly #labelSmoothing: number;
  readonly #classWeights: readonly number[] | undefined;

  constructor(owner: string, options: CategoricalCrossentropyOptions, more: readonly string[]) {
    super();
    knownOptions(owner, options, ["fromLogits", "labelSmoothing", "classWeights", ...more]);
    this.#owner = owner;
    this.fromLogits = flag(owner, "fromLogits", options.fromLogits ?? false);
    this.#labelSmoothing = finiteNumber(owner, "labelSmoothing", options.labelSmoothing ?? 0, { min: 0, max: 1 });
    const { classWeights } = options;
    this.#classWeights = classWeights === undefined ? undefined : factors(owner, "classWeights", classWeights);
  }

  protected get classWeights(): readonly number[] | undefined {
    return this.#classWeights;
  }

  override config(): Record<string, unknown> {
    const classWeights = this.#classWeights;
    return {
      fromLogits: this.fromLogits,
      labelSmoothing: this.#labelSmoothing,
      ...(classWeights === undefined ? {} : { classWeights: [...classWeights] }),
    };
  }

  override constants(features: number): Float32Array | undefined {
    if (this.#classWeights === undefined) return undefined;
    requireOneEach(this.#owner, "classWeights", this.#classWeights, features);
    return Float32Array.from(this.#classWeights);
  }

  override run(core: Core, call: LossCall): number {
    const { dY, y, target, weights, constants, values, N, F, scale } = call;
    const divisor = call.divisor || 1;
    const isLabels = this.targets === "labels";
    const kinds = [Number(isLabels), Number(this.fromLogits)];
    const row = core.kernels.rowStride(F) * 4;
    inRanges(core, "crossEntropy", N, rowsOfFloats(F), (first, end) => {
      const outputs = [values + first * 8, dY && dY + first * row];
      const inputs = [
        y + first * row,
        target + first * (isLabels ? 4 : row),
        weights && weights + first * 4,
        constants,
      ];
      return [...outputs, ...inputs, end - first, F, ...kinds, this.#labelSmoothing, divisor, scale];
    });
    return core.kernels.sumOfValues(values, N) / divisor;
  }
}

/**
 * l = -sum w t log p over the classes of a row, with w the class weights; mean over rows. p = softmax(prediction) from
 * logits, which none overflows; else the prediction divided by its row's sum, then clipped to [1e-7, 1 - 1e-7] as in Keras.
 */
export class CategoricalCrossentropy extends Crossentropy {
  override readonly name = "categoricalCrossentropy";

  /** Throws OptionError. */
  constructor(options: CategoricalCrossentropyOptions = {}) {
    super("CategoricalCrossentropy", options, []);
  }
}

/**
 * CategoricalCrossentropy of a target that is 1 at a label and 0 elsewhere. The mean is PyTorch's: rows with the
 * ignored label do not count, and the sum is divided by that of the class weights of the labels that do.
 */
export class SparseCategoricalCrossentropy extends Crossentropy {
  override readonly name = "sparseCategoricalCrossentropy";
  override readonly targets = "labels";
  readonly #ignoreIndex: number | undefined;

  /** Throws OptionError. */
  constructor(options: SparseCategoricalCrossentropyOptions = {}) {
    const owner = "SparseCategoricalCrossentropy";
    super(owner, options, ["ignoreIndex"]);
    const { ignoreIndex } = options;
    this.#ignoreIndex =
      ignoreIndex === undefined ? undefined : integer(owner, "ignoreIndex", ignoreIndex, -2147483648, 2147483647);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), ...(this.#ignoreIndex === undefined ? {} : { ignoreIndex: this.#ignoreIndex }) };
  }

  override prepareLabels(labels: Int32Array, classes: number, weights: Float32Array): number {
    requireLabels(this.name, labels, classes, this.#ignoreIndex);
    let divisor = 0;
    for (const [row, label] of labels.entries()) {
      if (label === this.#ignoreIndex) {
        labels[row] = 0;
        weights[row] = 0;
      } else {
        divisor += this.classWeights?.[label] ?? 1;
      }
    }
    return divisor;
  }
}

/**
 * L = mean over all rows of -log softmax(logits)[label], from logits [..., V] and labels [...], integers from 0 to
 * V - 1. Throws ShapeError for shapes that do not fit, OptionError for a label that is no class.
 *
 * ```ts
 * const { value, gradient } = sparseCategoricalCrossentropy(logits, labels); // [32, 65], [32]
 * ```
 */
export function sparseCategoricalCrossentropy(logits: TensorLike, labels: TensorLike): LossValue {
  return new SparseCategoricalCrossentropy({ fromLogits: true }).compute(logits, labels);
}
