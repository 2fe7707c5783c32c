/** What all layers share: a name, a seed, a place in a graph, and how they run in the core. */
import type { Core } from "../core/context.ts";
import { ShapeError } from "../errors.ts";
import { knownOptions, refuse, seedOrDrawn } from "../options.ts";
import { Random } from "../random.ts";
import { formatShape, type NamedTensors, readTensor, sameShape, type Tensor, type TensorLike } from "../shape.ts";
import { type GraphNode, requireSymbolic, type Signature, SymbolicTensor } from "./graph.ts";
import { Owner } from "./owner.ts";
import { following, replayOf } from "./replay.ts";
import type { Extent, ParameterBlock, Table, Work } from "./work.ts";

export type { NamedTensors, ParameterBlock };

/** Options of every layer. */
export interface LayerOptions {
  /** Name in models, files and error messages; by default the kind in lower case, numbered in a model. */
  readonly name?: string | undefined;
}

/** Options of layers that draw numbers. */
export interface SeededOptions extends LayerOptions {
  /** Seed of initial weights and noise, 0 to 2^53 - 1; left out, the model chooses it, or it is drawn and shown as `seed`. */
  readonly seed?: number | undefined;
}

/** A layer: used alone by `forward` and `backward`, in models by `apply`. Free it with `dispose()` or `using`. */
export abstract class Layer extends Owner {
  readonly kind: string;
  readonly #options: Readonly<Record<string, unknown>>;
  #isNamed: boolean;
  readonly #isSeeded: boolean;
  #name: string;
  #seed: number | undefined;
  #calls = 0;

  /** Layers that this one applies. @internal */
  get inner(): readonly Layer[] {
    return [];
  }

  /** Token ids that the layer reads are 0 to this - 1; 0: it reads numbers. @internal */
  get vocabulary(): number {
    return 0;
  }

  /** The table that the layer looks ids up in, which the layer after it may do itself. @internal */
  get table(): Table | undefined {
    return undefined;
  }

  /** Number of states that a run carries. @internal */
  readonly stateCount: number = 0;
  /** Units of each state. @internal */
  readonly stateSize: number = 0;
  /** Whether the layer draws noise when it trains. @internal */
  readonly isNoisy: boolean = false;

  /** Throws OptionError for options that are not in `known`; `name` always is. */
  protected constructor(kind: string, options: SeededOptions, known: readonly string[]) {
    knownOptions(kind, options, [...known, "name"]);
    super();
    this.kind = kind;
    const { name, seed } = options;
    if (name !== undefined && (typeof name !== "string" || name === "")) {
      refuse(kind, "name", "a non-empty string", name);
    }
    this.#options = { ...options };
    this.#isNamed = name !== undefined;
    this.#isSeeded = known.includes("seed");
    this.#name = name ?? kind.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
    if (seed !== undefined) this.#seed = seedOrDrawn(`${kind} "${this.#name}"`, seed);
  }

  /** The layer's name: the one given, or one that its model has numbered. */
  get name(): string {
    return this.#name;
  }

  get label(): string {
    return `${this.kind} "${this.#name}"`;
  }

  /** Whether the name was given as an option or by a model. @internal */
  get isNamed(): boolean {
    return this.#isNamed;
  }

  /** The name of a layer in its model. @internal */
  rename(name: string): void {
    this.#name = name;
    this.#isNamed = true;
  }

  /** Seed of initial weights and of noise: the one given, the model's choice, or drawn. */
  get seed(): number {
    this.#seed ??= seedOrDrawn(this.label, undefined);
    return this.#seed;
  }

  /** The seed that a model chooses, unless there is one already. @internal */
  suggestSeed(seed: number): void {
    this.#seed ??= seed;
  }

