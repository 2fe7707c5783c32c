import { at } from "./elements.ts";
import type { Preset } from "./optimizers.ts";

/** One parameter's optimizer with what it remembers: the new value from the old one, its gradient and the rate. */
export type Element = (p: number, g: number, lr: number) => number;

/** Elementwise updates of a vector, each element with an `Element` of its own. */
export function vectorOf(length: number, make: () => Element): Vector {
  const elements = Array.from({ length }, make);
  return (parameters, gradients, lr) => parameters.map((p, n) => elements[n]?.(p, at(gradients, n), lr) ?? Number.NaN);
}

/** New parameters from the old ones, their gradients and the rate. */
export type Vector = (parameters: Float64Array, gradients: Float64Array, lr: number) => Float64Array;

interface Common {
  readonly preset: Preset;
  readonly epsilon?: number | undefined;
}

interface Betas extends Common {
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
}

export interface RmspropOptions extends Common {
  readonly rho?: number | undefined;
  readonly momentum?: number | undefined;
  readonly centered?: boolean | undefined;
}

/**
 * Hinton 2012; centered after Graves 2013:
 *
 *     v = rho v + (1 - rho) g^2        mean = rho mean + (1 - rho) g        w = v - mean^2 if centered, else v
 *     keras:   d = lr g / sqrt(w + epsilon)     buffer = momentum buffer + d    p -= buffer
 *     pytorch: d = g / (sqrt(w) + epsilon)      buffer = momentum buffer + d    p -= lr buffer
 */
export function rmsprop(options: RmspropOptions): Element {
  const { preset, momentum = 0, centered = false } = options;
  const { rho = preset === "keras" ? 0.9 : 0.99, epsilon = preset === "keras" ? 1e-7 : 1e-8 } = options;
  let [v, mean, buffer] = [0, 0, 0];
  return (p, g, lr) => {
    v = rho * v + (1 - rho) * g * g;
    mean = rho * mean + (1 - rho) * g;
    const w = centered ? v - mean * mean : v;
    const d = preset === "keras" ? (lr * g) / Math.sqrt(w + epsilon) : g / (Math.sqrt(w) + epsilon);
    buffer = momentum * buffer + d;
    return p - (preset === "keras" ? buffer : lr * buffer);
  };
}

export interface AdagradOptions extends Common {
  readonly initialAccumulator?: number | undefined;
  readonly learningRateDecay?: number | undefined;
}

/**
 * Duchi, Hazan and Singer 2011:
 *
 *     v = v + g^2        rate = lr / (1 + (t - 1) learningRateDecay)
 *     keras:   p -= rate g / sqrt(v + epsilon)        v starts at 0.1
 *     pytorch: p -= rate g / (sqrt(v) + epsilon)      v starts at 0
 */
export function adagrad(options: AdagradOptions): Element {
  const { preset, learningRateDecay = 0 } = options;
  const { initialAccumulator = preset === "keras" ? 0.1 : 0, epsilon = preset === "keras" ? 1e-7 : 1e-10 } = options;
  let [v, t] = [initialAccumulator, 0];
  return (p, g, lr) => {
    t += 1;
    v += g * g;
    const rate = lr / (1 + (t - 1) * learningRateDecay);
    return p - (rate * g) / (preset === "keras" ? Math.sqrt(v + epsilon) : Math.sqrt(v) + epsilon);
  };
}

export interface AdadeltaOptions extends Common {
  readonly rho?: number | undefined;
}

/**
 * Zeiler 2012:
 *
 *     v = rho v + (1 - rho) g^2    d = g sqrt(u + epsilon) / sqrt(v + epsilon)    u = rho u + (1 - rho) d^2    p -= lr d
 */
export function adadelta(options: AdadeltaOptions): Element {
  const { preset } = options;
  const { rho = preset === "keras" ? 0.95 : 0.9, epsilon = preset === "keras" ? 1e-7 : 1e-6 } = options;
  let [v, u] = [0, 0];
  return (p, g, lr) => {
    v = rho * v + (1 - rho) * g * g;
    const d = (g * Math.sqrt(u + epsilon)) / Math.sqrt(v + epsilon);
    u = rho * u + (1 - rho) * d * d;
    return p - lr * d;
  };
}

