/// <reference lib="esnext.disposable" preserve="true" />
/** What all layers with weights share: one block of parameters and gradients, named weights at the edge, disposal. */
import { type Core, requireCore } from "../core/context.ts";
import { Region } from "../core/memory.ts";
import { ShapeError, StateError } from "../errors.ts";
import { describe, refuse, size } from "../options.ts";
import { formatShape, sameShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";

/** Weights or gradients by the names of PyTorch's cells. */
export type NamedTensors = Record<string, Tensor<Float32Array>>;

/** One contiguous block of `floats` parameters and one of their gradients, as addresses in the core's memory. */
export interface ParameterBlock {
  readonly parameters: number;
  readonly gradients: number;
  readonly floats: number;
}

function release(regions: Set<Region>): void {
  for (const region of regions) region.dispose();
  regions.clear();
}

const forgotten =
  typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Set<Region>>(release) : undefined;

/** A layer with trainable weights. Free it with `dispose()` or `using`; a forgotten one is freed by the collector. */
export abstract class Layer {
  /** Same as `dispose()`, for `using`. */
  declare [Symbol.dispose]: () => void;
  /** The layer's name in error messages. */
  readonly name: string;
  /** What the layer holds in the core, kept apart from it so that a forgotten layer can be freed. */
  readonly #owned: Set<Region> = new Set();
  #block: ParameterBlock | undefined;
  #blockRegion: Region | undefined;
  #isDisposed = false;
  #hasGradients = false;
  #inputSize: number | undefined;
  /** Initial weights are drawn when they are first needed, which spares those that `setWeights` replaces. */
  #isDrawn = false;
  #version = 0;

  protected constructor(kind: string, name: unknown) {
    if (name !== undefined && (typeof name !== "string" || name === "")) {
      refuse(kind, "name", "a non-empty string", name);
    }
    this.name = typeof name === "string" ? name : kind.toLowerCase();
  }

  /** How messages call the layer: `LSTM "encoder"`. */
  get label(): string {
    return `${this.kind} "${this.name}"`;
  }

  /** The class of layer, as in `LSTM`. */
  abstract readonly kind: string;

  /** Features of the input; undefined before the first input if the option was left out. */
  get inputSize(): number | undefined {
    return this.#inputSize;
  }

  /**
   * The weights by the names of PyTorch's cells, copied out of the core. Throws StateError before the input size is
   * known.
   */
  getWeights(): NamedTensors {
    return this.readWeights(this.requireUsable(), this.requireWeights().parameters, this.#requireInputSize());
  }

  /** The accumulated gradients under the names of the weights. */
  getGradients(): NamedTensors {
    return this.readWeights(this.requireUsable(), this.requireBlock().gradients, this.#requireInputSize());
  }

  /** Name of the weight whose second axis is the input size. */
  protected abstract readonly inputWeight: string;

  /** Shapes of the weights by name. */
  protected abstract weightShapes(inputSize: number): Record<string, readonly number[]>;

  /** Floats of the parameters in the core's layout. */
  protected abstract parameterFloats(core: Core, inputSize: number): number;

  /** Draws the initial weights; throws OutOfMemoryError before when `writeWeights` would. */
  protected abstract initialWeights(core: Core, inputSize: number): NamedTensors;

  /** Copies checked weights to the block at `to`. */
  protected abstract writeWeights(
    core: Core,
    to: number,
    weights: Readonly<Record<string, Tensor>>,
    inputSize: number,
  ): void;

  /** Weights, or gradients, of the block at `from`. */
  protected abstract readWeights(core: Core, from: number, inputSize: number): NamedTensors;

  /**
   * Replaces all weights, given by the names and shapes of `getWeights`; a layer without input size takes that of the
   * weights. Throws ShapeError for a missing or unknown name or a wrong shape; nothing has changed then.
   */
  setWeights(weights: Readonly<Record<string, TensorLike>>): void {
    const core = this.requireUsable();
    const shapes = this.weightShapes(this.#inputSize ?? this.#inputSizeOf(weights));
    const names = Object.keys(shapes);
    if (typeof weights !== "object" || weights === null || Object.keys(weights).some((name) => !names.includes(name))) {
      const given =
        typeof weights === "object" && weights !== null ? Object.keys(weights).join(", ") : describe(weights);
      throw new ShapeError(`${this.label} has the weights ${names.join(", ")}, got ${given}.`);
    }
    const checked: Record<string, Tensor> = {};
    for (const [name, shape] of Object.entries(shapes)) {
      const value = weights[name];
      if (value === undefined) throw new ShapeError(`${this.label} needs the weight ${name} ${formatShape(shape)}.`);
      checked[name] = this.requireShape(name, value, shape);
    }
    const I = shapes[this.inputWeight]?.[1] ?? 0;
    if (this.#block === undefined) this.build(I);
    this.writeWeights(core, this.requireBlock().parameters, checked, I);
    this.#isDrawn = true;
    this.markUpdated();
  }

  /** Counts the changes of the weights: a backward call must meet those of its forward call. @internal */
  get version(): number {
    return this.#version;
  }

  /** Says that the weights have changed. @internal */
  markUpdated(): void {
    this.#version += 1;
  }

  /** Sets the accumulated gradients to zero. */
  zeroGradients(): void {
    const { memory } = this.requireUsable();
    if (this.#block !== undefined) memory.f32(this.#block.gradients, this.#block.floats).fill(0);
    this.#hasGradients = false;
  }

  /** Whether backward has added to the gradients since they were last zeroed. */
  get hasGradients(): boolean {
    return this.#hasGradients;
  }

  /** Where optimizers find parameters and gradients; undefined before the input size is known. @internal */
  get block(): ParameterBlock | undefined {
    return this.#block;
  }

  /** Frees everything the layer holds in the core; a second call does nothing, any other use throws StateError. */
  dispose(): void {
    this.#isDisposed = true;
    release(this.#owned);
    forgotten?.unregister(this);
    this.#block = undefined;
  }

  /** The core, for a layer that can still be used; throws StateError after `dispose` and before `init`. @internal */
  requireUsable(): Core {
    if (this.#isDisposed) throw new StateError(`${this.label} was disposed: make a new layer.`);
    return requireCore();
  }

  /** A region that lives as long as the layer, or until `disown`. @internal */
  own(): Region {
    const region = new Region(this.requireUsable().memory);
    if (this.#owned.size === 0) forgotten?.register(this, this.#owned, this);
    this.#owned.add(region);
    return region;
  }

  /** Frees a region from `own` early. @internal */
  disown(region: Region): void {
    if (this.#owned.delete(region)) region.dispose();
  }

  /** Makes room for the weights of an input size; throws OutOfMemoryError, and nothing has changed then. */
  protected build(inputSize: number): void {
    const core = this.requireUsable();
    const floats = this.parameterFloats(core, inputSize);
    const region = this.own();
    try {
      const parameters = region.ensure(2 * floats * 4);
      this.#block = { parameters, gradients: parameters + floats * 4, floats };
      this.#blockRegion = region;
      this.#inputSize = inputSize;
    } catch (error) {
      this.disown(region);
      throw error;
    }
  }

  /** `build` for a first input: `makeRoom` for the call comes first, so that a layer that cannot run stays unbuilt. */
  protected buildFor(inputSize: number, makeRoom: () => void): void {
    makeRoom();
    this.build(inputSize);
    try {
      this.requireWeights();
    } catch (error) {
      this.#unbuild();
      throw error;
    }
  }

  protected requireBlock(): ParameterBlock {
    this.requireUsable();
    if (this.#block !== undefined) return this.#block;
    throw new StateError(`${this.label} has no weights yet: give it inputSize, or call forward first.`);
  }

  /** The block, with its initial weights drawn unless others were set. */
  protected requireWeights(): ParameterBlock {
    const block = this.requireBlock();
    if (this.#isDrawn) return block;
    const [core, I] = [this.requireUsable(), this.#requireInputSize()];
    this.writeWeights(core, block.parameters, this.initialWeights(core, I), I);
    this.#isDrawn = true;
    return block;
  }

  #unbuild(): void {
    if (this.#blockRegion !== undefined) this.disown(this.#blockRegion);
    this.#block = undefined;
    this.#inputSize = undefined;
  }

  #requireInputSize(): number {
    this.requireBlock();
    return this.#inputSize ?? 0;
  }

  #inputSizeOf(weights: Readonly<Record<string, TensorLike>>): number {
    const name = this.inputWeight;
    const value = typeof weights === "object" && weights !== null ? weights[name] : undefined;
    if (value === undefined) throw new ShapeError(`${this.label} needs the weight ${name} [..., inputs].`);
    const { shape } = this.readTensor(name, value);
    const I = shape[1] ?? 0;
    if (shape.length === 2 && I > 0) return size(this.label, `the inputs of ${name}`, I);
    throw new ShapeError(`${this.label} needs the weight ${name} [..., inputs], got ${formatShape(shape)}.`);
  }

  protected markGradients(): void {
    this.#hasGradients = true;
  }

  /** `value` as a tensor; a ShapeError names the layer. */
  protected readTensor(what: string, value: TensorLike): Tensor {
    try {
      return toTensor(value);
    } catch (cause) {
      if (!(cause instanceof ShapeError)) throw cause;
      throw new ShapeError(`${this.label} cannot read ${what}: ${cause.message}`, { cause });
    }
  }

  /** `value` as a tensor of just this shape; throws ShapeError that shows both. */
  protected requireShape(what: string, value: TensorLike, shape: readonly number[]): Tensor {
    const given = this.readTensor(what, value);
    if (sameShape(given.shape, shape)) return given;
    throw new ShapeError(
      `${this.label} expects ${what} of shape ${formatShape(shape)}, got ${formatShape(given.shape)}.`,
    );
  }
}

// Guarded, since an engine without explicit resource management has no such symbol.
if (typeof Symbol.dispose === "symbol") {
  Object.defineProperty(Layer.prototype, Symbol.dispose, {
    configurable: true,
    writable: true,
    value(this: Layer) {
      this.dispose();
    },
  });
}
