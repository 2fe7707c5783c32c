import { at } from "./elements.ts";

/** Whose form of the update: they differ in where the learning rate and the epsilon stand. */
export type Preset = "keras" | "pytorch";

export interface SgdInputs {
  readonly preset: Preset;
  readonly parameters: Float64Array;
  readonly gradients: Float64Array;
  /** PyTorch's momentum buffer or Keras's momentum; zero before the first step. */
  readonly velocity: Float64Array;
  readonly learningRate: number;
  readonly momentum?: number | undefined;
  readonly nesterov?: boolean | undefined;
}

export interface SgdResult {
  readonly parameters: Float64Array;
  readonly velocity: Float64Array;
}

/**
 *     pytorch: v = mu v + g;       p -= lr v,   nesterov: p -= lr (g + mu v)
 *     keras:   v = mu v - lr g;    p += v,      nesterov: p += mu v - lr g
 */
export function sgdStep(inputs: SgdInputs): SgdResult {
  const { preset, learningRate, momentum = 0, nesterov = false } = inputs;
  const parameters = inputs.parameters.slice();
  const velocity = inputs.velocity.slice();
  for (let n = 0; n < parameters.length; n++) {
    const p = at(parameters, n);
    const g = at(inputs.gradients, n);
    if (preset === "pytorch") {
      const v = momentum * at(velocity, n) + g;
      velocity[n] = v;
      parameters[n] = p - learningRate * (nesterov ? g + momentum * v : v);
    } else {
      const v = momentum * at(velocity, n) - learningRate * g;
      velocity[n] = v;
      parameters[n] = p + (nesterov ? momentum * v - learningRate * g : v);
    }
  }
  return { parameters, velocity };
}

export interface AdamState {
  /** Steps taken so far. */
  readonly step: number;
  /** Running mean of g. */
  readonly mean: Float64Array;
  /** Running mean of g^2. */
  readonly variance: Float64Array;
  /** Largest variance so far, used by AMSGrad. */
  readonly largestVariance: Float64Array;
}

export function adamState(length: number): AdamState {
  const zeros = (): Float64Array => new Float64Array(length);
  return { step: 0, mean: zeros(), variance: zeros(), largestVariance: zeros() };
}

export interface AdamInputs {
  readonly preset: Preset;
  readonly parameters: Float64Array;
  readonly gradients: Float64Array;
  readonly state: AdamState;
  readonly learningRate: number;
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  /** 1e-7 in Keras, 1e-8 in PyTorch. */
  readonly epsilon?: number | undefined;
  readonly amsgrad?: boolean | undefined;
  /** What PyTorch's Adam calls weight_decay: g += l2 p. */
  readonly l2?: number | undefined;
}

export interface AdamResult {
  readonly parameters: Float64Array;
  readonly state: AdamState;
}

/**
 * Kingma and Ba, "Adam", algorithm 1 (pytorch) and the reordered form at the end of section 2, "epsilon hat" (keras):
 *
 *     m = beta1 m + (1 - beta1) g
 *     v = beta2 v + (1 - beta2) g^2
 *     pytorch: p -= lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)
 *     keras:   p -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
 */
export function adamStep(inputs: AdamInputs): AdamResult {
  const { preset, learningRate, beta1 = 0.9, beta2 = 0.999, amsgrad = false, l2 = 0 } = inputs;
  const epsilon = inputs.epsilon ?? (preset === "keras" ? 1e-7 : 1e-8);
  const step = inputs.state.step + 1;
  const parameters = inputs.parameters.slice();
  const mean = inputs.state.mean.slice();
  const variance = inputs.state.variance.slice();
  const largestVariance = inputs.state.largestVariance.slice();
  const meanCorrection = 1 - beta1 ** step;
  const varianceCorrection = 1 - beta2 ** step;

  for (let n = 0; n < parameters.length; n++) {
    const p = at(parameters, n);
    const g = at(inputs.gradients, n) + l2 * p;
    const m = beta1 * at(mean, n) + (1 - beta1) * g;
    const v = beta2 * at(variance, n) + (1 - beta2) * g * g;
    const largest = Math.max(at(largestVariance, n), v);
    const second = amsgrad ? largest : v;
    mean[n] = m;
    variance[n] = v;
    largestVariance[n] = largest;
    parameters[n] =
      preset === "pytorch"
        ? p - ((learningRate / meanCorrection) * m) / (Math.sqrt(second / varianceCorrection) + epsilon)
        : p - (((learningRate * Math.sqrt(varianceCorrection)) / meanCorrection) * m) / (Math.sqrt(second) + epsilon);
  }
  return { parameters, state: { step, mean, variance, largestVariance } };
}

export interface AdamWInputs extends Omit<AdamInputs, "l2"> {
  /** 4e-3 in Keras, 1e-2 in PyTorch. */
  readonly weightDecay?: number | undefined;
}

/** Loshchilov and Hutter's decoupled decay, p *= 1 - lr weightDecay, then Adam; both frameworks decay first. */
export function adamWStep({ weightDecay, ...inputs }: AdamWInputs): AdamResult {
  const decay = weightDecay ?? (inputs.preset === "keras" ? 4e-3 : 1e-2);
  const parameters = inputs.parameters.map((p) => p * (1 - inputs.learningRate * decay));
  return adamStep({ ...inputs, parameters });
}

export interface ClipNormInputs {
  readonly preset: Preset;
  /** All tensors that share the norm. */
  readonly gradients: readonly Float64Array[];
  readonly maxNorm: number;
}

export interface ClipNormResult {
  readonly gradients: readonly Float64Array[];
  /** The norm before clipping. */
  readonly norm: number;
}

/** pytorch: g *= min(1, max / (norm + 1e-6)); keras: g *= max / max(norm, max). */
export function clipByGlobalNorm({ preset, gradients, maxNorm }: ClipNormInputs): ClipNormResult {
  let squares = 0;
  for (const gradient of gradients) for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  const coefficient = preset === "pytorch" ? Math.min(1, maxNorm / (norm + 1e-6)) : maxNorm / Math.max(norm, maxNorm);
  return { gradients: gradients.map((gradient) => gradient.map((g) => g * coefficient)), norm };
}

/** Every element into [-limit, limit]. */
export function clipByValue(inputs: { readonly gradients: Float64Array; readonly limit: number }): Float64Array {
  return inputs.gradients.map((g) => Math.min(inputs.limit, Math.max(-inputs.limit, g)));
}
