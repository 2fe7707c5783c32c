/** Adam and AdamW. */
import type { Core } from "../core/context.ts";
import type { ParameterBlock } from "../layers/layer.ts";
import { finiteNumber, knownOptions, oneOf } from "../options.ts";
import { type ClippingOptions, Optimizer, type Preset } from "./optimizer.ts";

/** Options of `Adam`. */
export interface AdamOptions extends ClippingOptions {
  /** Step size, by default 0.001. */
  readonly learningRate?: number | undefined;
  /** Decay of the mean of gradients, by default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squared gradients, by default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root; by default 1e-7 (Keras) or 1e-8 (PyTorch). */
  readonly epsilon?: number | undefined;
  /** Keras (default) adds epsilon to sqrt(v), PyTorch to the bias-corrected root. */
  readonly preset?: Preset | undefined;
}

/** Options of `AdamW`. */
export interface AdamWOptions extends AdamOptions {
  /** Share of every parameter that a step of size 1 takes away, by default 0.004 (Keras) or 0.01 (PyTorch). */
  readonly weightDecay?: number | undefined;
}

/** Kernels compute in float32, where a smaller epsilon would be 0 and 0 / (sqrt(0) + 0) NaN. */
const LEAST_EPSILON = 1.1754943508222875e-38;

const OPTIONS = ["learningRate", "beta1", "beta2", "epsilon", "preset", "globalClipNorm", "clipValue"];

/** The update that Adam and AdamW share; without weight decay it is Adam's. */
abstract class AdamFamily extends Optimizer {
  protected readonly moments: number = 2;
  protected readonly betas: readonly number[];
  readonly #preset: Preset;
  readonly #epsilon: number;
  readonly #weightDecay: number;

  protected constructor(kind: string, options: AdamWOptions, preset: Preset, weightDecay: number) {
    super(kind, preset, options.learningRate ?? 0.001, options);
    this.#preset = preset;
    this.betas = [
      finiteNumber(kind, "beta1", options.beta1 ?? 0.9, { min: 0, below: 1 }),
      finiteNumber(kind, "beta2", options.beta2 ?? 0.999, { min: 0, below: 1 }),
    ];
    const epsilon = options.epsilon ?? (preset === "keras" ? 1e-7 : 1e-8);
    this.#epsilon = finiteNumber(kind, "epsilon", epsilon, { min: LEAST_EPSILON });
    this.#weightDecay = finiteNumber(kind, "weightDecay", weightDecay, { min: 0 });
  }

  protected update(core: Core, block: ParameterBlock, moments: number, powers: readonly number[]): void {
    const { parameters, gradients, floats } = block;
    const [beta1 = 0, beta2 = 0] = this.betas;
    const [power1 = 0, power2 = 0] = powers;
    const root = Math.sqrt(1 - power2);
    const isKeras = this.#preset === "keras";
    core.kernels.adam(
      parameters,
      moments,
      moments + floats * 4,
      gradients,
      floats,
      (this.learningRate * (isKeras ? root : 1)) / (1 - power1),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      isKeras ? 1 : 1 / root,
      this.#epsilon,
      1 - this.learningRate * this.#weightDecay,
    );
  }
}

/**
 * Adam (Kingma and Ba 2015): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, and at step t, in Keras's form,
 * p -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
 *
 * ```ts
 * new Adam({ learningRate: 1e-3, globalClipNorm: 1 }).apply([lstm, dense]);
 * ```
 */
export class Adam extends AdamFamily {
  /** Throws OptionError. */
  constructor(options: AdamOptions = {}) {
    knownOptions("Adam", options, OPTIONS);
    super("Adam", options, readPreset("Adam", options), 0);
  }
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): first p *= 1 - lr decay, then Adam's update. */
export class AdamW extends AdamFamily {
  /** Throws OptionError. */
  constructor(options: AdamWOptions = {}) {
    knownOptions("AdamW", options, [...OPTIONS, "weightDecay"]);
    const preset = readPreset("AdamW", options);
    super("AdamW", options, preset, options.weightDecay ?? (preset === "keras" ? 0.004 : 0.01));
  }
}

function readPreset(kind: string, options: AdamOptions): Preset {
  return oneOf(kind, "preset", options.preset ?? "keras", ["keras", "pytorch"]);
}
