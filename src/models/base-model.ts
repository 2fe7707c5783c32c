/** Training of models: compile, fit, evaluate, save. */
import { StateError } from "../errors.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { knownOptions, positiveInteger } from "../options.ts";
import type { TensorLike } from "../shape.ts";
import type { Logs } from "../training/callback.ts";
import { type Compiled, type CompileOptions, compile, requireCompileOptions } from "../training/compile.ts";
import { evaluateData } from "../training/evaluate.ts";
import { Fitting } from "../training/fit.ts";
import { type BatchSource, type FitOptions, readFitOptions } from "../training/fit-options.ts";
import type { History } from "../training/history.ts";
import { loadNames } from "../training/named.ts";
import type { Objective } from "../training/objective.ts";
import { type Arrays, type DataOptions, readData } from "../training/read.ts";
import type { Batch, Progress, StepOptions, StepResult } from "../training/trainable.ts";
import { Network } from "./network.ts";
import { type SaveOptions, saveModel } from "./save.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions extends DataOptions {
  /** Rows that are run at once, by default 32. */
  readonly batchSize?: number | undefined;
}

const DATA = ["lengths", "sampleWeight", "classWeight"];

/** A model that can be trained: a `Trainable`, which no `implements` says, as in `Network`. */
export abstract class BaseModel<Prediction> extends Network<Prediction> {
  /** Where training stands; part of a file saved with the optimizer. @internal */
  readonly progress: Progress = {
    ...{ epoch: 0, trainedEpochs: 0, position: 0 },
    ...{ batches: 0, steps: 0, waiting: 0, sums: [] },
  };
  #compiled: Compiled | undefined;
  /** Of a model whose outputs are not known yet, or what names stand for. */
  #waiting: CompileOptions | undefined;
  #isFitting = false;

  /** Number of the epoch under way or to come, as `fit` counts: with it as `initialEpoch` a loaded model goes on. */
  get epoch(): number {
    return this.progress.epoch;
  }

  /** The optimizer; throws StateError before `compile`. */
  get optimizer(): Optimizer {
    return this.compiled.optimizer;
  }

