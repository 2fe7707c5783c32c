import { readFileSync } from "node:fs";

/** One tensor of a golden file: row-major float64 data, its length checked against the shape on loading. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type GoldenTensors = Readonly<Record<string, GoldenTensor>>;

/** One single-layer torch.nn.LSTM case; D is 2 when bidirectional. Its loss is the sum of outputs * loss_weights. */
export interface LstmGolden {
  readonly name: string;
  readonly config: {
    readonly input_size: number;
    readonly hidden_size: number;
    readonly bias?: boolean;
    readonly bidirectional?: boolean;
    readonly batch_first?: boolean;
  };
  readonly batch: number;
  readonly steps: number;
  readonly lengths: readonly number[] | null;
  /** weight_ih_l0 [4H, I], weight_hh_l0 [4H, H], bias_ih_l0, bias_hh_l0 [4H], and the same with suffix _reverse */
  readonly params: GoldenTensors;
  /** x [T, B, I] or [B, T, I] when batch_first; h0 and c0 [D, B, H] */
  readonly inputs: { readonly x: GoldenTensor; readonly h0?: GoldenTensor; readonly c0?: GoldenTensor };
  readonly outputs: LstmOutputs;
  readonly loss_weights: LstmOutputs;
  readonly loss: number;
  /** Under the names of inputs and params. */
  readonly grads: GoldenTensors;
}

/** y [T, B, D H] or [B, T, D H] when batch_first; hn and cn [D, B, H] */
export interface LstmOutputs {
  readonly y: GoldenTensor;
  readonly hn: GoldenTensor;
  readonly cn: GoldenTensor;
}

/** Two bidirectional torch.nn.RNN layers over packed rows, otherwise as an LstmGolden: h0 and hn are [4, B, H]. */
export interface RnnGolden {
  readonly name: string;
  readonly config: {
    readonly input_size: number;
    readonly hidden_size: number;
    readonly nonlinearity: "tanh" | "relu";
  };
  readonly batch: number;
  readonly steps: number;
  readonly lengths: readonly number[];
  readonly params: GoldenTensors;
  readonly inputs: { readonly x: GoldenTensor; readonly h0: GoldenTensor };
  readonly outputs: { readonly y: GoldenTensor; readonly hn: GoldenTensor };
  readonly loss_weights: { readonly y: GoldenTensor; readonly hn: GoldenTensor };
  readonly grads: GoldenTensors;
}

/** One recurrent layer of Keras from zero states; its loss is the sum of outputs * loss_weights. */
export interface KerasRecurrentGolden {
  readonly name: string;
  readonly config: { readonly return_sequences: boolean; readonly units: number };
  /** kernel [I, G H], recurrent_kernel [H, G H], bias [G H] */
  readonly weights: readonly [GoldenTensor, GoldenTensor, GoldenTensor];
  /** [B, T, I] */
  readonly x: GoldenTensor;
  readonly outputs: readonly [GoldenTensor];
  readonly loss_weights: readonly [GoldenTensor];
  readonly grad_x: GoldenTensor;
  readonly grad_weights: readonly [GoldenTensor, GoldenTensor, GoldenTensor];
}

/** Two LSTM layers and a linear head, trained from the same parameters by several optimizers. */
export interface StackedGolden {
  readonly name: string;
  readonly config: {
    readonly input_size: number;
    readonly hidden_size: number;
    readonly num_layers: number;
    readonly outputs: number;
  };
  readonly batch: number;
  readonly steps: number;
  readonly head: "every_step" | "last_step";
  readonly loss: "mse" | "cross_entropy";
  /** lstm.weight_ih_l0 and so on, linear.weight, linear.bias */
  readonly params: GoldenTensors;
  /** x [B, T, I] */
  readonly inputs: { readonly x: GoldenTensor };
  /** mse: [B, T, outputs] or [B, outputs]; cross_entropy: [B] class indices */
  readonly target: GoldenTensor;
  readonly runs: readonly StackedRun[];
}

export interface StackedRun extends TorchOptimizer {
  readonly clip_norm: number | null;
  /** Before each update. */
  readonly losses: readonly number[];
  /** Before each update and before clipping. */
  readonly gradient_norms: readonly number[];
  /** After the last update; the largest tensors are left out. */
  readonly final: GoldenTensors;
}

export interface TorchOptimizer {
  readonly name: "Adadelta" | "Adagrad" | "Adam" | "AdamW" | "Adamax" | "NAdam" | "RAdam" | "RMSprop" | "SGD";
  readonly config: {
    readonly lr: number;
    readonly alpha?: number;
    readonly amsgrad?: boolean;
    readonly betas?: readonly [number, number];
    readonly centered?: boolean;
    readonly initial_accumulator_value?: number;
    readonly lr_decay?: number;
    readonly momentum?: number;
    readonly momentum_decay?: number;
    readonly nesterov?: boolean;
    readonly rho?: number;
    readonly weight_decay?: number;
  };
}

/** Ten updates of one vector of N elements. */
export interface VectorOptimizerGoldens {
  /** [N] */
  readonly initial: GoldenTensor;
  /** [updates, N] */
  readonly gradients: GoldenTensor;
  /** trajectory [updates, N]: the vector after each update */
  readonly cases: readonly (TorchOptimizer & { readonly trajectory: GoldenTensor })[];
}

export interface KerasOptimizer {
  readonly name: "Adadelta" | "Adam" | "Nadam" | "RMSprop" | "SGD";
  readonly config: {
    readonly learning_rate: number;
    readonly momentum?: number;
    readonly clipnorm?: number;
    readonly clipvalue?: number;
    readonly amsgrad?: boolean;
    readonly centered?: boolean;
  };
}

