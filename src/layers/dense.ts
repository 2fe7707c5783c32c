/** The dense layer: shapes, options and named weights around the kernels of assembly/layers/dense.ts. */
import type { Core } from "../core/context.ts";
import type { Region } from "../core/memory.ts";
import { type Addresses, place, read, write } from "../core/plan.ts";
import { ShapeError, StateError } from "../errors.ts";
import { glorotUniform, zeros } from "../initializers.ts";
import { flag, knownOptions, seedOrDrawn, size } from "../options.ts";
import { Random } from "../random.ts";
import { formatShape, type Tensor, type TensorLike, tensor } from "../shape.ts";
import { packRows, singleStep, unpackRows } from "./edge.ts";
import { Layer, type NamedTensors } from "./layer.ts";

/** Options of `Dense`; defaults follow Keras 3. */
export interface DenseOptions {
  /** Outputs O, a positive integer. */
  readonly units: number;
  /** Inputs I; taken from the first input when left out. */
  readonly inputSize?: number | undefined;
  /** Add a bias; by default true. */
  readonly useBias?: boolean | undefined;
  /** Seed of the initial weights, 0 to 2^53 - 1; drawn when left out and shown as `seed`. */
  readonly seed?: number | undefined;
  /** Name in error messages; by default "dense". */
  readonly name?: string | undefined;
}

/** Options of `Dense.forward`. */
export interface DenseForwardOptions {
  /** Keep what `backward` needs; by default false. */
  readonly training?: boolean | undefined;
}

type Slot = "x" | "y" | "staging";

interface Pending {
  readonly shape: readonly number[];
  readonly N: number;
  readonly at: Addresses<Slot>;
}

/**
 * y = x W^T + b over the last axis of x, with W [O, I] and b [O].
 *
 * ```ts
 * const dense = new Dense({ units: 65, inputSize: 128 });
 * const logits = dense.forward(hidden, { training: true }); // [32, 128] to [32, 65], [32, 50, 128] to [32, 50, 65]
 * const { input } = dense.backward(dLogits);
 * ```
 */
export class Dense extends Layer {
  readonly kind: string = "Dense";
  readonly units: number;
  /** Seed of the initial weights. */
  readonly seed: number;
  readonly #useBias: boolean;
  #inputSize: number | undefined;
  #training: Region | undefined;
  #pending: Pending | undefined;

  /** Throws OptionError; with `inputSize` the weights are made at once, which needs `init` (StateError). */
  constructor(options: DenseOptions) {
    knownOptions("Dense", options, ["units", "inputSize", "useBias", "seed", "name"]);
    super("Dense", options.name);
    this.units = size(this.label, "units", options.units);
    this.#useBias = flag(this.label, "useBias", options.useBias ?? true);
    this.seed = seedOrDrawn(this.label, options.seed);
    if (options.inputSize !== undefined) this.#build(size(this.label, "inputSize", options.inputSize));
  }

  /** Inputs; undefined before the first input if the option was left out. */
  get inputSize(): number | undefined {
    return this.#inputSize;
  }

