/** Layers on their own that map each row by itself, [..., I] to [..., O]: their `forward` and `backward`. */
import type { Core } from "../core/context.ts";
import { type Addresses, place } from "../core/plan.ts";
import { ShapeError } from "../errors.ts";
import { flag, knownOptions } from "../options.ts";
import { formatShape, type Tensor, tensor } from "../shape.ts";
import { packRows, singleStep, unpackRows } from "./edge.ts";
import type { Signature } from "./graph.ts";
import { Kept } from "./kept.ts";
import type { Layer } from "./layer.ts";
import { denseRows } from "./rows.ts";
import { type Extent, NO_KEY, type Work } from "./work.ts";

/** Options of `forward`. */
export interface RowWiseForwardOptions {
  /** Keep what `backward` needs; by default false. */
  readonly training?: boolean | undefined;
}

/** What a row-wise layer adds to `Layer`. */
export interface RowWise extends Layer {
  /** Features of the output for those of the input. @internal */
  outputSize(inputSize: number): number;
  /** Those of `WeightedLayer`. @internal */
  prepare?(inputSize: number, makeRoom: () => void): void;
}

interface ForwardCall {
  readonly shape: readonly number[];
  readonly work: Work;
}

type Slot = "x" | "y" | "cache" | "scratch" | "staging";

/** `forward` and `backward` of one layer. */
export class RowWiseCalls {
  readonly #layer: RowWise;
  readonly #kept: Kept<ForwardCall>;

  constructor(layer: RowWise) {
    this.#layer = layer;
    this.#kept = new Kept(layer);
  }

  forward(input: Tensor, options: RowWiseForwardOptions): Tensor<Float32Array> {
    const layer = this.#layer;
    knownOptions(`${layer.label}.forward`, options, ["training"]);
    const core = layer.requireUsable();
    const training = flag(`${layer.label}.forward`, "training", options.training ?? false);
    const I = input.shape.at(-1) ?? 0;
    const O = layer.outputSize(I);
    const extent: Extent = { rows: denseRows(1, input.data.length / I), widths: [I] };
    const plan = singleStep(extent.rows.N);
    layer.prepare?.(I, () => void this.#place(core, extent, O, training));
    const at = this.#place(core, extent, O, training);
    packRows(core, at.x, input.data, at.staging, plan, I);
    const key = training && layer.isNoisy ? layer.nextKey() : NO_KEY;
    const { cache, scratch } = at;
    const parts = { states: [], cache, scratch, training, key, dOutputs: [], dInputs: [] };
    const work: Work = { ...extent, ...parts, inputs: [at.x], outputs: [at.y] };
    layer.run(core, work);
    if (training) this.#kept.keep({ shape: input.shape, work });
    return tensor(unpackRows(core, at.y, at.staging, plan, O), [...input.shape.slice(0, -1), O]);
  }

  /** `read` gives the gradient, checked against the shape of the output. */
  backward(read: (shape: readonly number[]) => Tensor): { readonly input: Tensor<Float32Array> } {
    const layer = this.#layer;
    const core = layer.requireUsable();
    const { shape, work } = this.#kept.require();
    const I = shape.at(-1) ?? 0;
    const O = layer.outputSize(I);
    const { N } = work.rows;
    const dy = read([...shape.slice(0, -1), O]);
    const to = place(core.scratch, {
      dx: N * core.kernels.rowStride(I),
      dy: N * core.kernels.rowStride(O),
      scratch: layer.scratchFloats(core, work, true),
      staging: N * Math.max(I, O),
    });
    packRows(core, to.dy, dy.data, to.staging, singleStep(N), O);
    this.#kept.clear();
    layer.runBackward(core, { ...work, scratch: to.scratch, dOutputs: [to.dy], dInputs: [to.dx] });
    return { input: tensor(unpackRows(core, to.dx, to.staging, singleStep(N), I), shape) };
  }

  #place(core: Core, extent: Extent, O: number, training: boolean): Addresses<Slot> {
    const { kernels, scratch } = core;
    const layer = this.#layer;
    const { rows, widths } = extent;
    const [N, I] = [rows.N, widths[0] ?? 0];
    const kept = {
      x: N * kernels.rowStride(I),
      y: N * kernels.rowStride(O),
      cache: layer.cacheFloats(core, extent, training),
    };
    const shared = { scratch: layer.scratchFloats(core, extent, training), staging: N * Math.max(I, O) };
    if (!training) return place(scratch, { ...kept, ...shared });
    const once = place(scratch, shared);
    return { ...this.#kept.place(kept), ...once };
  }
}

/** The features of a symbolic input of numbers; throws ShapeError for token ids. */
export function featuresOf(layer: Layer, { shape, dtype }: Signature): number {
  const features = shape.at(-1);
  if (dtype === "float32" && shape.length >= 2 && typeof features === "number") return features;
  const got = dtype === "int32" ? `token ids ${formatShape(shape)}: put an Embedding before it` : formatShape(shape);
  throw new ShapeError(`${layer.label} expects numbers [..., features], got ${got}.`);
}

/** Throws ShapeError unless x is [..., features] with at least one element. */
export function requireRows(layer: Layer, { shape, data }: Tensor, features: number | undefined): void {
  const I = shape.at(-1) ?? 0;
  if (shape.length >= 2 && data.length > 0 && (features ?? I) === I) return;
  const expected = formatShape(["...", features ?? "features"]);
  throw new ShapeError(`${layer.label} expects ${expected}, got ${formatShape(shape)}.`);
}
