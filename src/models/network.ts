/** What every model is before it is trained: a graph with weights that predicts and streams. */
import type { Layer, NamedTensors, ParameterBlock } from "../layers/layer.ts";
import { Owner } from "../layers/owner.ts";
import { knownOptions, positiveInteger, refuse, seedOrDrawn } from "../options.ts";
import type { Tensor, TensorLike } from "../shape.ts";
import { type Arrays, type Lengths, readInputs, readLengths } from "../training/read.ts";
import type { Port } from "../training/trainable.ts";
import type { Graph } from "./graph.ts";
import { Parameters } from "./parameters.ts";
import { predictArrays, warmUp } from "./predict.ts";
import { Runner } from "./runner.ts";
import { States } from "./states.ts";
import { type Stream, type StreamOptions, streamOf } from "./stream.ts";
import { type SummaryOptions, summaryOf } from "./summary.ts";

/** Options of every model. */
export interface ModelOptions {
  /** Name in messages, summaries and files; by default the kind in lower case. */
  readonly name?: string | undefined;
  /** Seed of initial weights, shuffles and noise, 0 to 2^53 - 1; drawn when left out and shown as `seed`. */
  readonly seed?: number | undefined;
}

/** Options of `predict`. */
export interface PredictOptions {
  /** Rows that are run at once, by default 32; it changes no bit of the result. */
  readonly batchSize?: number | undefined;
  /** Steps of each row, as in `fit`: outputs after a row's end are 0. */
  readonly lengths?: Lengths | undefined;
}

/** Options of `warmup`. */
export interface WarmupOptions {
  /** Rows and steps of the inputs of zeros that are run, by default 1 and 16. */
  readonly batchSize?: number | undefined;
  readonly steps?: number | undefined;
}

/** Everything that is made when a model is first used. */
export interface Parts {
  readonly parameters: Parameters;
  readonly runner: Runner;
}

/**
 * A graph with weights; `Prediction` is what `predict` gives: one tensor, or one for each output. It is a `Keeper` of layers,
 * which no `implements` says, since declarations leave internal members out.
 */
export abstract class Network<Prediction> extends Owner {
  readonly kind: string;
  readonly name: string;
  /** The seed given, or the one drawn. */
  readonly seed: number;
  #parts: Parts | undefined;

  protected constructor(kind: string, options: ModelOptions) {
    super();
    const { name = kind.toLowerCase() } = options;
    if (typeof name !== "string" || name === "") refuse(kind, "name", "a non-empty string", name);
    this.kind = kind;
    this.name = name;
    this.seed = seedOrDrawn(this.label, options.seed);
  }

  get label(): string {
    return `${this.kind} "${this.name}"`;
  }

  /** Whether the shape of the input is known. */
  abstract get isBuilt(): boolean;

  /** The graph; throws StateError while the shape of the input is not known. @internal */
  abstract get graph(): Graph;

  /** Whether `predict` gives an array. @internal */
  abstract readonly hasList: boolean;

  /** Learns the shape of the input from data where it is not known yet. */
  protected abstract meet(x: Arrays): void;

  /** From the outputs to what `predict` gives. */
  protected abstract predictionOf(outputs: readonly Tensor<Float32Array>[]): Prediction;

  /** The layers in the order in which they run; those inside of others follow them. */
  get layers(): readonly Layer[] {
    return this.graph.layers;
  }

  get inputPorts(): readonly Port[] {
    return this.graph.inputs.map(({ node, shape, dtype }) => ({ name: node.name, shape, dtype }));
  }

  get outputPorts(): readonly Port[] {
    return this.graph.outputPorts;
  }

  /** Numbers that are trained. */
  get parameterCount(): number {
    return this.graph.weighted.reduce((sum, layer) => sum + layer.parameterCount(layer.inputSize ?? 0), 0);
  }

