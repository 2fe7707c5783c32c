/** Chains of layers. */
import { OptionError, ShapeError, StateError } from "../errors.ts";
import { symbolOf } from "../layers/graph.ts";
import { Layer } from "../layers/layer.ts";
import { Recurrent } from "../layers/recurrent.ts";
import { WeightedLayer } from "../layers/weighted.ts";
import { describe, knownOptions } from "../options.ts";
import { formatShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";
import type { Arrays } from "../training/read.ts";
import { BaseModel } from "./base-model.ts";
import { Graph } from "./graph.ts";
import { nameLayers } from "./names.ts";
import type { ModelOptions } from "./network.ts";

/** Options of `Sequential`. */
export interface SequentialOptions extends ModelOptions {
  /**
   * Shape of one row: [null, 8] for sequences of any length with 8 features, [8] for rows, [null] for token ids before an
   * Embedding. Left out, the first layer's `inputSize` or the first data decide.
   */
  readonly inputShape?: readonly (number | null)[] | undefined;
}

/**
 * One layer after the other.
 *
 * ```ts
 * const model = new Sequential([new LSTM({ units: 50 }), new Dense({ units: 1 })], { inputShape: [null, 1], seed: 7 });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * await model.fit(x, y, { epochs: 20, batchSize: 64 }); // x [n, 28, 1], y [n, 1]
 * ```
 */
export class Sequential extends BaseModel<Tensor<Float32Array>> {
  readonly hasList: boolean = false;
  readonly #chain: readonly Layer[];
  #graph: Graph | undefined;
  #inputShape: readonly (number | null)[] | undefined;

  /** Throws OptionError, and ShapeError for layers that do not fit each other. */
  constructor(layers: readonly Layer[], options: SequentialOptions = {}) {
    knownOptions("Sequential", options, ["inputShape", "name", "seed"]);
    super("Sequential", options);
    if (!Array.isArray(layers) || layers.length === 0 || !layers.every((layer) => layer instanceof Layer)) {
      throw new OptionError(`${this.label} takes an array of layers, got ${describe(layers)}.`);
    }
    this.#chain = [...layers];
    const shape = options.inputShape ?? shapeBefore(layers[0] as Layer);
    if (shape !== undefined) this.#build(shape);
  }

  /** Shape of one row, without the batch; undefined before it is known. */
  get inputShape(): readonly (number | null)[] | undefined {
    return this.#inputShape;
  }

  get isBuilt(): boolean {
    return this.#graph !== undefined;
  }

  get graph(): Graph {
    if (this.#graph !== undefined) return this.#graph;
    throw new StateError(`${this.label} does not know its input yet: give inputShape, or call fit or predict first.`);
  }

  /** Makes the shape of the input known; throws ShapeError when it is another one already. */
  build(inputShape: readonly (number | null)[]): void {
    if (this.#graph === undefined) this.#build(inputShape);
    else if (formatShape(inputShape) !== formatShape(this.#inputShape ?? [])) {
      throw new ShapeError(
        `${this.label} was built for ${formatShape(this.#inputShape ?? [])}, got ${formatShape(inputShape)}.`,
      );
    }
  }

  /** Rows of data have a fixed number of features and any number of steps. */
  protected meet(x: Arrays): void {
    if (this.isBuilt) return;
    const { shape } = toTensor(x as TensorLike);
    this.#build(shape.slice(1).map((size, axis, all) => (axis < all.length - 1 ? null : size)));
  }

  protected predictionOf([output]: readonly Tensor<Float32Array>[]): Tensor<Float32Array> {
    return output as Tensor<Float32Array>;
  }

  #build(shape: readonly (number | null)[]): void {
    const readsIds = (this.#chain[0]?.vocabulary ?? 0) > 0;
    const symbol = symbolOf(this.label, shape, readsIds ? "int32" : "float32", "input");
    nameLayers(this.label, layersOf(this.#chain), this.seed);
    let last = symbol;
    for (const layer of this.#chain) {
      last = layer.apply(last);
      if (last.node.outputs.length > 1) {
        throw new OptionError(
          `${layer.label} gives several results in ${this.label}: use Model, or returnState: false.`,
        );
      }
    }
    this.#graph = new Graph([symbol], [last]);
    this.#inputShape = [...shape];
  }
}

/** What the first layer says about its input. */
function shapeBefore(layer: Layer): readonly (number | null)[] | undefined {
  if (layer.vocabulary > 0) return [null];
  if (!(layer instanceof WeightedLayer) || layer.inputSize === undefined) return undefined;
  return layer instanceof Recurrent ? [null, layer.inputSize] : [layer.inputSize];
}

function layersOf(chain: readonly Layer[]): readonly Layer[] {
  return [...new Set(chain.flatMap((layer) => [layer, ...layer.inner]))];
}
