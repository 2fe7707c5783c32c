/** Goldens of whole models: stacks, training, masks. */
import { type Cases, type GoldenTensor, type GoldenTensors, load, type TorchOptimizer } from "./golden.ts";

/** A torch.nn.LSTM or RNN of several layers over packed rows, batch first; its loss is the sum of outputs * loss_weights. */
export interface StackGolden {
  readonly name: string;
  readonly kind: "LSTM" | "RNN";
  readonly config: {
    readonly input_size: number;
    readonly hidden_size: number;
    readonly num_layers: number;
    readonly bias?: boolean;
    readonly nonlinearity?: "tanh" | "relu";
  };
  readonly batch: number;
  readonly steps: number;
  readonly lengths: readonly number[];
  readonly params: GoldenTensors;
  /** x [B, T, I]; h0 and c0 [layers, B, H] */
  readonly inputs: GoldenTensors;
  /** y [B, T, H]; hn and cn [layers, B, H] */
  readonly outputs: GoldenTensors;
  readonly loss_weights: GoldenTensors;
  /** Under the names of inputs and params. */
  readonly grads: GoldenTensors;
}

/** A model of make_models.py trained for ten steps. */
export interface TrainedGolden {
  readonly name: "Tagger" | "Siamese" | "Normalised";
  readonly optimizer: TorchOptimizer & { readonly clip_norm: number | null };
  readonly params: GoldenTensors;
  readonly inputs: GoldenTensors;
  /** Before each update. */
  readonly losses: readonly number[];
  /** Before each update and before clipping. */
  readonly gradient_norms: readonly number[];
  /** After the last update. */
  readonly final: GoldenTensors;
}

/** Layers of Keras, from zero states or given ones; the loss is the sum of outputs * loss_weights. */
export interface KerasModelGolden {
  readonly name: string;
  /** Of the layer, or of the forward one of two. */
  readonly config: {
    readonly units?: number;
    readonly return_sequences?: boolean;
    readonly go_backwards?: boolean;
  };
  /** kernel [I, G H], recurrent_kernel [H, G H], bias [G H], of each direction; of a Dense kernel [I, O], bias [O] */
  readonly weights: readonly GoldenTensor[];
  /** [B, T, I] */
  readonly x: GoldenTensor;
  /** [B][T], 1 where there is data */
  readonly mask: readonly (readonly number[])[] | null;
  readonly initial_state: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
  readonly loss_weights: readonly GoldenTensor[];
  readonly grad_x: GoldenTensor;
  readonly grad_initial_state: readonly GoldenTensor[];
  readonly grad_weights: readonly GoldenTensor[];
}

export function stackGoldens(): readonly StackGolden[] {
  return load<Cases<StackGolden>>("torch-models.json").cases;
}

export function trainedGoldens(): readonly TrainedGolden[] {
  return load<{ readonly trained: readonly TrainedGolden[] }>("torch-models.json").trained;
}

export function kerasModelGoldens(): readonly KerasModelGolden[] {
  return load<Cases<KerasModelGolden>>("keras-models.json").cases;
}
