/** What the LSTM layer takes and gives. */
import type { Tensor, TensorLike } from "../shape.ts";

/** Options of `LSTM`; defaults follow Keras 3. */
export interface LSTMOptions {
  /** Hidden units H, a positive integer. */
  readonly units: number;
  /** Features I of a step; taken from the first input when left out. */
  readonly inputSize?: number | undefined;
  /** Give the output of every step [B, T, H] and not only of the last one [B, H]; by default false. */
  readonly returnSequences?: boolean | undefined;
  /** Add a bias; by default true. */
  readonly useBias?: boolean | undefined;
  /** Train two bias vectors as PyTorch does: the same forward pass, twice the step of the bias; by default false. */
  readonly doubleBias?: boolean | undefined;
  /** Start the bias of the forget gate at 1 (Jozefowicz et al. 2015); by default true. */
  readonly unitForgetBias?: boolean | undefined;
  /** Seed of the initial weights, 0 to 2^53 - 1; drawn when left out and shown as `seed`. */
  readonly seed?: number | undefined;
  /** Name in error messages; by default "lstm". */
  readonly name?: string | undefined;
}

/** Hidden state and cell, [B, H] each. */
export interface LSTMState {
  readonly hidden: TensorLike;
  readonly cell: TensorLike;
}

/** Options of `LSTM.forward`. */
export interface LSTMForwardOptions {
  /** Keep what `backward` needs; by default false. */
  readonly training?: boolean | undefined;
  /** State before the first step; by default zeros. */
  readonly initialState?: LSTMState | undefined;
  /** Steps of each row, 1 to T; outputs after a row's end are 0 and its final state is that of its own last step. */
  readonly lengths?: readonly number[] | Int32Array | undefined;
}

/** What a forward call gives; `output` is [B, T, H] or [B, H], see `returnSequences`. */
export interface LSTMResult {
  readonly output: Tensor<Float32Array>;
  readonly hidden: Tensor<Float32Array>;
  readonly cell: Tensor<Float32Array>;
}

/** Gradients of what a forward call gave; those left out count as zero. */
export interface LSTMOutputGradients {
  readonly output?: TensorLike | undefined;
  readonly hidden?: TensorLike | undefined;
  readonly cell?: TensorLike | undefined;
}

/** Gradients of what a forward call took: x [B, T, I] and the initial state [B, H]. */
export interface LSTMInputGradients {
  readonly input: Tensor<Float32Array>;
  readonly hidden: Tensor<Float32Array>;
  readonly cell: Tensor<Float32Array>;
}
