/** The loss goldens of both frameworks as losses of ours: names, options and the divisor that each framework leaves out. */
import { softmax } from "../reference/activations.ts";
import { at } from "../reference/elements.ts";
import type { ElementLoss, LossInputs, LossOptions, RowLoss } from "../reference/losses.ts";
import { frameworkGoldens, type KerasLossCase, lossGoldens, type TorchLossCase } from "./golden.ts";

/** What a loss must give. */
export interface LossCase {
  readonly title: string;
  readonly name: ElementLoss | RowLoss;
  readonly options: LossOptions;
  readonly inputs: LossInputs;
  readonly value: number;
  /** [N, F] */
  readonly gradient: Float64Array;
  /** The loss of each row by itself, where the framework says it. */
  readonly rows?: readonly number[];
}

type Numbers = number | readonly Numbers[];

const flat = (values: Numbers): number[] => (typeof values === "number" ? [values] : values.flatMap(flat));
const sum = (values: Numbers): number => flat(values).reduce((total, value) => total + value, 0);

const { loss_inputs, losses } = frameworkGoldens();
const [N, F] = [4, 3];
const x = Float64Array.from(flat(loss_inputs.x));
const y = Float64Array.from(flat(loss_inputs.y));

interface Ours {
  readonly name: ElementLoss | RowLoss;
  readonly options?: LossOptions;
  readonly target: ArrayLike<number>;
  /** Ours = theirs * factor + offset. */
  readonly factor?: number;
  readonly offset?: number;
}

function ofTorch({ name, config }: TorchLossCase): Ours {
  const { ignore_index = -100, label_smoothing, weight, pos_weight } = config;
  const crossEntropy = { fromLogits: true, ignoreIndex: ignore_index, labelSmoothing: label_smoothing };
  const target = flat(loss_inputs.labels);
  const shares = softmax(y, N, F);
  switch (name) {
    case "mse_loss":
      return { name: "meanSquaredError", target: y };
    case "l1_loss":
      return { name: "meanAbsoluteError", target: y };
    case "smooth_l1_loss":
      return { name: "huber", options: { delta: config.beta }, target: y, factor: config.beta ?? 1 };
    case "huber_loss":
      return { name: "huber", options: { delta: config.delta }, target: y };
    case "cross_entropy":
    case "cross_entropy label_smoothing":
      return { name: "sparseCategoricalCrossentropy", options: crossEntropy, target };
    case "cross_entropy weight":
      return { name: "sparseCategoricalCrossentropy", options: { ...crossEntropy, classWeights: weight }, target };
    case "bce_with_logits":
    case "bce_with_logits pos_weight": {
      const options = { fromLogits: true, positiveWeight: pos_weight };
      return { name: "binaryCrossentropy", options, target: flat(loss_inputs.yb) };
    }
    case "kl_div(log_softmax(x),softmax(y))": {
      // Cross-entropy is the divergence plus the target's own entropy; theirs is a mean over elements.
      const entropy = -sum(Array.from(shares, (share) => share * Math.log(share))) / N;
      const name = "categoricalCrossentropy";
      return { name, options: { fromLogits: true }, target: shares, factor: F, offset: entropy };
    }
    default:
      throw new RangeError(`No loss of ours is "${name}".`);
  }
}

function torchCase(golden: TorchLossCase): LossCase {
  const { name, options = {}, target, factor = 1, offset = 0 } = ofTorch(golden);
  const isSparse = name === "sparseCategoricalCrossentropy";
  const counted = isSparse ? flat(loss_inputs.labels).filter((label) => label >= 0).length : N * F;
  const share = factor / (golden.reduction === "mean" ? 1 : counted);
  const rows = (golden.value as readonly Numbers[]).valueOf();
  return {
    title: `torch ${golden.name}, reduction ${golden.reduction}`,
    name,
    options,
    inputs: { N, F, prediction: x, target },
    value: sum(golden.value) * share + offset,
    gradient: Float64Array.from(flat(golden.grad_x), (slope) => slope * share),
    ...(golden.reduction === "none"
      ? { rows: (rows as readonly Numbers[]).map((row) => (sum(row) * factor) / flat(row).length) }
      : {}),
  };
}

const KERAS: Readonly<Record<string, ElementLoss | RowLoss>> = {
  MeanSquaredError: "meanSquaredError",
  MeanAbsoluteError: "meanAbsoluteError",
  Huber: "huber",
  LogCosh: "logCosh",
  KLDivergence: "klDivergence",
  BinaryCrossentropy: "binaryCrossentropy",
  CategoricalCrossentropy: "categoricalCrossentropy",
  "CategoricalCrossentropy logits smooth": "categoricalCrossentropy",
  SparseCategoricalCrossentropy: "sparseCategoricalCrossentropy",
};

function kerasCase({ name, config, reduction, y_true, y_pred, value, grad_pred }: KerasLossCase): LossCase {
  const ours = KERAS[name];
  if (ours === undefined) throw new RangeError(`No loss of ours is "${name}".`);
  const { delta, from_logits, label_smoothing } = config;
  const share = reduction === "sum_over_batch_size" ? 1 : 1 / N;
  const options = { delta, fromLogits: from_logits, labelSmoothing: label_smoothing };
  return {
    title: `keras ${name}, reduction ${reduction}`,
    name: ours,
    options: Object.fromEntries(Object.entries(options).filter(([, option]) => option !== undefined)),
    inputs: { N, F, prediction: Float64Array.from(flat(y_pred)), target: flat(y_true) },
    value: sum(value) * share,
    gradient: Float64Array.from(flat(grad_pred), (slope) => slope * share),
    ...(reduction === "none" ? { rows: flat(value) } : {}),
  };
}

/** Those of optim-loss.json. */
export const FRAMEWORK_LOSSES: readonly LossCase[] = losses.map((golden) =>
  golden.framework === "torch" ? torchCase(golden) : kerasCase(golden),
);

/** Those of torch-losses.json. */
export const MORE_LOSSES: readonly LossCase[] = lossGoldens().map((golden) => ({
  title: `torch ${golden.loss} ${JSON.stringify(golden.options)} of [${golden.N}, ${golden.F}]${golden.weights ? " with weights" : ""}`,
  name: golden.loss as ElementLoss | RowLoss,
  options: golden.options,
  inputs: {
    N: golden.N,
    F: golden.F,
    prediction: golden.prediction.data,
    target: golden.target.data,
    weights: golden.weights?.data,
  },
  value: golden.value,
  gradient: golden.gradient.data,
}));

/** Row n by itself. */
export function rowOf({ name, inputs }: LossCase, n: number): LossInputs {
  const width = name === "sparseCategoricalCrossentropy" ? 1 : inputs.F;
  return {
    N: 1,
    F: inputs.F,
    prediction: inputs.prediction.subarray(n * inputs.F, (n + 1) * inputs.F),
    target: Array.from({ length: width }, (_, f) => at(inputs.target, n * width + f)),
  };
}
