/** Layers with trainable weights: one block of parameters and gradients, named weights at the edge. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { ShapeError, StateError } from "../errors.ts";
import { describe, size } from "../options.ts";
import { formatShape, type Tensor, type TensorLike } from "../shape.ts";
import { Layer, type NamedTensors, type ParameterBlock } from "./layer.ts";
import type { Owner } from "./owner.ts";

/** Who keeps the block of an adopted layer: a model, which may be busy with training. */
export interface Keeper extends Owner {
  /** Whether it was compiled, so that its optimizer holds state for the weights. */
  readonly isTraining: boolean;
  /** Throws StateError while weights must not change under it. */
  requireIdle(what: string): void;
}

/** A layer with weights. */
export abstract class WeightedLayer extends Layer {
  #block: ParameterBlock | undefined;
  /** Where the block stands, unless a model keeps it. */
  #region: Region | undefined;
  #keeper: Keeper | undefined;
  #hasGradients = false;
  #inputSize: number | undefined;
  /** Initial weights are drawn when they are first needed, which spares those that `setWeights` replaces. */
  #isDrawn = false;
  #version = 0;

  /** Features of the input; undefined before the first input if the option was left out. */
  get inputSize(): number | undefined {
    return this.#inputSize;
  }

  /**
   * The weights by the names of PyTorch's cells, copied out of the core. Throws StateError before the input size is
   * known.
   */
  override getWeights(): NamedTensors {
    return this.readBlock(this.requireWeights().parameters);
  }

  /** The accumulated gradients under the names of the weights. */
  override getGradients(): NamedTensors {
    return this.readBlock(this.requireBlock().gradients);
  }

