/** Losses that are sums over elements, each as Keras defines it. L is the mean over rows, l that of one element. */
import type { Core } from "../core/context.ts";
import { finiteNumber, knownOptions } from "../options.ts";
import type { TensorLike } from "../shape.ts";
import { ElementLoss, runElementwise } from "./element-loss.ts";
import { computeLoss, Loss, type LossComputeOptions, type LossValue } from "./loss.ts";
import type { LossCall } from "./row-loss.ts";

/** Losses without options. */
abstract class Plain extends ElementLoss {
  constructor(name: string, code: ConstructorParameters<typeof ElementLoss>[1], options: Record<string, never>) {
    knownOptions(name, options, []);
    super(name, code);
  }

  /** As `Loss.compute`. */
  compute(prediction: TensorLike, target: TensorLike, options: LossComputeOptions = {}): LossValue {
    return computeLoss(this, prediction, target, options);
  }
}

/** l = (prediction - target)^2, mean over all elements. */
export class MeanSquaredError extends Plain {
  constructor(options: Record<string, never> = {}) {
    super("meanSquaredError", "squared", options);
  }
}

/** l = |prediction - target|, mean over all elements; its gradient is 0 where both are equal. */
export class MeanAbsoluteError extends Plain {
  constructor(options: Record<string, never> = {}) {
    super("meanAbsoluteError", "absolute", options);
  }
}

/** l = log cosh(prediction - target), mean over all elements: half the square when small, the distance when large. */
export class LogCosh extends Plain {
  constructor(options: Record<string, never> = {}) {
    super("logCosh", "logCosh", options);
  }
}

/** l = prediction - target log(prediction + 1e-7), mean over all elements: for counts, from positive predictions. */
export class Poisson extends Plain {
  constructor(options: Record<string, never> = {}) {
    super("poisson", "poisson", options);
  }
}

/** l = target log(target / prediction), both clipped to [1e-7, 1], summed over a row: rows are distributions. */
export class KLDivergence extends Plain {
  constructor(options: Record<string, never> = {}) {
    super("klDivergence", "divergence", options);
  }
}

/** Options of Huber. */
export interface HuberOptions {
  /** Where the square ends, above 0; default 1. */
  readonly delta?: number | undefined;
}

/** With d = |prediction - target|: l = d^2 / 2 up to delta, delta (d - delta / 2) beyond; mean over all elements. */
export class Huber extends Loss {
  override readonly name = "huber";
  readonly #delta: number;

  /** Throws OptionError. */
  constructor(options: HuberOptions = {}) {
    super();
    knownOptions("Huber", options, ["delta"]);
    this.#delta = finiteNumber("Huber", "delta", options.delta ?? 1, { above: 0 });
  }

  override config(): Record<string, unknown> {
    return { delta: this.#delta };
  }

  override run(core: Core, call: LossCall): number {
    return runElementwise(core, call, "huber", this.#delta);
  }
}

/**
 * L = sum (prediction - target)^2 / n over all n elements. Throws ShapeError unless both have the same shape with at
 * least one element.
 *
 * ```ts
 * const { value, gradient } = meanSquaredError(dense.forward(hidden, { training: true }), target);
 * dense.backward(gradient);
 * ```
 */
export function meanSquaredError(prediction: TensorLike, target: TensorLike): LossValue {
  return new MeanSquaredError().compute(prediction, target);
}