/**
 * Kingma and Ba 2015, algorithm 2:
 *
 *     m = beta1 m + (1 - beta1) g
 *     keras:   u = max(beta2 u, |g|)              p -= lr / (1 - beta1^t) m / (u + epsilon)
 *     pytorch: u = max(beta2 u, |g| + epsilon)    p -= lr / (1 - beta1^t) m / u
 */
export function adamax(options: Betas): Element {
  const { preset, beta1 = 0.9, beta2 = 0.999, epsilon = preset === "keras" ? 1e-7 : 1e-8 } = options;
  let [m, u, t] = [0, 0, 0];
  return (p, g, lr) => {
    t += 1;
    m = beta1 * m + (1 - beta1) * g;
    u = Math.max(beta2 * u, Math.abs(g) + (preset === "keras" ? 0 : epsilon));
    return p - ((lr / (1 - beta1 ** t)) * m) / (preset === "keras" ? u + epsilon : u);
  };
}

export interface NadamOptions extends Betas {
  readonly momentumDecay?: number | undefined;
}

/**
 * Dozat 2016, with the momentum schedule of both frameworks:
 *
 *     mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)        M_t = mu_1 mu_2 ... mu_t
 *     m = beta1 m + (1 - beta1) g                          v = beta2 v + (1 - beta2) g^2
 *     p -= lr (mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 */
export function nadam(options: NadamOptions): Element {
  const { preset, beta1 = 0.9, beta2 = 0.999, epsilon = preset === "keras" ? 1e-7 : 1e-8 } = options;
  const { momentumDecay = preset === "keras" ? 1 : 0.004 } = options;
  const mu = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  let [m, v, t, product] = [0, 0, 0, 1];
  return (p, g, lr) => {
    t += 1;
    product *= mu(t);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const direction = (mu(t + 1) * m) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - product);
    return p - (lr * direction) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
  };
}

/**
 * Liu et al. 2020, in PyTorch's form (rectified once r exceeds 5, epsilon beside the uncorrected root):
 *
 *     m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
 *     most = 2 / (1 - beta2) - 1         r = most - 2 t beta2^t / (1 - beta2^t)
 *     r > 5: p -= lr m / (1 - beta1^t) sqrt((r - 4) (r - 2) most / ((most - 4) (most - 2) r)) sqrt(1 - beta2^t) / (sqrt(v) + epsilon)
 *     else:  p -= lr m / (1 - beta1^t)
 */
export function radam(options: Betas): Element {
  const { preset, beta1 = 0.9, beta2 = 0.999, epsilon = preset === "keras" ? 1e-7 : 1e-8 } = options;
  const most = 2 / (1 - beta2) - 1;
  let [m, v, t] = [0, 0, 0];
  return (p, g, lr) => {
    t += 1;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const corrected = m / (1 - beta1 ** t);
    const r = most - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    if (r <= 5) return p - lr * corrected;
    const rectified = Math.sqrt(((r - 4) * (r - 2) * most) / ((most - 4) * (most - 2) * r));
    return p - (lr * corrected * rectified * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(v) + epsilon);
  };
}

/**
 * Chen et al. 2023:
 *
 *     p -= lr sign(beta1 m + (1 - beta1) g)        m = beta2 m + (1 - beta2) g
 */
export function lion({ beta1 = 0.9, beta2 = 0.99 }: Omit<Betas, keyof Common> = {}): Element {
  let m = 0;
  return (p, g, lr) => {
    const direction = Math.sign(beta1 * m + (1 - beta1) * g);
    m = beta2 * m + (1 - beta2) * g;
    return p - lr * direction;
  };
}

/** Weight decay, keras: p -= lr decay p before the update; pytorch (L2): g += decay p. */
export function decayed(preset: Preset, decay: number, element: Element): Element {
  if (preset === "keras") return (p, g, lr) => element(p - lr * decay * p, g, lr);
  return (p, g, lr) => element(p, g + decay * p, lr);
}
