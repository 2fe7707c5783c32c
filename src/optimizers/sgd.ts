/** Stochastic gradient descent, with momentum and Nesterov's form. */
import { overFloats } from "../core/split.ts";
import { finiteNumber, flag } from "../options.ts";
import { Optimizer, type Update } from "./optimizer.ts";
import { type OptimizerOptions, SHARES } from "./options.ts";

/** Options of `SGD`; the learning rate is 0.01 (Keras) or 0.001 (PyTorch). */
export interface SGDOptions extends OptimizerOptions {
  /** Share of the last step that is kept, 0 to 1 exclusive; by default 0. */
  readonly momentum?: number | undefined;
  /** Nesterov's momentum; by default false, needs momentum. */
  readonly nesterov?: boolean | undefined;
}

const DEFAULTS = { keras: { learningRate: 0.01 }, pytorch: { learningRate: 0.001 } };

/**
 * p -= lr g, or with momentum, Keras: m = momentum m - lr g, p += m; PyTorch: m = momentum m + g, p -= lr m. Both agree
 * while the learning rate stays the same.
 */
export class SGD extends Optimizer {
  readonly name = "sgd";
  protected readonly moments: readonly string[];
  readonly #momentum: number;
  readonly #nesterov: boolean;

  /** Throws OptionError. */
  constructor(options: SGDOptions = {}) {
    super("SGD", options, ["momentum", "nesterov"], DEFAULTS);
    const { momentum = 0, nesterov = false } = options;
    this.#momentum = finiteNumber("SGD", "momentum", momentum, SHARES);
    this.#nesterov = flag("SGD", "nesterov", nesterov);
    if (nesterov) finiteNumber("SGD with nesterov", "momentum", momentum, { above: 0 });
    this.moments = momentum > 0 ? ["momentum"] : [];
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), momentum: this.#momentum, nesterov: this.#nesterov };
  }

  protected update({ core, parameters, gradients, floats, moments: [m = 0], rate }: Update): void {
    const momentum = this.#momentum;
    if (momentum === 0) {
      overFloats(core, "blend", [parameters, gradients], floats, [1, -rate]);
      return;
    }
    const [intake, unit] = this.preset === "keras" ? [-rate, 1] : [1, -rate];
    const [fromMomentum, fromGradient] = this.#nesterov ? [unit * momentum, -rate] : [unit, 0];
    const scalars = [momentum, intake, fromMomentum, fromGradient];
    overFloats(core, "sgdMomentum", [parameters, m, gradients], floats, scalars);
  }
}