  /** The outputs for all rows of x. Throws ShapeError, OptionError for token ids that are no rows, OutOfMemoryError. */
  predict(x: Arrays, options: PredictOptions = {}): Prediction {
    const owner = `${this.label}.predict`;
    knownOptions(owner, options, ["batchSize", "lengths"]);
    const batchSize = positiveInteger(owner, "batchSize", options.batchSize ?? 32);
    const core = this.requireUsable();
    this.meet(x);
    const inputs = readInputs(owner, this.inputPorts, x);
    const lengths = readLengths(owner, this.inputPorts, inputs, options.lengths);
    return this.predictionOf(predictArrays(core, this.ready().runner, { inputs, lengths }, batchSize));
  }

  /** All weights, as "lstm.weight_ih" and so on. */
  getWeights(): NamedTensors {
    return this.ready().parameters.getWeights();
  }

  /** Names and shapes of all weights. */
  weightShapes(): ReadonlyMap<string, readonly number[]> {
    return new Parameters(this, this.graph.weighted).shapes();
  }

  /** The accumulated gradients under the names of the weights: zeros after each update. */
  getGradients(): NamedTensors {
    return this.ready().parameters.getGradients();
  }

  /** Replaces all weights, by the names of `getWeights`. Throws ShapeError, StateError during `fit`; nothing has changed then. */
  setWeights(weights: Readonly<Record<string, TensorLike>>): void {
    this.requireIdle("setWeights");
    this.#make().parameters.setWeights(weights);
  }

  /** Stateful layers start from zeros again. */
  resetStates(): void {
    this.ready().runner.states.reset();
  }

  /** Streams of single steps over the model's weights. Throws UnsupportedError for layers that need whole sequences. */
  stream(options: StreamOptions = {}): Stream {
    this.ready();
    return streamOf(this, options);
  }

  /** Runs until the engine has compiled its best code, so that the first real step is as fast as the others. */
  warmup(options: WarmupOptions = {}): void {
    const owner = `${this.label}.warmup`;
    knownOptions(owner, options, ["batchSize", "steps"]);
    const rows = positiveInteger(owner, "batchSize", options.batchSize ?? 1);
    const steps = positiveInteger(owner, "steps", options.steps ?? 16);
    warmUp(this.requireUsable(), this.graph, this.ready().runner, rows, steps);
  }

  /** Prints layers, shapes and numbers of weights as a table, and returns it. */
  summary(options: SummaryOptions = {}): string {
    return summaryOf(this, options);
  }

  /** Frees the model and its layers, but for those that another model has; ends a `fit`. */
  override dispose(): void {
    for (const layer of this.isBuilt ? this.graph.weighted : []) {
      if ((layer.keeper ?? this) === this) layer.dispose();
    }
    super.dispose();
    this.#parts = undefined;
  }

  /** @internal */
  abstract get isTraining(): boolean;

  /** Throws StateError while weights must not change. @internal */
  abstract requireIdle(what: string): void;

  /** Weights and executions, made at first use. Throws OutOfMemoryError; nothing has changed then. @internal */
  ready(): Parts {
    const parts = this.#make();
    parts.parameters.ready(this.requireUsable());
    return parts;
  }

  /** Without drawing initial weights. */
  #make(): Parts {
    const core = this.requireUsable();
    const { graph } = this;
    if (this.#parts !== undefined) return this.#parts;
    const parameters = new Parameters(this, graph.weighted);
    parameters.makeRoom(core);
    const runner = new Runner(this.label, graph, core, this.own(), new States(graph, this.own()));
    this.#parts = { parameters, runner };
    return this.#parts;
  }

  /** Where the optimizer finds all weights; undefined before the first use. @internal */
  get block(): ParameterBlock | undefined {
    return this.#parts?.parameters.block;
  }

  /** @internal */
  get hasGradients(): boolean {
    return this.#parts?.parameters.hasGradients ?? false;
  }

  /** @internal */
  markUpdated(): void {
    this.#parts?.parameters.markUpdated();
  }

  /** Forgets the gradients. @internal */
  zeroGradients(): void {
    this.#parts?.parameters.zeroGradients();
  }

  /** Makes all weights this model's own, to train them. */
  protected ownWeights(): void {
    this.#make().parameters.own(this.requireUsable());
  }
}
