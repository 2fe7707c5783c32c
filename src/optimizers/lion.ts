/** Lion. */
import { overFloats } from "../core/split.ts";
import { finiteNumber } from "../options.ts";
import { Optimizer, type Update } from "./optimizer.ts";
import { type OptimizerOptions, SHARES } from "./options.ts";

/** Options of `Lion`; the learning rate is 0.001. */
export interface LionOptions extends OptimizerOptions {
  /** Share of the mean in the direction, by default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of gradients, by default 0.99. */
  readonly beta2?: number | undefined;
}

/**
 * Lion (Chen et al. 2023): p -= lr sign(b1 m + (1 - b1) g), m = b2 m + (1 - b2) g. PyTorch has none: both presets
 * decay weights as Keras and the paper do.
 */
export class Lion extends Optimizer {
  readonly name = "lion";
  protected readonly moments: readonly string[] = ["mean"];
  readonly #beta1: number;
  readonly #beta2: number;

  /** Throws OptionError. */
  constructor(options: LionOptions = {}) {
    const defaults = { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.001 } };
    super("Lion", options, ["beta1", "beta2"], defaults);
    const { beta1 = 0.9, beta2 = 0.99 } = options;
    this.#beta1 = finiteNumber("Lion", "beta1", beta1, SHARES);
    this.#beta2 = finiteNumber("Lion", "beta2", beta2, SHARES);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), beta1: this.#beta1, beta2: this.#beta2 };
  }

  protected override get isDecayDecoupled(): boolean {
    return true;
  }

  protected update({ core, parameters, gradients, floats, moments: [m = 0], rate }: Update): void {
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    overFloats(core, "lion", [parameters, m, gradients], floats, [rate, beta1, 1 - beta1, beta2, 1 - beta2]);
  }
}
