/** Embedding of token ids: gathering rows forward, adding to them backward (assembly/layers/rows.ts). */
import type { Core } from "../core/context.ts";
import { place, read, write } from "../core/plan.ts";
import { columnsOfFloats, inRanges, rowsOfFloats } from "../core/split.ts";
import { OptionError, ShapeError, StateError } from "../errors.ts";
import { uniform } from "../initializers.ts";
import { describe, flag, knownOptions, size } from "../options.ts";
import { Random } from "../random.ts";
import { formatShape, type Tensor, type TensorLike, tensor } from "../shape.ts";
import { packRows, singleStep, unpackRows } from "./edge.ts";
import { Frame, type Signature } from "./graph.ts";
import type { NamedTensors, SeededOptions } from "./layer.ts";
import type { RowWiseForwardOptions } from "./row-wise.ts";
import { WeightedLayer } from "./weighted.ts";
import type { Table, Work } from "./work.ts";

/** Options of `Embedding`; defaults follow Keras 3. */
export interface EmbeddingOptions extends SeededOptions {
  /** Size V of the vocabulary: ids are 0 to V - 1. */
  readonly inputDim: number;
  /** Features D of each token. */
  readonly outputDim: number;
  /** Token 0 is padding: recurrent layers skip it and losses do not count it; in models only. By default false. */
  readonly maskZero?: boolean | undefined;
}

/** Rows of a trained table: ids [...] to [..., D], weight [V, D] from U(-0.05, 0.05). */
export class Embedding extends WeightedLayer {
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  protected readonly inputWeight: string = "weight";
  #kept: { readonly ids: Int32Array; readonly shape: readonly number[] } | undefined;

  /** Throws OptionError. */
  constructor(options: EmbeddingOptions) {
    super("Embedding", options, ["inputDim", "outputDim", "maskZero", "seed"]);
    this.inputDim = size(this.label, "inputDim", options.inputDim);
    this.outputDim = size(this.label, "outputDim", options.outputDim);
    this.maskZero = flag(this.label, "maskZero", options.maskZero ?? false);
    this.expectInputSize(this.inputDim, () => {
      throw new ShapeError(`${this.label} cannot change its vocabulary.`);
    });
  }

  /** Looks up ids [...], integers from 0 to V - 1 (OptionError), as [..., D]. Throws OutOfMemoryError. */
  forward(ids: TensorLike, options: RowWiseForwardOptions = {}): Tensor<Float32Array> {
    knownOptions(`${this.label}.forward`, options, ["training"]);
    const core = this.requireUsable();
    const { data, shape } = this.readTensor("its ids", ids);
    if (data.length === 0) throw new ShapeError(`${this.label} expects at least one id, got ${formatShape(shape)}.`);
    const tokens = this.checkIds(data);
    const { parameters } = this.requireWeights();
    const [N, D] = [tokens.length, this.outputDim];
    const at = place(core.scratch, { y: N * core.kernels.rowStride(D), ids: N, staging: N * D });
    core.memory.i32(at.ids, N).set(tokens);
    this.#gather(core, at.y, at.ids, parameters, N);
    if (flag(`${this.label}.forward`, "training", options.training ?? false)) this.#kept = { ids: tokens, shape };
    return tensor(unpackRows(core, at.y, at.staging, singleStep(N), D), [...shape, D]);
  }

  /** Adds the gradient [..., D] of the last forward call in training to that of the weight; ids have no gradient. */
  backward(gradient: TensorLike): Record<string, never> {
    const core = this.requireUsable();
    if (this.#kept === undefined) {
      throw new StateError(
        `${this.label}.backward needs a forward call with { training: true } before it, one for each backward call.`,
      );
    }
    const { ids, shape } = this.#kept;
    const [N, D] = [ids.length, this.outputDim];
    const dy = this.requireShape("the gradient of its output", gradient, [...shape, D]);
    const to = place(core.scratch, { dy: N * core.kernels.rowStride(D), ids: N, staging: N * D });
    packRows(core, to.dy, dy.data, to.staging, singleStep(N), D);
    core.memory.i32(to.ids, N).set(ids);
    this.#kept = undefined;
    this.#scatter(core, to.dy, to.ids, N);
    return {};
  }

