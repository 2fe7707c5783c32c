/** What `fit` tells its callbacks, and what they may do. */
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { NamedTensors, TensorLike } from "../shape.ts";

/** Loss and metrics by name; those of the validation data begin with "val_", as in "val_loss". */
export type Logs = Readonly<Record<string, number>>;

/** What a callback sees of the model. */
export interface CallbackModel {
  readonly label: string;
  readonly optimizer: Optimizer;
  getWeights(): NamedTensors;
  setWeights(weights: Readonly<Record<string, TensorLike>>): void;
  save(options?: { readonly optimizer?: boolean | undefined }): Uint8Array;
}

/** The run of `fit` that calls. */
export interface FitRun {
  readonly model: CallbackModel;
  /** Epochs are counted from 0; the last one is epochs - 1. */
  readonly epochs: number;
  readonly initialEpoch: number;
  /** Steps of an epoch; undefined for an iterable whose length is not known before its first end. */
  readonly stepsPerEpoch: number | undefined;
  /** Epochs from one validation to the next, 0 without validation data; undefined if nobody says. */
  readonly validationFrequency?: number | undefined;
  /** 0 silent, 1 progress bar, 2 a line for each epoch. */
  readonly verbose: 0 | 1 | 2;
  /** Ends training after the current epoch. */
  stop(): void;
}

/** Hooks of `fit`; what they throw ends the training and is thrown by `fit`. Promises are awaited. */
export interface Callback {
  onTrainBegin?(run: FitRun): void | Promise<void>;
  onEpochBegin?(epoch: number, run: FitRun): void | Promise<void>;
  /** After step `step` of the epoch, counted from 0, with the means so far. */
  onStepEnd?(step: number, logs: Logs, run: FitRun): void | Promise<void>;
  /** After the validation of an epoch. */
  onEpochEnd?(epoch: number, logs: Logs, run: FitRun): void | Promise<void>;
  onTrainEnd?(run: FitRun): void | Promise<void>;
  /** In place of onTrainEnd when training was aborted or has failed; `fit` rejects with the error afterwards. */
  onTrainError?(error: unknown, run: FitRun): void | Promise<void>;
}