  /** What stands at `from` in the layout of the weights, by their names. @internal */
  readBlock(from: number): NamedTensors {
    return this.readWeights(this.requireUsable(), from, this.#requireInputSize());
  }

  /** Copies tensors of the names and shapes of the weights to `to`; throws ShapeError as `setWeights`. @internal */
  writeBlock(to: number, weights: Readonly<Record<string, TensorLike>>): void {
    const I = this.#requireInputSize();
    const checked = this.#checked(weights, I);
    this.writeWeights(this.requireUsable(), to, checked, I);
  }

  /** Name of the weight in whose shape the input size stands. */
  protected abstract readonly inputWeight: string;

  /** The input size in the shape of that weight, by default its second of two axes; undefined for another rank. */
  protected inputSizeOf(shape: readonly number[]): number | undefined {
    return shape.length === 2 ? shape[1] : undefined;
  }

  /** Shapes of the weights by name. @internal */
  abstract weightShapes(inputSize: number): Record<string, readonly number[]>;

  /** Numbers that are trained, for an input size: what summaries count. @internal */
  parameterCount(inputSize: number): number {
    const shapes = Object.values(this.weightShapes(inputSize));
    return shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
  }

  /** Floats of the parameters in the core's layout. @internal */
  abstract parameterFloats(core: Core, inputSize: number): number;

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
   * weights. Throws ShapeError for a missing or unknown name or a wrong shape, StateError while its model is training;
   * nothing has changed then.
   */
  override setWeights(weights: Readonly<Record<string, TensorLike>>): void {
    const core = this.requireUsable();
    this.#keeper?.requireIdle("setWeights");
    const I = this.#inputSize ?? this.#inputSizeIn(weights);
    const checked = this.#checked(weights, I);
    if (this.#block === undefined) this.build(I);
    this.writeWeights(core, this.requireBlock().parameters, checked, I);
    this.#isDrawn = true;
    this.markUpdated();
  }

  /** Throws ShapeError unless these are all weights by name and shape. @internal */
  requireFit(weights: Readonly<Record<string, TensorLike>>): void {
    this.#checked(weights, this.#requireInputSize());
  }

  override get version(): number {
    return this.#version;
  }

  /** Says that the weights have changed. @internal */
  override markUpdated(): void {
    this.#version += 1;
  }

  /** Sets the accumulated gradients to zero. */
  override zeroGradients(): void {
    const { memory } = this.requireUsable();
    if (this.#block !== undefined) memory.f32(this.#block.gradients, this.#block.floats).fill(0);
    this.#hasGradients = false;
  }

  /** Whether backward has added to the gradients since they were last zeroed. */
  override get hasGradients(): boolean {
    return this.#hasGradients;
  }

  /** Says that backward has added to the gradients. @internal */
  markGradients(): void {
    this.#hasGradients = true;
  }

  /** Where optimizers find parameters and gradients; undefined before the input size is known. @internal */
  override get block(): ParameterBlock | undefined {
    return this.#block;
  }

  /** The model that has adopted the layer. @internal */
  get keeper(): Keeper | undefined {
    return this.#keeper;
  }

  /** Moves the weights, if there are any yet, into a block of zeros that the keeper owns. @internal */
  moveTo(keeper: Keeper, block: ParameterBlock): void {
    const { memory } = this.requireUsable();
    if (this.#block !== undefined && this.#isDrawn) {
      memory.f32(block.parameters, block.floats).set(memory.f32(this.#block.parameters, block.floats));
    }
    if (this.#region !== undefined) this.disown(this.#region);
    this.#region = undefined;
    this.#block = block;
    this.#keeper = keeper;
    this.#hasGradients = false;
    this.markUpdated();
  }

  override dispose(): void {
    super.dispose();
    this.#block = undefined;
  }

  /** The input size that a graph gives; throws ShapeError through `refuse` when it is another already. */
  protected expectInputSize(inputSize: number, refuse: () => never): void {
    if ((this.#inputSize ?? inputSize) !== inputSize) refuse();
    this.#inputSize = inputSize;
  }

  /** Makes room for the weights of an input size; throws OutOfMemoryError, and nothing has changed then. */
  protected build(inputSize: number): void {
    const core = this.requireUsable();
    const floats = this.parameterFloats(core, inputSize);
    const region = this.own();
    try {
      const parameters = region.ensure(2 * floats * 4);
      this.#block = { parameters, gradients: parameters + floats * 4, floats };
      this.#region = region;
      this.#inputSize = inputSize;
    } catch (error) {
      this.disown(region);
      throw error;
    }
  }

  /**
   * Gets the weights ready for an input. For a first one `makeRoom` for the call comes first, so that a layer that cannot
   * run stays unbuilt. Throws OutOfMemoryError. @internal
   */
  prepare(inputSize: number, makeRoom: () => void): void {
    if (this.#inputSize !== undefined) {
      this.requireWeights();
      return;
    }
    makeRoom();
    this.build(inputSize);
    try {
      this.requireWeights();
    } catch (error) {
      if (this.#region !== undefined) this.disown(this.#region);
      this.#block = undefined;
      this.#inputSize = undefined;
      throw error;
    }
  }

  /** Parameters and gradients; throws StateError without weights. @internal */
  requireBlock(): ParameterBlock {
    this.requireUsable();
    if (this.#block === undefined && this.#inputSize !== undefined) this.build(this.#inputSize);
    if (this.#block !== undefined) return this.#block;
    throw new StateError(`${this.label} has no weights yet: give it inputSize, or call forward first.`);
  }

  /** The block, with its initial weights drawn unless others were set. @internal */
  requireWeights(): ParameterBlock {
    const block = this.requireBlock();
    if (this.#isDrawn) return block;
    const [core, I] = [this.requireUsable(), this.#requireInputSize()];
    this.writeWeights(core, block.parameters, this.initialWeights(core, I), I);
    this.#isDrawn = true;
    return block;
  }

  #requireInputSize(): number {
    this.requireBlock();
    return this.#inputSize ?? 0;
  }

  #checked(weights: Readonly<Record<string, TensorLike>>, inputSize: number): Record<string, Tensor> {
    const shapes = this.weightShapes(inputSize);
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
    return checked;
  }

  #inputSizeIn(weights: Readonly<Record<string, TensorLike>>): number {
    const name = this.inputWeight;
    const value = typeof weights === "object" && weights !== null ? weights[name] : undefined;
    if (value === undefined) throw new ShapeError(`${this.label} needs the weight ${name} [..., inputs].`);
    const { shape } = this.readTensor(name, value);
    const I = this.inputSizeOf(shape) ?? 0;
    if (I > 0) return size(this.label, `the inputs of ${name}`, I);
    throw new ShapeError(`${this.label} needs the weight ${name} [..., inputs], got ${formatShape(shape)}.`);
  }
}