  /** Options that make an equal layer, name and seed included: plain JSON. */
  config(): Record<string, unknown> {
    const given = Object.entries(this.#options).filter(([, value]) => value !== undefined);
    const config = { ...Object.fromEntries(given), name: this.#name };
    return this.#isSeeded ? { ...config, seed: this.seed } : config;
  }

  /** Connects the layer to a symbolic tensor of a model; throws ShapeError when it does not fit. */
  apply(x: SymbolicTensor): SymbolicTensor {
    return this.connect([requireSymbolic(this.label, x)])[0] as SymbolicTensor;
  }

  /** Whether the layer has so many inputs in a graph. @internal */
  takesInputs(count: number): boolean {
    return count === 1;
  }

  /** A node of a graph, with all its outputs; throws ShapeError. @internal */
  connect(inputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
    if (!this.takesInputs(inputs.length)) throw new ShapeError(`${this.label} does not take ${inputs.length} inputs.`);
    const signatures = this.infer(inputs);
    const outputs: SymbolicTensor[] = [];
    const node: GraphNode = { layer: this, name: this.#name, inputs, outputs };
    for (const signature of signatures) outputs.push(new SymbolicTensor(signature, node));
    return outputs;
  }

  /** Token ids as integers; throws OptionError for one that is not in the vocabulary. @internal */
  checkIds(ids: Float32Array | Int32Array): Float32Array | Int32Array {
    return ids;
  }

  /** What comes out; throws ShapeError that names the layer and both shapes. @internal */
  abstract infer(inputs: readonly Signature[]): readonly Signature[];

  /** The weights by name, copied out of the core: none, unless a layer says otherwise. */
  getWeights(): NamedTensors {
    return {};
  }

  /** The accumulated gradients under the names of the weights. */
  getGradients(): NamedTensors {
    return {};
  }

  /** Replaces all weights; a layer without any refuses every name with an OptionError. */
  setWeights(weights: Readonly<Record<string, TensorLike>>): void {
    knownOptions(`${this.label}.setWeights`, weights, []);
  }

  /** Whether backward has added to the gradients since they were last zeroed. */
  get hasGradients(): boolean {
    return false;
  }

  /** Sets the accumulated gradients to zero. */
  zeroGradients(): void {}

  /** Where optimizers find parameters and gradients; undefined without weights and before the input size is known. @internal */
  get block(): ParameterBlock | undefined {
    return undefined;
  }

  /** Counts the changes of the weights: a backward call must meet those of its forward call. @internal */
  get version(): number {
    return 0;
  }

  /** Says that the weights have changed. @internal */
  markUpdated(): void {}

  /** Whether the output is the input as it is, so that nothing runs. @internal */
  isIdentity(_training: boolean): boolean {
    return false;
  }

  /** Whether to look up N rows of an input in a table of V by itself, instead of finding them in the core. @internal */
  looksUp(_N: number, _V: number, _width: number, _training: boolean): boolean {
    return false;
  }

  /** Floats of the cache of a run. @internal */
  cacheFloats(_core: Core, _extent: Extent, _training: boolean): number {
    return 0;
  }

  /** `Extent.segmentRows` for a cache of at most `bytes` in training, or of the least there is; undefined: it takes none. @internal */
  segmentRows(_core: Core, _extent: Extent, _bytes: number): number | undefined {
    return undefined;
  }

  /** Floats of the scratch of a run, and of `runBackward` when training. @internal */
  scratchFloats(_core: Core, _extent: Extent, _training: boolean): number {
    return 0;
  }

  /** outputs <- inputs, states in place; without training it allocates nothing, since streams call it for every step. @internal */
  abstract run(core: Core, work: Work): void;

  /** `run` for one call after the other in the same places, without training: allocates nothing. @internal */
  stepper(core: Core, work: Work): () => void {
    const weighted = this.inner.at(-1) ?? this;
    const make = () => replayOf(core, (recording) => this.run(recording, work));
    return following(() => weighted.block, make);
  }

  /** dInputs, and gradients of parameters +=, from dOutputs and the cache of `run`. @internal */
  abstract runBackward(core: Core, work: Work): void;

  /** Key of the noise of the next call in training, for a layer on its own. @internal */
  nextKey(): readonly [number, number] {
    const random = new Random(this.seed).fork("noise").fork(this.#calls++);
    return [random.uint32(), random.uint32()];
  }

  /** `value` as a tensor; a ShapeError names the layer. @internal */
  readTensor(what: string, value: TensorLike): Tensor {
    return readTensor(this.label, what, value);
  }

  /** `value` as a tensor of just this shape; throws ShapeError that shows both. @internal */
  requireShape(what: string, value: TensorLike, shape: readonly number[]): Tensor {
    const given = this.readTensor(what, value);
    if (sameShape(given.shape, shape)) return given;
    throw new ShapeError(
      `${this.label} expects ${what} of shape ${formatShape(shape)}, got ${formatShape(given.shape)}.`,
    );
  }
}
