/** Adamax. */
import { overFloats } from "../core/split.ts";
import { AdamFamily, type AdamFamilyOptions } from "./adam.ts";
import type { Update } from "./optimizer.ts";

/**
 * Adam with the largest gradient in place of the root of squares (Kingma and Ba 2015, section 7.1):
 * m = b1 m + (1 - b1) g, u = max(b2 u, |g|), p -= lr / (1 - b1^t) m / (u + epsilon). PyTorch adds epsilon to |g|.
 * The learning rate is 0.001 (Keras) or 0.002 (PyTorch).
 */
export class Adamax extends AdamFamily {
  readonly name = "adamax";
  protected override readonly moments: readonly string[] = ["mean", "largest"];

  /** Throws OptionError. */
  constructor(options: AdamFamilyOptions = {}) {
    super("Adamax", options, [], { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.002 } });
  }

  protected update({ core, parameters, gradients, floats, moments: [m = 0, u = 0], rate, powers }: Update): void {
    const { beta1, beta2, epsilon } = this;
    const step = rate / (1 - (powers[0] ?? 0));
    const [inside, outside] = this.preset === "keras" ? [0, epsilon] : [epsilon, 0];
    overFloats(core, "adamax", [parameters, m, u, gradients], floats, [step, beta1, 1 - beta1, beta2, inside, outside]);
  }
}