  override get table(): Table {
    return this;
  }

  infer(inputs: readonly Signature[]): readonly Signature[] {
    return inputs.map(({ shape, dtype, frame }) => {
      if (dtype !== "int32") {
        throw new ShapeError(
          `${this.label} expects token ids, input({ dtype: "int32" }), got numbers ${formatShape(shape)}.`,
        );
      }
      if (this.maskZero && shape.length !== 2) {
        throw new ShapeError(`${this.label} with maskZero expects ids [batch, steps], got ${formatShape(shape)}.`);
      }
      const masked = this.maskZero ? new Frame(frame.input, frame.depth, { kind: "zeroId" }) : frame;
      return { shape: [...shape, this.outputDim], dtype: "float32", frame: masked };
    });
  }

  override get vocabulary(): number {
    return this.inputDim;
  }

  override checkIds(ids: Float32Array | Int32Array): Int32Array {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? 0;
      if (Number.isInteger(id) && id >= 0 && id < this.inputDim) continue;
      throw new OptionError(
        `${this.label} needs ids to be integers from 0 to ${this.inputDim - 1}, got ${describe(id)} at index ${i}.`,
      );
    }
    return Int32Array.from(ids);
  }

  run(core: Core, { rows, inputs, outputs }: Work): void {
    this.#gather(core, outputs[0] ?? 0, inputs[0] ?? 0, this.requireBlock().parameters, rows.N);
  }

  runBackward(core: Core, { rows, inputs: [ids = 0], dOutputs: [dy = 0] }: Work): void {
    this.#scatter(core, dy, ids, rows.N);
  }

  #gather(core: Core, y: number, ids: number, table: number, N: number): void {
    const D = this.outputDim;
    const row = core.kernels.rowStride(D);
    inRanges(core, "gatherRows", N, rowsOfFloats(D), (first, end) => {
      return [y + first * row * 4, row, table, row, ids + first * 4, end - first, D];
    });
  }

  /** Split by columns: every row of the gradient keeps the order of its sum. */
  #scatter(core: Core, dy: number, ids: number, N: number): void {
    const { gradients } = this.requireBlock();
    const row = core.kernels.rowStride(this.outputDim);
    inRanges(core, "scatterAddRows", this.outputDim, columnsOfFloats(N), (first, end) => {
      return [gradients + first * 4, row, dy + first * 4, row, ids, N, end - first];
    });
    this.markGradients();
  }

  protected override inputSizeOf(shape: readonly number[]): number | undefined {
    return shape.length === 2 ? shape[0] : undefined;
  }

  weightShapes(): Record<string, readonly number[]> {
    return { weight: [this.inputDim, this.outputDim] };
  }

  parameterFloats({ kernels }: Core): number {
    return this.inputDim * kernels.rowStride(this.outputDim);
  }

  protected initialWeights(core: Core): NamedTensors {
    const shape = [this.inputDim, this.outputDim];
    place(core.scratch, { weight: this.inputDim * this.outputDim });
    return { weight: tensor(uniform(new Random(this.seed).fork("weight"), shape, -0.05, 0.05), shape) };
  }

  protected writeWeights(core: Core, to: number, { weight }: Readonly<Record<string, Tensor>>): void {
    const { kernels } = core;
    const D = this.outputDim;
    const at = place(core.scratch, { weight: this.inputDim * D });
    if (weight !== undefined) write(core.memory, at.weight, weight.data);
    kernels.gatherRows(to, kernels.rowStride(D), at.weight, D, 0, this.inputDim, D);
  }

  protected readWeights(core: Core, from: number): NamedTensors {
    const { kernels } = core;
    const D = this.outputDim;
    const at = place(core.scratch, { weight: this.inputDim * D });
    kernels.gatherRows(at.weight, D, from, kernels.rowStride(D), 0, this.inputDim, D);
    return { weight: tensor(read(core.memory, at.weight, this.inputDim * D), [this.inputDim, D]) };
  }
}
