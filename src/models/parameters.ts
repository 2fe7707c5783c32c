/** The weights of all layers of a model as one block, with one of gradients beside it. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { align } from "../core/memory.ts";
import { OptionError, ShapeError, StateError } from "../errors.ts";
import type { NamedTensors, ParameterBlock } from "../layers/layer.ts";
import type { Keeper, WeightedLayer } from "../layers/weighted.ts";
import { describe } from "../options.ts";
import type { TensorLike } from "../shape.ts";

/** Adopts the layers of a model that no other model has already. */
export class Parameters {
  readonly #keeper: Keeper;
  readonly #layers: readonly WeightedLayer[];
  #block: ParameterBlock | undefined;
  /** Where the layers stand that this model keeps. */
  #region: Region | undefined;

  constructor(keeper: Keeper, layers: readonly WeightedLayer[]) {
    this.#keeper = keeper;
    this.#layers = layers;
  }

  /** Undefined before the first use of the model, and while some layers belong to another one. */
  get block(): ParameterBlock | undefined {
    return this.#block;
  }

  /** Makes sure that all weights are there; throws OutOfMemoryError, and nothing has changed then. */
  ready(core: Core): void {
    this.makeRoom(core);
    for (const layer of this.#layers) layer.requireWeights();
  }

  /** Makes room for the weights, of which initial ones are not drawn yet. Throws as `ready`. */
  makeRoom(core: Core): void {
    const free = this.#layers.filter(({ keeper }) => keeper === undefined);
    if (free.length > 0) this.#adopt(core, free);
  }

  /** Names and shapes of all weights. */
  shapes(): Map<string, readonly number[]> {
    const shapes = new Map<string, readonly number[]>();
    for (const layer of this.#layers) {
      for (const [name, shape] of Object.entries(layer.weightShapes(layer.inputSize ?? 0))) {
        shapes.set(`${layer.name}.${name}`, shape);
      }
    }
    return shapes;
  }

  /** Makes all layers this model's own, to train them; throws StateError when another one trains them. */
  own(core: Core): void {
    for (const layer of this.#layers) {
      const { keeper } = layer;
      if (keeper === undefined || keeper === this.#keeper || !keeper.isTraining) continue;
      throw new StateError(
        `${layer.label} is trained by ${keeper.label}, so ${this.#keeper.label} can only predict and stream with it.`,
      );
    }
    if (this.#block === undefined || this.#layers.some(({ keeper }) => keeper !== this.#keeper)) {
      this.#adopt(core, this.#layers);
    }
    for (const layer of this.#layers) layer.requireWeights();
  }

  getWeights(): NamedTensors {
    return this.#collect((layer) => layer.getWeights());
  }

  getGradients(): NamedTensors {
    return this.#collect((layer) => layer.getGradients());
  }

  /** What stands at `address`, in the layout of the block, by the names of the weights. */
  read(address: number): NamedTensors {
    return this.#collect((layer) => layer.readBlock(address + this.#offsetOf(layer)));
  }

  /** Writes tensors by the names of the weights to `address`; throws ShapeError. */
  write(address: number, tensors: Readonly<Record<string, TensorLike>>): void {
    for (const layer of this.#layers) layer.writeBlock(address + this.#offsetOf(layer), partOf(tensors, layer));
  }

  /** Throws ShapeError for a missing or unknown name or a wrong shape; nothing has changed then. */
  setWeights(weights: Readonly<Record<string, TensorLike>>): void {
    if (typeof weights !== "object" || weights === null) {
      throw new OptionError(`${this.#keeper.label}.setWeights takes weights by name, got ${describe(weights)}.`);
    }
    const shapes = this.shapes();
    const unknown = Object.keys(weights).find((name) => !shapes.has(name));
    if (unknown !== undefined) {
      const names = [...shapes.keys()].join(", ");
      throw new ShapeError(`${this.#keeper.label} has no weight ${describe(unknown)}: it has ${names}.`);
    }
    const parts = this.#layers.map((layer) => [layer, partOf(weights, layer)] as const);
    for (const [layer, part] of parts) layer.requireFit(part);
    for (const [layer, part] of parts) layer.setWeights(part);
  }

  markUpdated(): void {
    for (const layer of this.#layers) layer.markUpdated();
  }

  get hasGradients(): boolean {
    return this.#layers.some((layer) => layer.hasGradients);
  }

  zeroGradients(): void {
    for (const layer of this.#layers) layer.zeroGradients();
  }

  /** The first layer whose gradient is not finite. */
  blame({ kernels }: Core): string {
    const bad = this.#layers.find(
      ({ block }) => block !== undefined && !kernels.allFinite(block.gradients, block.floats),
    );
    return bad?.label ?? this.#keeper.label;
  }

  #collect(read: (layer: WeightedLayer) => NamedTensors): NamedTensors {
    const all: NamedTensors = {};
    for (const layer of this.#layers) {
      for (const [name, value] of Object.entries(read(layer))) all[`${layer.name}.${name}`] = value;
    }
    return all;
  }

  #offsetOf({ block }: WeightedLayer): number {
    return (block?.parameters ?? 0) - (this.#block?.parameters ?? 0);
  }

  /** Some layers at the first use of the model, or all of them to train them. */
  #adopt(core: Core, layers: readonly WeightedLayer[]): void {
    if (layers.length === 0) return;
    const sizes = layers.map((layer) => align(4 * layer.parameterFloats(core, layer.inputSize ?? 0)) / 4);
    const floats = sizes.reduce((sum, size) => sum + size, 0);
    const region: Region = this.#keeper.own();
    try {
      region.ensure(8 * floats);
    } catch (error) {
      this.#keeper.disown(region);
      throw error;
    }
    const parameters = region.ensure(8 * floats);
    const gradients = parameters + 4 * floats;
    let before = 0;
    for (const [i, layer] of layers.entries()) {
      const size = sizes[i] ?? 0;
      layer.moveTo(this.#keeper, {
        parameters: parameters + 4 * before,
        gradients: gradients + 4 * before,
        floats: size,
      });
      before += size;
    }
    if (this.#region !== undefined) this.#keeper.disown(this.#region);
    this.#region = region;
    if (layers.length === this.#layers.length) this.#block = { parameters, gradients, floats };
  }
}

/** A layer's own tensors: not those of another whose name goes on after a dot. */
function partOf(tensors: Readonly<Record<string, TensorLike>>, layer: WeightedLayer): Record<string, TensorLike> {
  const names = Object.keys(layer.weightShapes(layer.inputSize ?? 0));
  const own = names.map((name) => [name, tensors[`${layer.name}.${name}`]] as const);
  return Object.fromEntries(own.filter((entry): entry is [string, TensorLike] => entry[1] !== undefined));
}
