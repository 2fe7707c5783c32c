/** Options of `fit`, checked before anything runs. */
import { OptionError } from "../errors.ts";
import { finiteNumber, flag, integer, knownOptions, positiveInteger, refuse } from "../options.ts";
import type { Callback } from "./callback.ts";
import type { Arrays, DataOptions, Lengths } from "./read.ts";

/** One batch of an iterable source. */
export interface BatchArrays extends DataOptions {
  readonly x: Arrays;
  readonly y: Arrays;
}

/** Batches one by one: an iterable that can be read once, or a function that gives one for each epoch. */
export type BatchSource =
  | AsyncIterable<BatchArrays>
  | (() => AsyncIterable<BatchArrays> | Iterable<BatchArrays> | Promise<Iterable<BatchArrays>>);

/** Data to validate with: [x, y], [x, y, sampleWeight], or arrays by name. */
export type ValidationData =
  | readonly [x: Arrays, y: Arrays]
  | readonly [x: Arrays, y: Arrays, sampleWeight: NonNullable<DataOptions["sampleWeight"]>]
  | BatchArrays;

/** Options of `fit`; defaults follow Keras 3. */
export interface FitOptions extends DataOptions {
  /** Number of the epoch at which training ends, by default 1. */
  readonly epochs?: number | undefined;
  /** Number of the first epoch, by default 0: with `model.epoch` a loaded model goes on where it was saved. */
  readonly initialEpoch?: number | undefined;
  /** Rows of a batch, by default 32. */
  readonly batchSize?: number | undefined;
  /** Share of the last rows that is kept aside for validation, 0 (default) to 1 exclusive. */
  readonly validationSplit?: number | undefined;
  /** Other rows, whose loss and metrics are logged as "val_loss" and so on. */
  readonly validationData?: ValidationData | undefined;
  /** Rows of a batch in validation, by default `batchSize`. */
  readonly validationBatchSize?: number | undefined;
  /** Validate after every n-th epoch, by default 1. */
  readonly validationFrequency?: number | undefined;
  /** Draw the order of the rows anew for each epoch, by the model's seed; by default true. */
  readonly shuffle?: boolean | undefined;
  /** Truncated back-propagation: an update every this many steps of a sequence, the state carried over. */
  readonly truncatedSteps?: number | undefined;
  /** Batches (or truncated pieces) whose gradients make one update, by default 1. */
  readonly gradientAccumulationSteps?: number | undefined;
  /** Batches of an epoch, for iterables that do not end. */
  readonly stepsPerEpoch?: number | undefined;
  /** Told of epochs and steps, in this order. */
  readonly callbacks?: readonly Callback[] | undefined;
  /** 0 silent, 1 (default) a progress bar on a terminal and a line an epoch elsewhere, 2 a line an epoch. */
  readonly verbose?: 0 | 1 | 2 | undefined;
  /** Ends training after the step under way; `fit` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const NAMES = [
  "epochs",
  "initialEpoch",
  "batchSize",
  "validationSplit",
  "validationData",
  "validationBatchSize",
  "validationFrequency",
  "shuffle",
  "truncatedSteps",
  "gradientAccumulationSteps",
  "stepsPerEpoch",
  "callbacks",
  "verbose",
  "signal",
  "lengths",
  "sampleWeight",
  "classWeight",
];

/** Options with their defaults. */
export interface FitSettings extends DataOptions {
  readonly epochs: number;
  readonly initialEpoch: number | undefined;
  readonly batchSize: number;
  readonly validationSplit: number;
  readonly validationData: BatchArrays | undefined;
  readonly validationBatchSize: number;
  readonly validationFrequency: number;
  readonly shuffle: boolean;
  readonly truncatedSteps: number | undefined;
  readonly gradientAccumulationSteps: number;
  readonly stepsPerEpoch: number | undefined;
  readonly callbacks: readonly Callback[];
  readonly verbose: 0 | 1 | 2;
  readonly signal: AbortSignal | undefined;
}

/** Throws OptionError. */
export function readFitOptions(owner: string, options: FitOptions): FitSettings {
  knownOptions(owner, options, NAMES);
  const { validationSplit = 0, validationData, callbacks = [], verbose = 1, signal } = options;
  const count = (name: keyof FitOptions, value: unknown) => positiveInteger(owner, name, value);
  const batchSize = count("batchSize", options.batchSize ?? 32);
  if (validationSplit !== 0 && validationData !== undefined) {
    throw new OptionError(`${owner} takes validationSplit or validationData, not both.`);
  }
  if (!Array.isArray(callbacks) || callbacks.some((callback) => typeof callback !== "object" || callback === null)) {
    refuse(owner, "callbacks", "an array of callbacks", callbacks);
  }
  if (verbose !== 0 && verbose !== 1 && verbose !== 2) refuse(owner, "verbose", "0, 1 or 2", verbose);
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    refuse(owner, "signal", "an AbortSignal", signal);
  }
  const { initialEpoch, truncatedSteps, stepsPerEpoch } = options;
  return {
    epochs: integer(owner, "epochs", options.epochs ?? 1, 0),
    initialEpoch: initialEpoch === undefined ? undefined : integer(owner, "initialEpoch", initialEpoch, 0),
    batchSize,
    validationSplit: finiteNumber(owner, "validationSplit", validationSplit, { min: 0, below: 1 }),
    validationData: validationData === undefined ? undefined : readValidation(owner, validationData),
    validationBatchSize: count("validationBatchSize", options.validationBatchSize ?? batchSize),
    validationFrequency: count("validationFrequency", options.validationFrequency ?? 1),
    shuffle: flag(owner, "shuffle", options.shuffle ?? true),
    truncatedSteps: truncatedSteps === undefined ? undefined : count("truncatedSteps", truncatedSteps),
    gradientAccumulationSteps: count("gradientAccumulationSteps", options.gradientAccumulationSteps ?? 1),
    stepsPerEpoch: stepsPerEpoch === undefined ? undefined : count("stepsPerEpoch", stepsPerEpoch),
    ...{ callbacks, verbose, signal },
    lengths: options.lengths,
    sampleWeight: options.sampleWeight,
    classWeight: options.classWeight,
  };
}

function readValidation(owner: string, data: ValidationData): BatchArrays {
  if (Array.isArray(data) && (data.length === 2 || data.length === 3)) {
    const [x, y, sampleWeight] = data as readonly [Arrays, Arrays, DataOptions["sampleWeight"]];
    return { x, y, sampleWeight };
  }
  if (typeof data === "object" && data !== null && "x" in data && "y" in data) {
    knownOptions(`${owner}'s validationData`, data, ["x", "y", "lengths", "sampleWeight", "classWeight"]);
    return data;
  }
  return refuse(owner, "validationData", "[x, y] or { x, y }", data);
}

export type { Lengths };
