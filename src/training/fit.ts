/** The training loop. */
import { OptionError, StateError } from "../errors.ts";
import { Random } from "../random.ts";
import type { Callback, CallbackModel, FitRun, Logs } from "./callback.ts";
import type { ArrayData } from "./data.ts";
import { EpochReport, standardOutput } from "./epoch-report.ts";
import { evaluateData } from "./evaluate.ts";
import type { BatchArrays, BatchSource, FitSettings } from "./fit-options.ts";
import { History } from "./history.ts";
import type { Objective } from "./objective.ts";
import { pause } from "./pause.ts";
import { type Arrays, readData } from "./read.ts";
import type { Batch, Trainable } from "./trainable.ts";

/** A task that takes longer holds up the program. */
const LONGEST_TASK_MS = 30;
/** A loss above this in the first epoch means data that nobody has scaled. */
const UNSCALED_LOSS = 1e4;

/** What to do with a loss or gradient that is not finite. */
export type OnNonFinite = "throw" | "skip" | "ignore";

/** The batches of an epoch from a position on; the number counts all epochs that the model was trained. */
type Batches = (epochNumber: number, position: number) => AsyncGenerator<Batch>;

/** One call of `fit`. */
export class Fitting {
  readonly #owner: string;
  readonly #model: Trainable;
  readonly #objective: Objective;
  readonly #settings: FitSettings;
  readonly #onNonFinite: OnNonFinite;
  #callbacks: readonly Callback[];
  readonly #history: History = new History();
  /** A batch in pieces of `truncatedSteps`. */
  #pieces: (batch: Batch) => Iterable<Batch> = (batch) => [batch];
  #isStopped = false;
  #lastPause = 0;

  constructor(owner: string, model: Trainable, objective: Objective, settings: FitSettings, onNonFinite: OnNonFinite) {
    this.#owner = owner;
    this.#model = model;
    this.#objective = objective;
    this.#settings = settings;
    this.#onNonFinite = onNonFinite;
    this.#callbacks = settings.callbacks;
  }

