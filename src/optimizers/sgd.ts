/** Stochastic gradient descent, with momentum and Nesterov's form. */
import type { Core } from "../core/context.ts";
import type { ParameterBlock } from "../layers/layer.ts";
import { finiteNumber, flag, knownOptions, oneOf } from "../options.ts";
import { type ClippingOptions, Optimizer, type Preset } from "./optimizer.ts";

/** Options of `SGD`. */
export interface SGDOptions extends ClippingOptions {
  /** Step size, by default 0.01 (Keras) or 0.001 (PyTorch). */
  readonly learningRate?: number | undefined;
  /** Share of the last step that is kept, 0 to 1 exclusive; by default 0. */
  readonly momentum?: number | undefined;
  /** Nesterov's momentum; by default false, needs momentum. */
  readonly nesterov?: boolean | undefined;
  /** Keras (default): m = momentum m - lr g, p += m. PyTorch: m = momentum m + g, p -= lr m. */
  readonly preset?: Preset | undefined;
}

/** p -= lr g, or with momentum as `preset` says. Both presets agree while the learning rate stays the same. */
export class SGD extends Optimizer {
  protected readonly moments: number;
  protected readonly betas: readonly number[] = [];
  readonly #preset: Preset;
  readonly #momentum: number;
  readonly #nesterov: boolean;

  /** Throws OptionError. */
  constructor(options: SGDOptions = {}) {
    const known = ["learningRate", "momentum", "nesterov", "preset", "globalClipNorm", "clipValue"];
    knownOptions("SGD", options, known);
    const preset = oneOf("SGD", "preset", options.preset ?? "keras", ["keras", "pytorch"]);
    super("SGD", preset, options.learningRate ?? (preset === "keras" ? 0.01 : 0.001), options);
    this.#preset = preset;
    this.#momentum = finiteNumber("SGD", "momentum", options.momentum ?? 0, { min: 0, below: 1 });
    this.#nesterov = flag("SGD", "nesterov", options.nesterov ?? false);
    if (this.#nesterov) finiteNumber("SGD with nesterov", "momentum", this.#momentum, { above: 0 });
    this.moments = this.#momentum > 0 ? 1 : 0;
  }

  protected update({ kernels }: Core, { parameters, gradients, floats }: ParameterBlock, moments: number): void {
    const [rate, momentum] = [this.learningRate, this.#momentum];
    if (momentum === 0) {
      kernels.sgd(parameters, gradients, floats, rate);
      return;
    }
    const [intake, unit] = this.#preset === "keras" ? [-rate, 1] : [1, -rate];
    const [fromMomentum, fromGradient] = this.#nesterov ? [unit * momentum, -rate] : [unit, 0];
    kernels.sgdMomentum(parameters, moments, gradients, floats, momentum, intake, fromMomentum, fromGradient);
  }
}
