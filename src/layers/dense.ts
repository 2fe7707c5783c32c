/** The dense layer: shapes, options and named weights around the kernels of assembly/layers/dense.ts. */
import type { Core } from "../core/context.ts";
import { type Addresses, place, read, write } from "../core/plan.ts";
import { ShapeError } from "../errors.ts";
import { glorotUniform, zeros } from "../initializers.ts";
import { flag, knownOptions, seedOrDrawn, size } from "../options.ts";
import { Random } from "../random.ts";
import { formatShape, type Tensor, type TensorLike, tensor } from "../shape.ts";
import { packRows, singleStep, unpackRows } from "./edge.ts";
import { Kept } from "./kept.ts";
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

interface ForwardCall {
  readonly shape: readonly number[];
  readonly N: number;
  readonly at: Addresses<"x" | "y">;
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
  protected readonly inputWeight: string = "weight";
  readonly #kept: Kept<ForwardCall> = new Kept(this);

  /** Throws OptionError; with `inputSize` room for the weights is made at once, which needs `init` (StateError). */
  constructor(options: DenseOptions) {
    knownOptions("Dense", options, ["units", "inputSize", "useBias", "seed", "name"]);
    super("Dense", options.name);
    this.units = size(this.label, "units", options.units);
    const { useBias = true } = options;
    this.#useBias = flag(this.label, "useBias", useBias);
    this.seed = seedOrDrawn(this.label, options.seed);
    if (options.inputSize !== undefined) this.build(size(this.label, "inputSize", options.inputSize));
  }

  /** Maps x [..., I] to [..., O]. Throws ShapeError for an input that does not fit, OutOfMemoryError. */
  forward(x: TensorLike, options: DenseForwardOptions = {}): Tensor<Float32Array> {
    knownOptions(`${this.label}.forward`, options, ["training"]);
    const core = this.requireUsable();
    const { training = false } = options;
    flag(`${this.label}.forward`, "training", training);
    const input = this.readTensor("its input", x);
    const { N, I } = this.#sizesOf(input);
    if (this.inputSize === undefined) this.buildFor(I, () => void this.#place(core, N, I, training));
    const { parameters } = this.requireWeights();
    const { kernels, tile } = core;
    const O = this.units;
    const at = this.#place(core, N, I, training);
    packRows(core, at.x, input.data, at.staging, singleStep(N), I);
    kernels.denseForward(at.y, at.x, parameters, N, I, O, tile);
    if (training) this.#kept.keep({ shape: input.shape, N, at });
    return tensor(unpackRows(core, at.y, at.staging, singleStep(N), O), [...input.shape.slice(0, -1), O]);
  }

  /**
   * Goes back through the last forward call with `training: true`, given the gradient of its result; adds to the
   * gradients of the weights and returns that of x. Throws StateError before such a call and when it was used up
   * already, ShapeError for a gradient that does not fit; nothing has changed then.
   */
  backward(gradient: TensorLike): { readonly input: Tensor<Float32Array> } {
    const core = this.requireUsable();
    const { kernels, tile } = core;
    const { shape, N, at } = this.#kept.require();
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
    this.#kept.clear();
    const biases = this.#useBias ? 1 : 0;
    kernels.denseBackward(to.dx, block.gradients, to.scratch, to.dy, at.x, block.parameters, N, I, O, biases, tile);
    this.markGradients();
    return { input: tensor(unpackRows(core, to.dx, to.staging, singleStep(N), I), shape) };
  }

  protected weightShapes(I: number): Record<string, readonly number[]> {
    const weight = [this.units, I];
    return this.#useBias ? { weight, bias: [this.units] } : { weight };
  }

  protected parameterFloats({ kernels }: Core, I: number): number {
    return kernels.denseParameterFloats(I, this.units);
  }

  protected initialWeights(core: Core, I: number): NamedTensors {
    this.#stage(core, I);
    const weight = glorotUniform(new Random(this.seed).fork("weight"), [this.units, I], I, this.units);
    return { weight: tensor(weight, [this.units, I]), bias: tensor(zeros([this.units])) };
  }

  protected writeWeights(core: Core, to: number, weights: Readonly<Record<string, Tensor>>, I: number): void {
    const at = this.#stage(core, I);
    if (weights.weight !== undefined) write(core.memory, at.weight, weights.weight.data);
    if (weights.bias !== undefined) write(core.memory, at.bias, weights.bias.data);
    core.kernels.denseWriteWeights(to, at.weight, this.#useBias ? at.bias : 0, I, this.units);
  }

  protected readWeights(core: Core, from: number, I: number): NamedTensors {
    const O = this.units;
    const at = this.#stage(core, I);
    core.kernels.denseReadWeights(at.weight, this.#useBias ? at.bias : 0, from, I, O);
    const weight = tensor(read(core.memory, at.weight, O * I), [O, I]);
    return this.#useBias ? { weight, bias: tensor(read(core.memory, at.bias, O), [O]) } : { weight };
  }

  #stage({ scratch }: Core, I: number): Addresses<"weight" | "bias"> {
    return place(scratch, { weight: this.units * I, bias: this.units });
  }

  #sizesOf({ shape, data }: Tensor): { N: number; I: number } {
    const I = shape.at(-1) ?? 0;
    if (shape.length < 2 || data.length === 0 || (this.inputSize ?? I) !== I) {
      const expected = ["...", this.inputSize ?? "features"];
      throw new ShapeError(`${this.label} expects ${formatShape(expected)}, got ${formatShape(shape)}.`);
    }
    return { N: data.length / I, I };
  }

  #place({ kernels, scratch }: Core, N: number, I: number, training: boolean): Addresses<"x" | "y" | "staging"> {
    const kept = { x: N * kernels.rowStride(I), y: N * kernels.rowStride(this.units) };
    const shared = { staging: N * Math.max(I, this.units) };
    if (!training) return place(scratch, { ...kept, ...shared });
    const staging = place(scratch, shared);
    return { ...this.#kept.place(kept), ...staging };
  }
}