  /** Trains on arrays. */
  async arrays(x: Arrays, y: Arrays): Promise<History> {
    await this.#truncate();
    const { validationSplit, validationData, batchSize, shuffle } = this.#settings;
    const all = readData(this.#owner, this.#model, this.#objective, x, y, this.#settings);
    const split = Math.floor(all.rows * (1 - validationSplit));
    if (split < 1 || (validationSplit > 0 && split === all.rows)) {
      throw new OptionError(
        `${this.#owner} needs rows to train and to validate, but a validationSplit of ${validationSplit} leaves ${split} of ${all.rows} to train.`,
      );
    }
    const data = validationSplit > 0 ? all.part(0, split) : all;
    const validation = validationSplit > 0 ? all.part(split, all.rows) : this.#readValidation(validationData);
    const steps = Math.ceil(data.rows / batchSize);
    const random = new Random(this.#model.seed).fork("shuffle");
    const batches = async function* (epochNumber: number, position: number): AsyncGenerator<Batch> {
      const order = Int32Array.from({ length: data.rows }, (_, row) => row);
      if (shuffle) random.fork(epochNumber).shuffle(order);
      for (let step = position; step < steps; step++) {
        const start = step * batchSize;
        yield data.batch(start, Math.min(batchSize, data.rows - start), shuffle ? order : undefined);
      }
    };
    return this.#run(batches, this.#settings.stepsPerEpoch ?? steps, validation);
  }

  /** Trains on batches that come one by one. */
  async batches(source: BatchSource): Promise<History> {
    await this.#truncate();
    const { validationSplit, validationData, stepsPerEpoch } = this.#settings;
    if (validationSplit > 0) throw new OptionError(`${this.#owner} cannot split an iterable: give validationData.`);
    const { IterableBatches } = await import("./iterable.ts");
    const iterable = new IterableBatches(source);
    const read = ({ x, y, ...options }: BatchArrays): Batch => {
      const data = readData(this.#owner, this.#model, this.#objective, x, y, options);
      return data.batch(0, data.rows);
    };
    const batches = async function* (_epoch: number, position: number): AsyncGenerator<Batch> {
      for await (const arrays of iterable.from(position)) yield read(arrays);
    };
    try {
      return await this.#run(batches, stepsPerEpoch, this.#readValidation(validationData));
    } finally {
      await iterable.close();
    }
  }

  /** Loads what only truncated back-propagation needs. */
  async #truncate(): Promise<void> {
    const { truncatedSteps } = this.#settings;
    if (truncatedSteps === undefined) return;
    const { pieces, requireSequences } = await import("./pieces.ts");
    requireSequences(this.#owner, this.#model);
    this.#pieces = (batch) => pieces(batch, truncatedSteps);
  }

  async #run(batches: Batches, stepsPerEpoch: number | undefined, validation: ArrayData | undefined): Promise<History> {
    const { progress } = this.#model;
    const initialEpoch = this.#settings.initialEpoch ?? 0;
    const resumes = this.#settings.initialEpoch === progress.epoch && progress.position > 0;
    if (!resumes) this.#model.forgetEpoch();
    progress.epoch = initialEpoch;
    const run = this.#runOf(initialEpoch, stepsPerEpoch, validation !== undefined);
    const isShown = run.verbose === 0 || this.#callbacks.some((callback) => callback instanceof EpochReport);
    if (!isShown) this.#callbacks = [...this.#callbacks, await reportHere()];
    try {
      await this.#epochs(batches, run, validation);
    } catch (error) {
      await this.#tell((callback) => callback.onTrainError?.(error, run));
      throw error;
    }
    await this.#tell((callback) => callback.onTrainEnd?.(run));
    return this.#history;
  }

  async #epochs(batches: Batches, run: FitRun, validation: ArrayData | undefined): Promise<void> {
    const { progress } = this.#model;
    const { initialEpoch, stepsPerEpoch } = run;
    await this.#tell((callback) => callback.onTrainBegin?.(run));
    for (let epoch = initialEpoch; epoch < run.epochs && !this.#isStopped; epoch++) {
      this.#settings.signal?.throwIfAborted();
      await this.#tell((callback) => callback.onEpochBegin?.(epoch, run));
      const logs = await this.#epoch(epoch, batches, stepsPerEpoch, run);
      const validated = validation !== undefined && (epoch + 1) % this.#settings.validationFrequency === 0;
      const all = validated ? { ...logs, ...this.#validate(validation) } : logs;
      progress.trainedEpochs += 1;
      Object.assign(progress, { epoch: epoch + 1, position: 0, sums: [] });
      this.#history.onEpochEnd(epoch, all);
      await this.#tell((callback) => callback.onEpochEnd?.(epoch, all, run));
      if (epoch === initialEpoch) this.#hint(logs);
    }
  }

  #runOf(initialEpoch: number, stepsPerEpoch: number | undefined, validates: boolean): FitRun {
    const { epochs, verbose, validationFrequency } = this.#settings;
    const stop = () => {
      this.#isStopped = true;
    };
    const counts = { epochs, initialEpoch, stepsPerEpoch, validationFrequency: validates ? validationFrequency : 0 };
    return { model: callbackModel(this.#model), ...counts, verbose, stop };
  }

  async #epoch(epoch: number, batches: Batches, stepsPerEpoch: number | undefined, run: FitRun): Promise<Logs> {
    const { progress } = this.#model;
    const objective = this.#objective;
    objective.state = progress.sums;
    // One that was saved after its last step has none left.
    const isWhole = progress.position > 0 && progress.position === stepsPerEpoch;
    for await (const batch of isWhole ? [] : batches(progress.trainedEpochs, progress.position)) {
      this.#step(batch, epoch);
      progress.position += 1;
      progress.sums = objective.state;
      const step = progress.position - 1;
      await this.#tell((callback) => callback.onStepEnd?.(step, objective.logs(), run));
      await this.#breathe();
      if (progress.position === stepsPerEpoch) break;
    }
    if (progress.position === 0) {
      throw new OptionError(
        `${this.#owner} got no batch in epoch ${epoch}: an iterable is read once, so give a function that makes one, () => batches().`,
      );
    }
    if (progress.waiting > 0) this.#update(epoch);
    return objective.logs();
  }

  /** One batch; one that fails is not counted, and leaves no gradients that wait: they may be those of its first pieces. */
  #step(batch: Batch, epoch: number): void {
    const { progress } = this.#model;
    const { steps } = progress;
    let carry = false;
    try {
      for (const piece of this.#pieces(batch)) {
        this.#piece(piece, carry, epoch);
        carry = true;
      }
    } catch (error) {
      this.#model.zeroGradients();
      Object.assign(progress, { steps, waiting: 0 });
      throw error;
    }
    progress.batches += 1;
  }

  #piece(piece: Batch, carry: boolean, epoch: number): void {
    const { gradientAccumulationSteps } = this.#settings;
    const { progress } = this.#model;
    const state = this.#onNonFinite === "skip" ? this.#objective.state : undefined;
    const options = { training: true, carry, scale: 1 / gradientAccumulationSteps };
    const result = this.#model.runBatch(piece, this.#objective, options);
    progress.steps += 1;
    if (!Number.isFinite(result.loss) && this.#onNonFinite !== "ignore") {
      if (state === undefined) throw this.#nonFinite(`The loss is ${result.loss}`, epoch);
      this.#model.zeroGradients();
      progress.waiting = 0;
      this.#objective.state = state;
      return;
    }
    // Where no row counts there is nothing to learn from.
    if (result.count === 0) return;
    progress.waiting += 1;
    if (progress.waiting >= gradientAccumulationSteps) this.#update(epoch);
  }

