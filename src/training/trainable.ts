/** All that training sees of a model. */
import type { Tensor, TensorLike } from "../shape.ts";
import type { CallbackModel } from "./callback.ts";
import type { Objective, StepResult } from "./objective.ts";

export type { StepResult };

/** An input or an output: batch first, null where a batch decides. */
export interface Port {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: "float32" | "int32";
}

/** Arrays of one batch, [rows, ...] each; valid until the next one is made. */
export interface Batch {
  readonly rows: number;
  readonly inputs: readonly Tensor[];
  /** Steps of each row, for each input; undefined: all. */
  readonly lengths: readonly (Int32Array | undefined)[];
  /** For each output; undefined where it has no loss. */
  readonly targets: readonly (Tensor | undefined)[];
  /** For each output the weight of each row, or of each step of each row. */
  readonly weights: readonly (Float32Array | undefined)[];
}

/** How one batch is run. */
export interface StepOptions {
  readonly training: boolean;
  /** Recurrent layers go on from where the batch before ended. */
  readonly carry: boolean;
  /** Factor of the gradients: 1 / batches that make one update. */
  readonly scale: number;
}

/** Where training stands: saved with the optimizer, so that it goes on with the same bits. */
export interface Progress {
  /** Number of the epoch under way or to come, as `fit` counts. */
  epoch: number;
  /** Epochs that are over since the model was made: decides the order of the rows. */
  trainedEpochs: number;
  /** Steps of the epoch that are done. */
  position: number;
  /** Batches run in training: decide the noise of a sequence. */
  batches: number;
  /** Pieces of batches run in training: decide the noise of a step. */
  steps: number;
  /** Batches, or pieces of them, whose gradients wait for the next update. */
  waiting: number;
  /** Sums of the epoch so far, see `Objective.state`. */
  sums: readonly (readonly number[])[];
}

/** A compiled model. */
export interface Trainable extends CallbackModel {
  readonly inputPorts: readonly Port[];
  readonly outputPorts: readonly Port[];
  readonly seed: number;
  readonly progress: Progress;
  readonly isDisposed: boolean;
  /** `setWeights` while `fit` runs. */
  replaceWeights(weights: Readonly<Record<string, TensorLike>>): void;
  /** Forward, loss and metrics, and in training backward. */
  runBatch(batch: Batch, objective: Objective, options: StepOptions): StepResult;
  /** One step of the optimizer over the accumulated gradients; false when it was skipped. */
  update(): boolean;
  /** Names the first layer whose results in the last batch are not finite. */
  blame(): string;
  /** Ends the epoch under way, and forgets the gradients that wait for its next update. */
  forgetEpoch(): void;
  /** Forgets the gradients. */
  zeroGradients(): void;
}
