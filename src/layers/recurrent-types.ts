/** What recurrent layers take and give. */
import type { Tensor, TensorLike } from "../shape.ts";
import type { Activation } from "./activations.ts";
import type { SymbolicTensor } from "./graph.ts";
import type { SeededOptions } from "./layer.ts";

/** Options of `SimpleRNN` and `LSTM`; defaults follow Keras 3. */
export interface RecurrentOptions extends SeededOptions {
  /** Hidden units H, a positive integer. */
  readonly units: number;
  /** Features I of a step; taken from the first input when left out. */
  readonly inputSize?: number | undefined;
  /** Give the output of every step [B, T, H] and not only of the last one [B, H]; by default false. */
  readonly returnSequences?: boolean | undefined;
  /** In models: `apply` gives the final states too, as properties of its result; by default false. */
  readonly returnState?: boolean | undefined;
  /** In models: row b of a batch goes on from the state of row b of the batch before, until `resetStates`; by default false. */
  readonly stateful?: boolean | undefined;
  /** Process the steps from the last to the first; a sequence of outputs stands in that order; by default false. */
  readonly goBackwards?: boolean | undefined;
  /** Activation of the output; by default "tanh". */
  readonly activation?: Activation | undefined;
  /** Share of inputs dropped in training, one mask for all steps of a sequence, 0 (default) to 1 exclusive. */
  readonly dropout?: number | undefined;
  /** Share of the last step's outputs dropped in training, one mask for all steps, 0 (default) to 1 exclusive. */
  readonly recurrentDropout?: number | undefined;
  /** Add a bias; by default true. */
  readonly useBias?: boolean | undefined;
  /** Train two bias vectors as PyTorch does: the same forward pass, twice the step of the bias; by default false. */
  readonly doubleBias?: boolean | undefined;
}

/** Options of `LSTM`. */
export interface LSTMOptions extends RecurrentOptions {
  /** Activation of the gates; by default "sigmoid". */
  readonly recurrentActivation?: Activation | undefined;
  /** Start the bias of the forget gate at 1 (Jozefowicz et al. 2015); by default true. */
  readonly unitForgetBias?: boolean | undefined;
}

/** Hidden state [B, H]. */
export interface RNNState {
  readonly hidden: TensorLike;
}

/** Hidden state and cell, [B, H] each. */
export interface LSTMState extends RNNState {
  readonly cell: TensorLike;
}

/** Options of `forward`. */
export interface RecurrentForwardOptions<State> {
  /** Keep what `backward` needs, and drop out; by default false. */
  readonly training?: boolean | undefined;
  /** State before the first step; by default zeros. */
  readonly initialState?: State | undefined;
  /** Steps of each row, 1 to T; outputs after a row's end are 0 and its final state is that of its own last step. */
  readonly lengths?: readonly number[] | Int32Array | undefined;
}

/** Options of `LSTM.forward`. */
export type LSTMForwardOptions = RecurrentForwardOptions<LSTMState>;

/** What `SimpleRNN.forward` gives; `output` is [B, T, H] or [B, H], see `returnSequences`. */
export interface RNNResult {
  readonly output: Tensor<Float32Array>;
  readonly hidden: Tensor<Float32Array>;
}

/** What `LSTM.forward` gives. */
export interface LSTMResult extends RNNResult {
  readonly cell: Tensor<Float32Array>;
}

/** Gradients of what `SimpleRNN.forward` gave; those left out count as zero. */
export interface RNNOutputGradients {
  readonly output?: TensorLike | undefined;
  readonly hidden?: TensorLike | undefined;
}

/** Gradients of what `LSTM.forward` gave; those left out count as zero. */
export interface LSTMOutputGradients extends RNNOutputGradients {
  readonly cell?: TensorLike | undefined;
}

/** Gradients of what `SimpleRNN.forward` took: x [B, T, I] and the initial state [B, H]. */
export interface RNNInputGradients {
  readonly input: Tensor<Float32Array>;
  readonly hidden: Tensor<Float32Array>;
}

/** Gradients of what `LSTM.forward` took. */
export interface LSTMInputGradients extends RNNInputGradients {
  readonly cell: Tensor<Float32Array>;
}

/** The symbolic state before the first step. */
export interface RNNSymbolicState {
  readonly hidden: SymbolicTensor;
}

/** The symbolic state before the first step. */
export interface LSTMSymbolicState extends RNNSymbolicState {
  readonly cell: SymbolicTensor;
}