  #update(epoch: number): void {
    this.#model.progress.waiting = 0;
    try {
      this.#model.update();
    } catch (error) {
      this.#model.zeroGradients();
      if (!(error instanceof StateError)) throw error;
      throw new StateError(`${error.message} This was step ${this.#model.progress.position} of epoch ${epoch}.`, {
        cause: error,
      });
    }
  }

  #nonFinite(what: string, epoch: number): StateError {
    const { position } = this.#model.progress;
    return new StateError(
      `${what} at step ${position} of epoch ${epoch}, first in ${this.#model.blame()}: scale the data, lower the learning rate or clip gradients; no weight has changed in this step.`,
    );
  }

  #validate(data: ArrayData): Logs {
    const logs = evaluateData(this.#model, this.#objective, data, this.#settings.validationBatchSize);
    return Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]));
  }

  #readValidation(data: BatchArrays | undefined): ArrayData | undefined {
    if (data === undefined) return undefined;
    return readData(`${this.#owner}'s validationData`, this.#model, this.#objective, data.x, data.y, data);
  }

  async #tell(call: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#callbacks) await call(callback);
  }

  /** Throws when the signal or `dispose` has ended the training meanwhile. */
  async #breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastPause > LONGEST_TASK_MS) {
      await pause();
      this.#lastPause = performance.now();
    }
    this.#settings.signal?.throwIfAborted();
    if (this.#model.isDisposed) throw new StateError(`${this.#owner} was ended: the model was disposed.`);
  }

  #hint({ loss = 0 }: Logs): void {
    if (this.#settings.verbose === 0 || !(loss > UNSCALED_LOSS)) return;
    console.warn(
      `${this.#owner}: the loss of the first epoch is ${loss}: are inputs and targets scaled to about -1 to 1?`,
    );
  }
}

/** The progress of a `fit` that was given none; a bar is for terminals, and loaded for them alone. */
async function reportHere(): Promise<Callback> {
  const stream = standardOutput();
  return stream.isTTY ? (await import("./progress.ts")).progressBar() : new EpochReport(stream);
}

/** What callbacks see: they may set weights, which others may not while `fit` runs. */
function callbackModel(model: Trainable): CallbackModel {
  return {
    label: model.label,
    optimizer: model.optimizer,
    getWeights: () => model.getWeights(),
    setWeights: (weights) => model.replaceWeights(weights),
    save: (options) => model.save(options),
  };
}
