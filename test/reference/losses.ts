import { exp, sigmoid } from "./activations.ts";
import { add, at, row } from "./elements.ts";

/** A scalar loss and its gradient with respect to the prediction (or the logits), in the prediction's shape. */
export interface Loss {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** The options of all losses together, as the classes of src/losses take them. */
export interface LossOptions {
  readonly delta?: number | undefined;
  readonly fromLogits?: boolean | undefined;
  readonly labelSmoothing?: number | undefined;
  /** One for all features or one for each. */
  readonly positiveWeight?: number | readonly number[] | undefined;
  readonly classWeights?: readonly number[] | undefined;
  readonly ignoreIndex?: number | undefined;
}

export interface LossInputs {
  readonly N: number;
  readonly F: number;
  /** [N, F] */
  readonly prediction: Float64Array;
  /** [N, F], or labels [N] in 0 .. F - 1 or equal to `ignoreIndex` */
  readonly target: ArrayLike<number>;
  /** [N], all 1 where absent */
  readonly weights?: ArrayLike<number> | undefined;
}

/** The loss of one element or row and its derivative. */
type Slope = readonly [value: number, slope: number];
type Slopes = readonly [value: number, slopes: readonly number[]];

export const EPSILON = 1e-7;

export type ElementLoss =
  | "meanSquaredError"
  | "meanAbsoluteError"
  | "huber"
  | "logCosh"
  | "poisson"
  | "binaryCrossentropy";
export type RowLoss = "klDivergence" | "categoricalCrossentropy" | "sparseCategoricalCrossentropy";

/** Losses that are means over the elements of a row. */
const ELEMENTS: Readonly<Record<ElementLoss, (y: number, t: number, options: LossOptions, f: number) => Slope>> = {
  meanSquaredError: (y, t) => [(y - t) * (y - t), 2 * (y - t)],
  meanAbsoluteError: (y, t) => [Math.abs(y - t), Math.sign(y - t)],
  huber: (y, t, { delta = 1 }) => {
    const d = y - t;
    if (Math.abs(d) <= delta) return [(d * d) / 2, d];
    return [delta * (Math.abs(d) - delta / 2), delta * Math.sign(d)];
  },
  logCosh: (y, t) => {
    const distance = Math.abs(y - t);
    return [distance + Math.log1p(exp(-2 * distance)) - Math.LN2, Math.tanh(y - t)];
  },
  poisson: (y, t) => [y - t * Math.log(y + EPSILON), 1 - t / (y + EPSILON)],
  binaryCrossentropy: (y, t, { fromLogits = false, labelSmoothing = 0, positiveWeight = 1 }, f) => {
    const smoothed = t * (1 - labelSmoothing) + labelSmoothing / 2;
    const positive = smoothed * (typeof positiveWeight === "number" ? positiveWeight : at(positiveWeight, f));
    const negative = 1 - smoothed;
    if (fromLogits) {
      return [negative * softplus(y) + positive * softplus(-y), negative * sigmoid(y) - positive * sigmoid(-y)];
    }
    const p = clip(y, 1 - EPSILON);
    const value = -positive * Math.log(p) - negative * Math.log1p(-p);
    return [value, p === y ? negative / (1 - p) - positive / p : 0];
  },
};

/** Losses that are sums over the classes of a row; t is a distribution over them. */
function divergence(y: Float64Array, t: readonly number[]): Slopes {
  let value = 0;
  const slopes = t.map((target, f) => {
    const [wanted, p] = [clip(target, 1), clip(at(y, f), 1)];
    value += wanted * Math.log(wanted / p);
    return p === at(y, f) ? -wanted / p : 0;
  });
  return [value, slopes];
}

/** -sum t log softmax(y): t may have any sum m, the gradient is m softmax(y) - t. */
function logitsEntropy(y: Float64Array, t: readonly number[]): Slopes {
  const largest = Math.max(...y);
  // Subtracting the largest logit changes nothing in exact arithmetic and keeps e^y finite.
  const total = y.reduce((sum, logit) => sum + exp(logit - largest), 0);
  const mass = t.reduce((sum, share) => sum + share, 0);
  const value = t.reduce((sum, share, f) => sum + share * (largest + Math.log(total) - at(y, f)), 0);
  return [value, t.map((share, f) => (mass * exp(at(y, f) - largest)) / total - share)];
}

/** -sum t log p, where p are the shares q of y in its sum, clipped. dq = -t / p; dy = (dq - sum dq q) / sum y. */
function sharesEntropy(y: Float64Array, t: readonly number[]): Slopes {
  const total = y.reduce((sum, value) => sum + value, 0);
  const shares = Array.from(y, (value) => value / total);
  const clipped = shares.map((q) => clip(q, 1 - EPSILON));
  const value = t.reduce((sum, target, f) => sum - target * Math.log(at(clipped, f)), 0);
  const dShares = shares.map((q, f) => (at(clipped, f) === q ? -at(t, f) / q : 0));
  const mean = dShares.reduce((sum, d, f) => sum + d * at(shares, f), 0);
  return [value, dShares.map((d) => (d - mean) / total)];
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(exp(-Math.abs(x)));
}

function clip(x: number, highest: number): number {
  return x < EPSILON ? EPSILON : x > highest ? highest : x;
}

/** Target of row n: smoothed, then times the class weights. */
function sharesOf(n: number, { F, target }: LossInputs, options: LossOptions, isSparse: boolean): number[] {
  const { labelSmoothing = 0, classWeights } = options;
  return Array.from({ length: F }, (_, f) => {
    const t = isSparse ? (at(target, n) === f ? 1 : 0) : at(target, n * F + f);
    return (t * (1 - labelSmoothing) + labelSmoothing / F) * (classWeights === undefined ? 1 : at(classWeights, f));
  });
}

function lossOfRow(name: ElementLoss | RowLoss, n: number, inputs: LossInputs, options: LossOptions): Slopes {
  const { F, prediction, target } = inputs;
  const y = row(prediction, n, F);
  if (name === "klDivergence") return divergence(y, sharesOf(n, inputs, {}, false));
  if (name === "categoricalCrossentropy" || name === "sparseCategoricalCrossentropy") {
    const t = sharesOf(n, inputs, options, name === "sparseCategoricalCrossentropy");
    return options.fromLogits ? logitsEntropy(y, t) : sharesEntropy(y, t);
  }
  const elements = Array.from(y, (value, f) => ELEMENTS[name](value, at(target, n * F + f), options, f));
  return [elements.reduce((sum, [value]) => sum + value, 0) / F, elements.map(([, slope]) => slope / F)];
}

/**
 * The sum over rows of weight times loss, divided by the number of rows; for labels by the sum of the class weights of
 * those that are not ignored. Rows of weight 0 are not looked at.
 */
export function loss(name: ElementLoss | RowLoss, options: LossOptions, inputs: LossInputs): Loss {
  const { N, F, target, weights } = inputs;
  const isSparse = name === "sparseCategoricalCrossentropy";
  const rows = [...Array(N).keys()].filter((n) => !isSparse || at(target, n) !== options.ignoreIndex);
  const counts = rows.map((n) => (isSparse && options.classWeights ? at(options.classWeights, at(target, n)) : 1));
  const divisor = isSparse ? counts.reduce((sum, count) => sum + count, 0) : N;
  let sum = 0;
  const gradient = new Float64Array(N * F);
  for (const n of rows) {
    const weight = weights === undefined ? 1 : at(weights, n);
    if (weight === 0) continue;
    const [value, slopes] = lossOfRow(name, n, inputs, options);
    sum += weight * value;
    for (let f = 0; f < F; f++) add(gradient, n * F + f, (weight * at(slopes, f)) / divisor);
  }
  return { value: divisor === 0 ? 0 : sum / divisor, gradient };
}

/** Mean over all N elements of (prediction - target)^2. */
export function meanSquaredError(inputs: { readonly prediction: Float64Array; readonly target: Float64Array }): Loss {
  return loss("meanSquaredError", {}, { N: inputs.prediction.length, F: 1, ...inputs });
}

export interface CrossEntropyInputs {
  /** Rows and classes. */
  readonly N: number;
  readonly V: number;
  /** [N, V] */
  readonly logits: Float64Array;
  /** [N], each in 0 .. V - 1 */
  readonly labels: ArrayLike<number>;
}

/** Mean over rows of -log softmax(logits)[label]; its gradient is (softmax - one hot) / N. */
export function softmaxCrossEntropy({ N, V, logits, labels }: CrossEntropyInputs): Loss {
  return loss("sparseCategoricalCrossentropy", { fromLogits: true }, { N, F: V, prediction: logits, target: labels });
}
