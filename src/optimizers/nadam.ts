/** Nadam and RAdam: Adam's moments, other bias corrections. */
import { exp } from "../math/exp.ts";
import { log } from "../math/log.ts";
import { finiteNumber } from "../options.ts";
import { AdamFamily, type AdamFamilyOptions } from "./adam.ts";
import type { Update } from "./optimizer.ts";
import { RATES } from "./options.ts";

/** Options of `Nadam`. */
export interface NadamOptions extends AdamFamilyOptions {
  /** How fast the momentum grows to beta1, by default 1 (Keras) or 0.004 (PyTorch). */
  readonly momentumDecay?: number | undefined;
}

/**
 * Adam with Nesterov's momentum (Dozat 2016): mu_t = b1 (1 - 0.96^(t momentumDecay) / 2), M_t = mu_1 ... mu_t,
 * p -= lr (mu_(t+1) / (1 - M_(t+1)) m + (1 - mu_t) / (1 - M_t) g) / (sqrt(v / (1 - b2^t)) + epsilon).
 * The learning rate is 0.001 (Keras) or 0.002 (PyTorch).
 */
export class Nadam extends AdamFamily {
  readonly name = "nadam";
  readonly #momentumDecay: number;
  /** 0.96^momentumDecay. */
  readonly #decay: number;

  /** Throws OptionError. */
  constructor(options: NadamOptions = {}) {
    super("Nadam", options, ["momentumDecay"], { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.002 } });
    const { momentumDecay = this.preset === "keras" ? 1 : 0.004 } = options;
    this.#momentumDecay = finiteNumber("Nadam", "momentumDecay", momentumDecay, RATES);
    this.#decay = exp(momentumDecay * log(0.96));
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), momentumDecay: this.#momentumDecay };
  }

  /** beta2^t, 0.96^(t momentumDecay) and M_t. */
  protected override advance([power2 = 1, decay = 1, product = 1]: readonly number[]): readonly number[] {
    const next = decay * this.#decay;
    return [power2 * this.beta2, next, product * this.#momentum(next)];
  }

  protected update(update: Update): void {
    const [power2 = 0, decay = 0, product = 0] = update.powers;
    const next = this.#momentum(decay * this.#decay);
    this.adam(update, {
      step: update.rate,
      fromMean: next / (1 - product * next),
      fromGradient: (1 - this.#momentum(decay)) / (1 - product),
      rootScale: 1 / Math.sqrt(1 - power2),
    });
  }

  #momentum(decay: number): number {
    return this.beta1 * (1 - 0.5 * decay);
  }
}

/**
 * Rectified Adam (Liu et al. 2020), in PyTorch's form: with r_inf = 2 / (1 - b2) - 1 and r = r_inf - 2 t b2^t / (1 - b2^t),
 * the number of squares that v stands for, p -= lr m / (1 - b1^t) while r <= 5, and then
 * p -= lr sqrt((r - 4) (r - 2) r_inf / ((r_inf - 4) (r_inf - 2) r)) sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
 * The learning rate is 0.001. Keras has no RAdam: its preset stands for epsilon 1e-7 and its kind of weight decay.
 */
export class RAdam extends AdamFamily {
  readonly name = "radam";

  /** Throws OptionError. */
  constructor(options: AdamFamilyOptions = {}) {
    super("RAdam", options, [], { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.001 } });
  }

  protected update(update: Update): void {
    const [power1 = 0, power2 = 0] = update.powers;
    const most = 2 / (1 - this.beta2) - 1;
    const length = most - (2 * update.step * power2) / (1 - power2);
    const step = update.rate / (1 - power1);
    if (length <= 5) {
      this.adam(update, { step, rootScale: 0, epsilon: 1 });
      return;
    }
    const rectified = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length);
    this.adam(update, { step: step * Math.sqrt(rectified * (1 - power2)) });
  }
}
