/** RMSprop. */
import { overFloats } from "../core/split.ts";
import { finiteNumber, flag } from "../options.ts";
import { Optimizer, type Update } from "./optimizer.ts";
import { EPSILONS, type OptimizerOptions, SHARES } from "./options.ts";

/** Options of `RMSprop`; the learning rate is 0.001 (Keras) or 0.01 (PyTorch). */
export interface RMSpropOptions extends OptimizerOptions {
  /** Decay of the mean of squared gradients, by default 0.9 (Keras) or 0.99 (PyTorch, which calls it alpha). */
  readonly rho?: number | undefined;
  /** Share of the last step that is kept, 0 to 1 exclusive; by default 0. */
  readonly momentum?: number | undefined;
  /** Keeps the divisor from 0; by default 1e-7 (Keras) or 1e-8 (PyTorch). */
  readonly epsilon?: number | undefined;
  /** Divide by the deviation of the gradient from its mean, by default false. */
  readonly centered?: boolean | undefined;
}

const DEFAULTS = { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.01 } };

/**
 * RMSprop (Hinton 2012): v = rho v + (1 - rho) g^2, p -= lr g / sqrt(v + epsilon); PyTorch divides by sqrt(v) + epsilon.
 * `centered` subtracts the square of the mean gradient from v; with momentum, m = momentum m + step and p -= m.
 */
export class RMSprop extends Optimizer {
  readonly name = "rmsprop";
  protected readonly moments: readonly string[];
  readonly #rho: number;
  readonly #momentum: number;
  readonly #epsilon: number;
  readonly #centered: boolean;

  /** Throws OptionError. */
  constructor(options: RMSpropOptions = {}) {
    super("RMSprop", options, ["rho", "momentum", "epsilon", "centered"], DEFAULTS);
    const isKeras = this.preset === "keras";
    const { rho = isKeras ? 0.9 : 0.99, momentum = 0, centered = false } = options;
    const { epsilon = isKeras ? 1e-7 : 1e-8 } = options;
    this.#rho = finiteNumber("RMSprop", "rho", rho, SHARES);
    this.#momentum = finiteNumber("RMSprop", "momentum", momentum, SHARES);
    this.#epsilon = finiteNumber("RMSprop", "epsilon", epsilon, EPSILONS);
    this.#centered = flag("RMSprop", "centered", centered);
    this.moments = ["variance", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["momentum"] : [])];
  }

  override config(): Record<string, unknown> {
    const [rho, momentum, epsilon, centered] = [this.#rho, this.#momentum, this.#epsilon, this.#centered];
    return { ...super.config(), rho, momentum, epsilon, centered };
  }

  protected update({ core, parameters, gradients, floats, moments, rate }: Update): void {
    const [rho, momentum, epsilon] = [this.#rho, this.#momentum, this.#epsilon];
    const [v = 0, second = 0] = moments;
    const mean = this.#centered ? second : 0;
    const buffer = momentum > 0 ? (moments.at(-1) ?? 0) : 0;
    const isKeras = this.preset === "keras";
    const [intoStep, step] = isKeras ? [rate, 1] : [1, rate];
    const [inside, outside] = isKeras ? [epsilon, 0] : [0, epsilon];
    const scalars = [rho, 1 - rho, momentum, intoStep, step, inside, outside];
    overFloats(core, "rmsprop", [parameters, v, mean, buffer, gradients], floats, scalars);
  }
}
