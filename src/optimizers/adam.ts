/** Adam and AdamW, and what their relatives share: running means of gradients and of their squares. */
import { overFloats } from "../core/split.ts";
import { finiteNumber, flag } from "../options.ts";
import { Optimizer, type Update } from "./optimizer.ts";
import { type Defaults, EPSILONS, type OptimizerOptions, type Preset, SHARES } from "./options.ts";

/** Options of `Adamax` and `RAdam`. */
export interface AdamFamilyOptions extends OptimizerOptions {
  /** Decay of the mean of gradients, by default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squared gradients, or of the largest one, by default 0.999. */
  readonly beta2?: number | undefined;
  /** Keeps the divisor from 0; by default 1e-7 (Keras) or 1e-8 (PyTorch). */
  readonly epsilon?: number | undefined;
}

/** Options of `Adam`. */
export interface AdamOptions extends AdamFamilyOptions {
  /** Divide by the root of the largest mean of squares so far (AMSGrad), by default false. */
  readonly amsgrad?: boolean | undefined;
}

/** Options of `AdamW`. */
export type AdamWOptions = AdamOptions;

/** Scalars of the kernel: p -= step (fromMean m + fromGradient g) / (sqrt(v) rootScale + epsilon). */
interface Scalars {
  readonly step: number;
  readonly fromMean?: number;
  readonly fromGradient?: number;
  readonly rootScale?: number;
  readonly epsilon?: number;
}

/** Options, running products and the kernel of Adam and its relatives. */
export abstract class AdamFamily extends Optimizer {
  protected readonly moments: readonly string[] = ["mean", "variance"];
  protected readonly beta1: number;
  protected readonly beta2: number;
  protected readonly epsilon: number;

  protected constructor(
    kind: string,
    options: AdamFamilyOptions,
    own: readonly string[],
    defaults: Readonly<Record<Preset, Defaults>>,
  ) {
    super(kind, options, ["beta1", "beta2", "epsilon", ...own], defaults);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = this.preset === "keras" ? 1e-7 : 1e-8 } = options;
    this.beta1 = finiteNumber(kind, "beta1", beta1, SHARES);
    this.beta2 = finiteNumber(kind, "beta2", beta2, SHARES);
    this.epsilon = finiteNumber(kind, "epsilon", epsilon, EPSILONS);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }

  /** beta1^t and beta2^t. */
  protected override advance([power1 = 1, power2 = 1]: readonly number[], _step: number): readonly number[] {
    return [power1 * this.beta1, power2 * this.beta2];
  }

  protected adam({ core, parameters, gradients, floats, moments }: Update, scalars: Scalars): void {
    const [m = 0, v = 0, largest = 0] = moments;
    const { step, fromMean = 1, fromGradient = 0, rootScale = 1, epsilon = this.epsilon } = scalars;
    const { beta1, beta2 } = this;
    const rates = [step, fromMean, fromGradient, beta1, 1 - beta1, beta2, 1 - beta2, rootScale, epsilon];
    overFloats(core, "adam", [parameters, m, v, largest, gradients], floats, rates);
  }
}

/** The update that Adam and AdamW share: they differ in the weight decay. */
abstract class AdamUpdate extends AdamFamily {
  protected override readonly moments: readonly string[];
  readonly #amsgrad: boolean;

  protected constructor(kind: string, options: AdamOptions, defaults: Readonly<Record<Preset, Defaults>>) {
    super(kind, options, ["amsgrad"], defaults);
    const { amsgrad = false } = options;
    this.#amsgrad = flag(kind, "amsgrad", amsgrad);
    this.moments = ["mean", "variance", ...(amsgrad ? ["largestVariance"] : [])];
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), amsgrad: this.#amsgrad };
  }

  protected update(update: Update): void {
    const [power1 = 0, power2 = 0] = update.powers;
    const root = Math.sqrt(1 - power2);
    const isKeras = this.preset === "keras";
    const step = (update.rate * (isKeras ? root : 1)) / (1 - power1);
    this.adam(update, { step, rootScale: isKeras ? 1 : 1 / root });
  }
}

/**
 * Adam (Kingma and Ba 2015): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, and at step t, in Keras's form,
 * p -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon). PyTorch adds epsilon to sqrt(v / (1 - b2^t)).
 * The learning rate is 0.001.
 *
 * ```ts
 * new Adam({ learningRate: 1e-3, globalClipNorm: 1 }).apply([lstm, dense]);
 * ```
 */
export class Adam extends AdamUpdate {
  readonly name = "adam";

  /** Throws OptionError. */
  constructor(options: AdamOptions = {}) {
    super("Adam", options, { keras: { learningRate: 0.001 }, pytorch: { learningRate: 0.001 } });
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), in both presets: first p *= 1 - lr decay, then Adam's
 * update. The learning rate is 0.001, weightDecay 0.004 (Keras) or 0.01 (PyTorch).
 */
export class AdamW extends AdamUpdate {
  readonly name = "adamW";

  /** Throws OptionError. */
  constructor(options: AdamWOptions = {}) {
    super("AdamW", options, {
      keras: { learningRate: 0.001, weightDecay: 0.004 },
      pytorch: { learningRate: 0.001, weightDecay: 0.01 },
    });
  }

  protected override get isDecayDecoupled(): boolean {
    return true;
  }
}
