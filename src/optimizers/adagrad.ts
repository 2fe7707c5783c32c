/** Adagrad and Adadelta. */
import { overFloats } from "../core/split.ts";
import { finiteNumber } from "../options.ts";
import { Optimizer, type Update } from "./optimizer.ts";
import { EPSILONS, type OptimizerOptions, RATES, SHARES } from "./options.ts";

/** Options of `Adagrad`; the learning rate is 0.001 (Keras) or 0.01 (PyTorch). */
export interface AdagradOptions extends OptimizerOptions {
  /** Where the sum of squared gradients starts, by default 0.1 (Keras) or 0 (PyTorch). */
  readonly initialAccumulator?: number | undefined;
  /** Step t has the rate learningRate / (1 + (t - 1) learningRateDecay), as PyTorch's lr_decay; by default 0. */
  readonly learningRateDecay?: number | undefined;
  /** Keeps the divisor from 0; by default 1e-7 (Keras) or 1e-10 (PyTorch). */
  readonly epsilon?: number | undefined;
}

/** Adagrad (Duchi, Hazan and Singer 2011): v += g^2, p -= lr g / sqrt(v + epsilon); PyTorch: lr g / (sqrt(v) + epsilon). */
export class Adagrad extends Optimizer {
  readonly name = "adagrad";
  protected readonly moments: readonly string[] = ["squares"];
  readonly #initial: number;
  readonly #decay: number;
  readonly #epsilon: number;

  /** Throws OptionError. */
  constructor(options: AdagradOptions = {}) {
    const defaults = { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.01 } };
    super("Adagrad", options, ["initialAccumulator", "learningRateDecay", "epsilon"], defaults);
    const isKeras = this.preset === "keras";
    const { initialAccumulator = isKeras ? 0.1 : 0, learningRateDecay = 0 } = options;
    const { epsilon = isKeras ? 1e-7 : 1e-10 } = options;
    this.#initial = finiteNumber("Adagrad", "initialAccumulator", initialAccumulator, RATES);
    this.#decay = finiteNumber("Adagrad", "learningRateDecay", learningRateDecay, RATES);
    this.#epsilon = finiteNumber("Adagrad", "epsilon", epsilon, EPSILONS);
  }

  override config(): Record<string, unknown> {
    const [initialAccumulator, learningRateDecay, epsilon] = [this.#initial, this.#decay, this.#epsilon];
    return { ...super.config(), initialAccumulator, learningRateDecay, epsilon };
  }

  /** The sum of squares starts at zero, pads included: the kernel adds the initial accumulator inside the root. */
  protected update({ core, parameters, gradients, floats, moments: [v = 0], rate, step }: Update): void {
    const decayed = rate / (1 + (step - 1) * this.#decay);
    const [inside, outside] = this.preset === "keras" ? [this.#epsilon, 0] : [0, this.#epsilon];
    const scalars = [1, 1, 0, decayed, 1, this.#initial + inside, outside];
    overFloats(core, "rmsprop", [parameters, v, 0, 0, gradients], floats, scalars);
  }
}

/** Options of `Adadelta`; the learning rate is 0.001 (Keras) or 1 (PyTorch). */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Decay of the means of squared gradients and steps, by default 0.95 (Keras) or 0.9 (PyTorch). */
  readonly rho?: number | undefined;
  /** Added to both means; by default 1e-7 (Keras) or 1e-6 (PyTorch). */
  readonly epsilon?: number | undefined;
}

/**
 * Adadelta (Zeiler 2012): v = rho v + (1 - rho) g^2, d = g sqrt(u + epsilon) / sqrt(v + epsilon),
 * u = rho u + (1 - rho) d^2, p -= lr d.
 */
export class Adadelta extends Optimizer {
  readonly name = "adadelta";
  protected readonly moments: readonly string[] = ["variance", "steps"];
  readonly #rho: number;
  readonly #epsilon: number;

  /** Throws OptionError. */
  constructor(options: AdadeltaOptions = {}) {
    const defaults = { keras: { learningRate: 0.001 }, pytorch: { learningRate: 1 } };
    super("Adadelta", options, ["rho", "epsilon"], defaults);
    const [mostlyKept, least] = this.preset === "keras" ? [0.95, 1e-7] : [0.9, 1e-6];
    const { rho = mostlyKept, epsilon = least } = options;
    this.#rho = finiteNumber("Adadelta", "rho", rho, SHARES);
    this.#epsilon = finiteNumber("Adadelta", "epsilon", epsilon, EPSILONS);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), rho: this.#rho, epsilon: this.#epsilon };
  }

  protected update({ core, parameters, gradients, floats, moments: [v = 0, u = 0], rate }: Update): void {
    const scalars = [rate, this.#rho, 1 - this.#rho, this.#epsilon];
    overFloats(core, "adadelta", [parameters, v, u, gradients], floats, scalars);
  }
}
