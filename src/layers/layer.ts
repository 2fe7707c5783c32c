/// <reference lib="esnext.disposable" preserve="true" />
/** What all layers with weights share: one block of parameters and gradients, named weights at the edge, disposal. */
import { type Core, requireCore } from "../core/context.ts";
import { Region } from "../core/memory.ts";
import { ShapeError, StateError } from "../errors.ts";
import { describe, refuse } from "../options.ts";
import { formatShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";

/** Weights or gradients by their PyTorch names. */
export type NamedTensors = Record<string, Tensor>;

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
  #isDisposed = false;
  #hasGradients = false;

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

  /** The weights by PyTorch's names, copied out of the core. Throws StateError before they exist. */
  abstract getWeights(): NamedTensors;

  /** The accumulated gradients under the names of the weights. */
  abstract getGradients(): NamedTensors;

  /** Shapes of the weights by name; undefined before the input size is known. */
  protected abstract weightShapes(): Record<string, readonly number[]> | undefined;

  /** Copies checked weights into the core. */
  protected abstract writeWeights(weights: NamedTensors): void;

  /**
   * Replaces all weights, given by the names and shapes of `getWeights`. Throws ShapeError for a missing or unknown
   * name or a wrong shape; nothing has changed then.
   */
  setWeights(weights: Readonly<Record<string, TensorLike>>): void {
    this.requireUsable();
    const shapes = this.weightShapes();
    if (shapes === undefined) {
      throw new StateError(`${this.label} has no weights yet: give it inputSize, or call forward first.`);
    }
    const names = Object.keys(shapes);
    if (typeof weights !== "object" || weights === null || Object.keys(weights).some((name) => !names.includes(name))) {
      const given =
        typeof weights === "object" && weights !== null ? Object.keys(weights).join(", ") : describe(weights);
      throw new ShapeError(`${this.label} has the weights ${names.join(", ")}, got ${given}.`);
    }
    const checked: NamedTensors = {};
    for (const [name, shape] of Object.entries(shapes)) {
      const value = weights[name];
      if (value === undefined) throw new ShapeError(`${this.label} needs the weight ${name} ${formatShape(shape)}.`);
      checked[name] = this.requireShape(name, value, shape);
    }
    this.writeWeights(checked);
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

  /** Where optimizers find parameters and gradients; undefined before the input size is known. */
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

  /** The core, for a layer that can still be used; throws StateError after `dispose` and before `init`. */
  requireUsable(): Core {
    if (this.#isDisposed) throw new StateError(`${this.label} was disposed: make a new layer.`);
    return requireCore();
  }

  /** A region that lives as long as the layer, or until `disown`. */
  own(): Region {
    const region = new Region(this.requireUsable().memory);
    if (this.#owned.size === 0) forgotten?.register(this, this.#owned, this);
    this.#owned.add(region);
    return region;
  }

  /** Frees a region from `own` early. */
  disown(region: Region): void {
    if (this.#owned.delete(region)) region.dispose();
  }

  protected allocateParameters(floats: number): ParameterBlock {
    const parameters = this.own().ensure(2 * floats * 4);
    this.#block = { parameters, gradients: parameters + floats * 4, floats };
    return this.#block;
  }

  protected requireBlock(): ParameterBlock {
    this.requireUsable();
    if (this.#block !== undefined) return this.#block;
    throw new StateError(`${this.label} has no weights yet: give it inputSize, or call forward first.`);
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
    if (given.shape.length === shape.length && given.shape.every((size, axis) => size === shape[axis])) return given;
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