  /** Maps x [..., I] to [..., O]. Throws ShapeError for an input that does not fit, OutOfMemoryError. */
  forward(x: TensorLike, options: DenseForwardOptions = {}): Tensor {
    knownOptions(`${this.label}.forward`, options, ["training"]);
    const core = this.requireUsable();
    const training = flag(`${this.label}.forward`, "training", options.training ?? false);
    const input = this.readTensor("its input", x);
    const { N, I } = this.#sizesOf(input);
    if (this.#inputSize === undefined) this.#build(I);
    const { kernels, tile } = core;
    const O = this.units;
    const at = this.#place(core, N, training);
    packRows(core, at.x, input.data, at.staging, singleStep(N), I);
    kernels.denseForward(at.y, at.x, this.requireBlock().parameters, N, I, O, tile);
    if (training) this.#pending = { shape: input.shape, N, at };
    return tensor(unpackRows(core, at.y, at.staging, singleStep(N), O), [...input.shape.slice(0, -1), O]);
  }

  /**
   * Goes back through the last forward call with `training: true`, given the gradient of its result; adds to the
   * gradients of the weights and returns that of x. Throws StateError before such a call and when it was used up
   * already, ShapeError for a gradient that does not fit; nothing has changed then.
   */
  backward(gradient: TensorLike): { readonly input: Tensor } {
    const core = this.requireUsable();
    const { kernels, tile } = core;
    const { shape, N, at } = this.#requirePending();
    const [I, O] = [shape.at(-1) ?? 0, this.units];
    const dy = this.requireShape("the gradient of its output", gradient, [...shape.slice(0, -1), O]);
    const block = this.requireBlock();
    const to = place(core.scratch, {
      dx: N * kernels.rowStride(I),
      dy: N * kernels.rowStride(O),
      scratch: kernels.denseScratchFloats(I, O),
      staging: N * Math.max(I, O),
    });
    packRows(core, to.dy, dy.data, to.staging, singleStep(N), O);
    this.#pending = undefined;
    const biases = this.#useBias ? 1 : 0;
    kernels.denseBackward(to.dx, block.gradients, to.scratch, to.dy, at.x, block.parameters, N, I, O, biases, tile);
    this.markGradients();
    return { input: tensor(unpackRows(core, to.dx, to.staging, singleStep(N), I), shape) };
  }

  getWeights(): NamedTensors {
    return this.#readNamed(this.requireBlock().parameters);
  }

  getGradients(): NamedTensors {
    return this.#readNamed(this.requireBlock().gradients);
  }

  protected weightShapes(): Record<string, readonly number[]> | undefined {
    if (this.#inputSize === undefined) return undefined;
    const weight = [this.units, this.#inputSize];
    return this.#useBias ? { weight, bias: [this.units] } : { weight };
  }

  protected writeWeights(weights: NamedTensors): void {
    const core = this.requireUsable();
    const [I, O] = [this.#inputSize ?? 0, this.units];
    const at = place(core.scratch, { weight: O * I, bias: O });
    if (weights.weight !== undefined) write(core.memory, at.weight, weights.weight.data);
    if (weights.bias !== undefined) write(core.memory, at.bias, weights.bias.data);
    core.kernels.denseWriteWeights(this.requireBlock().parameters, at.weight, this.#useBias ? at.bias : 0, I, O);
  }

  #readNamed(from: number): NamedTensors {
    const { memory, kernels, scratch } = this.requireUsable();
    const [I, O] = [this.#inputSize ?? 0, this.units];
    const at = place(scratch, { weight: O * I, bias: O });
    kernels.denseReadWeights(at.weight, this.#useBias ? at.bias : 0, from, I, O);
    const weight = tensor(read(memory, at.weight, O * I), [O, I]);
    return this.#useBias ? { weight, bias: tensor(read(memory, at.bias, O), [O]) } : { weight };
  }

  #build(I: number): void {
    const core = this.requireUsable();
    // Weights too large for the core are refused before any is drawn, and writing them below cannot fail.
    place(core.scratch, { weight: this.units * I, bias: this.units });
    const weight = glorotUniform(new Random(this.seed).fork("weight"), [this.units, I], I, this.units);
    this.allocateParameters(core.kernels.denseParameterFloats(I, this.units));
    this.#inputSize = I;
    this.writeWeights({ weight: tensor(weight, [this.units, I]), bias: tensor(zeros([this.units])) });
  }

  #sizesOf({ shape, data }: Tensor): { N: number; I: number } {
    const I = shape.at(-1) ?? 0;
    if (shape.length < 2 || data.length === 0 || (this.#inputSize ?? I) !== I) {
      const expected = ["...", this.#inputSize ?? "features"];
      throw new ShapeError(`${this.label} expects ${formatShape(expected)}, got ${formatShape(shape)}.`);
    }
    return { N: data.length / I, I };
  }

  #place({ kernels, scratch }: Core, N: number, training: boolean): Addresses<Slot> {
    const [I, O] = [this.#inputSize ?? 0, this.units];
    const kept = { x: N * kernels.rowStride(I), y: N * kernels.rowStride(O) };
    const shared = { staging: N * Math.max(I, O) };
    if (!training) return place(scratch, { ...kept, ...shared });
    const staging = place(scratch, shared);
    this.#training ??= this.own();
    const at = place(this.#training, kept);
    this.#pending = undefined;
    return { ...at, ...staging };
  }

  #requirePending(): Pending {
    if (this.#pending !== undefined) return this.#pending;
    throw new StateError(
      `${this.label}.backward needs a forward call with { training: true } before it, one for each backward call.`,
    );
  }
}