  /** What `compile` made. @internal */
  get compiled(): Compiled {
    if (this.#waiting !== undefined && this.isBuilt) this.#compile(this.#waiting);
    if (this.#compiled !== undefined) return this.#compiled;
    if (this.#waiting !== undefined) {
      throw new StateError(`${this.label} learns the shape of its input from arrays only: give inputShape.`);
    }
    throw new StateError(`${this.label} was not compiled: call compile({ optimizer, loss }) first.`);
  }

  /**
   * Says how to train: optimizer, loss, metrics. The optimizer of a recurrent model clips gradients to a global norm of 1
   * unless it says anything about clipping. In a page, names other than "adam" and those of squared and absolute errors are
   * loaded late: `fit` waits for what they stand for, and calls that do not wait throw StateError until it has come. Throws
   * OptionError, StateError for layers that another model trains.
   */
  compile(options: CompileOptions): void {
    this.requireUsable();
    this.requireIdle("compile");
    requireCompileOptions(`${this.label}.compile`, options);
    const names = loadNames(options);
    if (this.isBuilt && names === undefined) this.#compile(options);
    else this.#waiting = options;
    // Who needs them asks again, and is told then.
    names?.catch(() => {});
  }

  #compile(options: CompileOptions): void {
    const compiled = compile(`${this.label}.compile`, this.outputPorts, options);
    this.ownWeights();
    if (this.graph.isRecurrent) compiled.optimizer.setDefaultClipNorm(1);
    if (this.#compiled?.optimizer !== compiled.optimizer) this.#compiled?.optimizer.forget(this);
    this.#compiled = compiled;
    this.#waiting = undefined;
    this.forgetEpoch();
  }

  /**
   * Trains. x and y are arrays of rows, or arrays of those for models with several inputs or outputs; or one source of
   * batches { x, y }. The program goes on between steps, where `predict` sees the last finished one. Resolves with the
   * history of losses and metrics. Throws OptionError, ShapeError, StateError before `compile`, while another `fit` runs
   * and, by default, when a loss is not finite; the model stays as its last finished step left it.
   */
  async fit(x: Arrays, y: Arrays, options?: FitOptions): Promise<History>;
  async fit(source: BatchSource, options?: FitOptions): Promise<History>;
  async fit(x: Arrays | BatchSource, second?: Arrays | FitOptions, third: FitOptions = {}): Promise<History> {
    const owner = `${this.label}.fit`;
    const names = this.#waiting && loadNames(this.#waiting);
    if (names !== undefined) await names;
    this.requireUsable();
    this.requireIdle("fit");
    const source = isSource(x) ? x : undefined;
    const settings = readFitOptions(owner, source === undefined ? third : ((second ?? {}) as FitOptions));
    if (source === undefined) this.meet(x as Arrays);
    const { objective, onNonFinite, optimizer } = this.compiled;
    if (settings.truncatedSteps !== undefined) this.graph.requireForward(`${owner} with truncatedSteps`);
    this.#isFitting = true;
    try {
      const fitting = new Fitting(owner, this, objective, settings, onNonFinite);
      const history = await (source === undefined
        ? fitting.arrays(x as Arrays, second as Arrays)
        : fitting.batches(source));
      optimizer.finalize(this);
      return history;
    } finally {
      this.#isFitting = false;
    }
  }

  /** Loss and metrics over all rows, as { loss, meanAbsoluteError }. Throws as `fit`. */
  evaluate(x: Arrays, y: Arrays, options: EvaluateOptions = {}): Logs {
    const owner = `${this.label}.evaluate`;
    knownOptions(owner, options, ["batchSize", ...DATA]);
    const batchSize = positiveInteger(owner, "batchSize", options.batchSize ?? 32);
    this.requireUsable();
    this.meet(x);
    const { objective } = this.compiled;
    return evaluateData(this, objective, readData(owner, this, objective, x, y, options), batchSize);
  }

  /** One update on one batch; gives its loss and metrics. Throws as `fit`. */
  trainOnBatch(x: Arrays, y: Arrays, options: DataOptions = {}): Logs {
    this.requireIdle("trainOnBatch");
    return this.#onBatch("trainOnBatch", x, y, options, true);
  }

  /** Loss and metrics of one batch. Throws as `evaluate`. */
  testOnBatch(x: Arrays, y: Arrays, options: DataOptions = {}): Logs {
    return this.#onBatch("testOnBatch", x, y, options, false);
  }

  /**
   * The model as one safetensors file, its configuration in the metadata. With `optimizer: true` also what training needs
   * to go on with the same bits.
   */
  save(options: SaveOptions = {}): Uint8Array {
    this.ready();
    return saveModel(this, options, this.#waiting === undefined ? this.#compiled : this.compiled);
  }

  /** @internal */
  get isTraining(): boolean {
    return this.#compiled !== undefined && !this.isDisposed;
  }

  /** @internal */
  requireIdle(what: string): void {
    if (this.#isFitting) throw new StateError(`${this.label} is in fit(): await it before ${what}.`);
  }

  /** `setWeights` for callbacks, between two steps of `fit`. @internal */
  replaceWeights(weights: Readonly<Record<string, TensorLike>>): void {
    const wasFitting = this.#isFitting;
    this.#isFitting = false;
    try {
      this.setWeights(weights);
    } finally {
      this.#isFitting = wasFitting;
    }
  }

  /** @internal */
  runBatch(batch: Batch, objective: Objective, options: StepOptions): StepResult {
    const core = this.requireUsable();
    const { runner } = this.ready();
    const { optimizer, memoryBudget } = this.compiled;
    // Before the batch takes what is left.
    if (options.training) optimizer.prepare(this);
    return runner.run(core, batch, objective, options, this.progress, memoryBudget);
  }

  /** @internal */
  update(): boolean {
    const { optimizer, onNonFinite } = this.compiled;
    return optimizer.step([this], { onNonFinite });
  }

  /** Whose results, or else whose gradient, are the first that are not finite. @internal */
  blame(): string {
    const core = this.requireUsable();
    const { runner, parameters } = this.ready();
    return runner.blame(core) ?? parameters.blame(core);
  }

  #onBatch(method: string, x: Arrays, y: Arrays, options: DataOptions, training: boolean): Logs {
    const owner = `${this.label}.${method}`;
    knownOptions(owner, options, DATA);
    this.requireUsable();
    this.meet(x);
    const { objective, onNonFinite } = this.compiled;
    const data = readData(owner, this, objective, x, y, options);
    const before = objective.state;
    objective.reset();
    try {
      if (training) this.#forgetWaiting();
      const result = this.runBatch(data.batch(0, data.rows), objective, { training, carry: false, scale: 1 });
      if (!training) return objective.logs();
      const isUsable = Number.isFinite(result.loss) || onNonFinite === "ignore";
      if (!isUsable && onNonFinite === "throw") {
        throw new StateError(
          `The loss is ${result.loss}, first in ${this.blame()}: scale the data, lower the learning rate or clip gradients; no weight has changed.`,
        );
      }
      if (isUsable && result.count > 0) this.update();
      this.progress.batches += 1;
      this.progress.steps += 1;
      return objective.logs();
    } finally {
      if (training) this.zeroGradients();
      objective.state = before;
    }
  }

  /** Ends the epoch under way, if there is one, as if its steps had been all. @internal */
  forgetEpoch(): void {
    this.#forgetWaiting();
    if (this.progress.position > 0) this.progress.trainedEpochs += 1;
    Object.assign(this.progress, { position: 0, sums: [] });
  }

  /** Gradients of a `fit` that was ended between two updates. */
  #forgetWaiting(): void {
    if (this.progress.waiting > 0) this.zeroGradients();
    this.progress.waiting = 0;
  }
}

function isSource(x: unknown): x is BatchSource {
  return typeof x === "function" || (typeof x === "object" && x !== null && Symbol.asyncIterator in x);
}