type Matrix = readonly (readonly number[])[];

export type FrameworkOptimizerCase =
  | (TorchOptimizer & { readonly framework: "torch"; readonly trajectory: Matrix })
  | (KerasOptimizer & { readonly framework: "keras"; readonly trajectory: Matrix });

/** PyTorch's value and gradient of `loss_inputs.x`; a reduction of "none" has one value per element or row. */
export interface TorchLossCase {
  readonly framework: "torch";
  readonly name: string;
  readonly config: {
    readonly beta?: number;
    readonly delta?: number;
    readonly ignore_index?: number;
    readonly label_smoothing?: number;
    readonly weight?: readonly number[];
    readonly pos_weight?: readonly number[];
  };
  readonly reduction: "none" | "sum" | "mean";
  readonly value: number | readonly number[] | Matrix;
  readonly grad_x: Matrix;
}

/** Keras's value and gradient of y_pred; sum_over_batch_size is the mean. */
export interface KerasLossCase {
  readonly framework: "keras";
  readonly name: string;
  readonly config: { readonly delta?: number; readonly from_logits?: boolean; readonly label_smoothing?: number };
  readonly reduction: "none" | "sum" | "sum_over_batch_size";
  readonly y_true: readonly number[] | Matrix;
  readonly y_pred: Matrix;
  readonly value: number | readonly number[];
  readonly grad_pred: Matrix;
}

/** A loss of gatefold, by its name and options, computed by PyTorch; a target is rows like the prediction or labels. */
export interface LossGolden {
  readonly loss: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly N: number;
  readonly F: number;
  readonly prediction: GoldenTensor;
  readonly target: GoldenTensor;
  readonly weights: GoldenTensor | null;
  readonly value: number;
  readonly gradient: GoldenTensor;
}

/** Trajectories and losses of PyTorch and Keras. */
export interface FrameworkGoldens {
  readonly p0: readonly number[];
  readonly grads: Matrix;
  readonly optimizers: readonly FrameworkOptimizerCase[];
  readonly loss_inputs: {
    readonly x: Matrix;
    readonly y: Matrix;
    readonly labels: readonly number[];
    /** Of zeros and ones. */
    readonly yb: Matrix;
  };
  readonly losses: readonly (TorchLossCase | KerasLossCase)[];
}

/** One torch.nn.LayerNorm over the last axis; its gradients are those of sum(y * dy). */
export interface LayerNormGolden {
  readonly name: string;
  readonly epsilon: number;
  /** x, dy, y [N, F]; weight and bias [F] */
  readonly tensors: Readonly<Record<"x" | "dy" | "weight" | "bias" | "y", GoldenTensor>>;
  readonly grads: Readonly<Record<"x" | "weight" | "bias", GoldenTensor>>;
}

export interface Cases<Case> {
  readonly cases: readonly Case[];
}

export function lstmGoldens(): readonly LstmGolden[] {
  const files = ["torch-lstm.json", "torch-lstm-more.json"];
  return files.flatMap((file) => load<Cases<LstmGolden>>(file).cases);
}

export function rnnGoldens(): readonly RnnGolden[] {
  return load<Cases<RnnGolden>>("torch-rnn.json").cases;
}

/** The case called `name`. */
export function kerasRecurrentGolden(name: string): KerasRecurrentGolden {
  const golden = load<Cases<KerasRecurrentGolden>>("keras-recurrent.json").cases.find((one) => one.name === name);
  if (!golden) throw new RangeError(`keras-recurrent.json has no case "${name}".`);
  return golden;
}

export function stackedGoldens(): readonly StackedGolden[] {
  return load<Cases<StackedGolden>>("torch-stacked.json").cases;
}

export function vectorOptimizerGoldens(): VectorOptimizerGoldens {
  return load<VectorOptimizerGoldens>("torch-optim.json");
}

export function frameworkGoldens(): FrameworkGoldens {
  return load<FrameworkGoldens>("optim-loss.json");
}

export function lossGoldens(): readonly LossGolden[] {
  return load<Cases<LossGolden>>("torch-losses.json").cases;
}

export function layerNormGoldens(): readonly LayerNormGolden[] {
  return load<Cases<LayerNormGolden>>("torch-layers.json").cases;
}

/** The tensor called `name`, which must be there. */
export function tensorOf(tensors: GoldenTensors, name: string): GoldenTensor {
  const tensor = tensors[name];
  if (!tensor) throw new RangeError(`The golden has no tensor "${name}", only ${Object.keys(tensors).join(", ")}.`);
  return tensor;
}

/** A file of test/golden with its tensors checked. */
export function load<Content>(file: string): Content {
  const text = readFileSync(new URL(`../golden/${file}`, import.meta.url), "utf8");
  return JSON.parse(text, (key, value: unknown) => (isTensorRecord(value) ? toTensor(file, key, value) : value));
}

interface TensorRecord {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function isTensorRecord(value: unknown): value is TensorRecord {
  return typeof value === "object" && value !== null && "shape" in value && "data" in value;
}

function toTensor(file: string, key: string, { shape, data }: TensorRecord): GoldenTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length) {
    throw new RangeError(`${file}: tensor "${key}" of shape [${shape.join(", ")}] holds ${data.length} numbers.`);
  }
  if (!data.every(Number.isFinite)) throw new RangeError(`${file}: tensor "${key}" holds a value that is no number.`);
  return { shape, data: Float64Array.from(data) };
}
