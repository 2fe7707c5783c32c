/** What all losses share: the call on rows in the core's memory, checks of targets, and the form for use alone. */
import { type Core, requireCore } from "../core/context.ts";
import { place, write } from "../core/plan.ts";
import { OptionError, ShapeError } from "../errors.ts";
import { packRows, singleStep, unpackRows } from "../layers/edge.ts";
import { describe } from "../options.ts";
import { formatShape, sameShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";

/** Operands of one loss in the core's memory; addresses in bytes. */
export interface LossCall {
  /** rows [N, F], overwritten with the gradient; 0: only the value is wanted. */
  readonly dY: number;
  /** rows [N, F] of predictions, rowStride(F) floats from row to row. */
  readonly y: number;
  /** rows [N, F], or i32[N] where `targets` is "labels". */
  readonly target: number;
  /** f32[N], the weight of each row, or 0 for all 1. Rows of weight 0 are not looked at. */
  readonly weights: number;
  /** What `constants(F)` gave, or 0 where it gave nothing. */
  readonly constants: number;
  /** Room for f64[N]. */
  readonly values: number;
  readonly N: number;
  readonly F: number;
  /** The value is the sum of weight * loss of the rows, divided by this; 0 only where no row counts, the value is 0 then. */
  readonly divisor: number;
  /** The gradient is that of the value times this. */
  readonly scale: number;
}

/** The value of a loss and its gradient with respect to the prediction. */
export interface LossValue {
  readonly value: number;
  readonly gradient: Tensor<Float32Array>;
}

/** Options of `compute`. */
export interface LossComputeOptions {
  /** A weight for each row, in the prediction's shape without its last axis, or without its last few. */
  readonly sampleWeight?: TensorLike | undefined;
}

/** A loss: value and gradient in one pass. One value may serve many models, since it keeps nothing. */
export abstract class Loss {
  /** The name of Keras's loss in camelCase. */
  abstract readonly name: string;
  /** What a target is: a row of numbers like the prediction, or the index of a class. */
  readonly targets: "values" | "labels" = "values";
  /** Whether predictions are logits, not probabilities. */
  readonly fromLogits: boolean = false;
  /** Whether `run` takes weights other than 0. */
  readonly takesWeights: boolean = true;

  /** Options that make an equal loss, plain JSON values. */
  abstract config(): Record<string, unknown>;

  /** The value, and the gradient into `call.dY`. */
  abstract run(core: Core, call: LossCall): number;

  /**
   * What `run` needs in the core's memory beside its operands: one row of `features` floats, which the caller places
   * once and hands over in every call. Throws OptionError where an option does not fit that width.
   */
  constants(_features: number): Float32Array | undefined {
    return undefined;
  }

  /**
   * Checks labels of `classes` classes, before a kernel sees them, and returns the divisor: the number of rows, or what
   * they count together. An ignored label becomes 0 with weight 0. Throws OptionError; nothing has changed then.
   */
  prepareLabels(labels: Int32Array, classes: number, weights: Float32Array): number {
    requireLabels(this.name, labels, classes);
    return weights.length;
  }

  /**
   * Value and gradient from [..., F] and a target of the same shape, or labels [...] where `targets` says so. Throws
   * ShapeError for shapes that do not fit, OptionError for a label that is no class.
   *
   * ```ts
   * const { value, gradient } = new Huber({ delta: 0.5 }).compute(prediction, target);
   * ```
   */
  compute(prediction: TensorLike, target: TensorLike, options: LossComputeOptions = {}): LossValue {
    const core = requireCore();
    const [y, wanted] = [toTensor(prediction), toTensor(target)];
    const isLabels = this.targets === "labels";
    requireShapes(this.name, y.shape, wanted.shape, isLabels);
    const F = y.shape.at(-1) ?? 1;
    const N = y.data.length / F;
    const weights = rowWeights(this.name, y.shape, options.sampleWeight);
    const labels = isLabels ? labelsOf(this.name, wanted, F) : undefined;
    const divisor = labels === undefined ? N : this.prepareLabels(labels, F, weights);
    const constants = this.constants(F);
    const rows = N * core.kernels.rowStride(F);
    const at = place(core.scratch, {
      dY: rows,
      y: rows,
      target: labels === undefined ? rows : N,
      weights: N,
      constants: constants?.length ?? 0,
      values: 2 * N,
      staging: N * F,
    });
    packRows(core, at.y, y.data, at.staging, singleStep(N), F);
    if (labels === undefined) packRows(core, at.target, wanted.data, at.staging, singleStep(N), F);
    else core.memory.i32(at.target, N).set(labels);
    write(core.memory, at.weights, weights);
    if (constants !== undefined) write(core.memory, at.constants, constants);
    const value = this.run(core, {
      ...at,
      weights: weights.every((weight) => weight === 1) ? 0 : at.weights,
      constants: constants === undefined ? 0 : at.constants,
      ...{ N, F, divisor, scale: 1 },
    });
    return { value, gradient: { data: unpackRows(core, at.dY, at.staging, singleStep(N), F), shape: y.shape } };
  }
}

/** Labels as a copy in int32; throws OptionError for one that is no integer from 0 to classes - 1 or `ignored`. */
export function labelsOf(owner: string, { data }: Tensor, classes: number): Int32Array {
  const labels = Int32Array.from(data);
  const index = labels.findIndex((label, n) => label !== data[n]);
  return index < 0 ? labels : refuseLabel(owner, classes, data[index], index);
}

/** A label outside the classes would read, and write, another layer's memory. */
export function requireLabels(owner: string, labels: Int32Array, classes: number, ignored?: number): void {
  const index = labels.findIndex((label) => label !== ignored && !(label >= 0 && label < classes));
  if (index >= 0) refuseLabel(owner, classes, labels[index], index);
}

function refuseLabel(owner: string, classes: number, label: unknown, index: number): never {
  throw new OptionError(
    `${owner} needs labels to be integers from 0 to ${classes - 1}, got ${describe(label)} at index ${index}.`,
  );
}

function requireShapes(owner: string, y: readonly number[], target: readonly number[], isLabels: boolean): void {
  const isEmpty = y.includes(0);
  if (isLabels) {
    if (!isEmpty && y.length > 1 && sameShape(y.slice(0, -1), target)) return;
    throw new ShapeError(
      `${owner} expects predictions [..., classes] and labels [...], got ${formatShape(y)} and ${formatShape(target)}.`,
    );
  }
  if (isEmpty) throw new ShapeError(`${owner} expects at least one element, got ${formatShape(y)}.`);
  if (sameShape(y, target)) return;
  throw new ShapeError(
    `${owner} expects a target of the prediction's shape ${formatShape(y)}, got ${formatShape(target)}.`,
  );
}

/** One weight for each row of predictions; those of whole sequences are repeated for their steps. */
function rowWeights(owner: string, shape: readonly number[], given: TensorLike | undefined): Float32Array {
  const leading = shape.slice(0, -1);
  const N = leading.reduce((product, size) => product * size, 1);
  if (given === undefined) return new Float32Array(N).fill(1);
  const weights = toTensor(given);
  if (weights.shape.length > leading.length || !sameShape(weights.shape, leading.slice(0, weights.shape.length))) {
    throw new ShapeError(
      `${owner} expects sampleWeight of shape ${formatShape(leading)}, a weight for each row of ${formatShape(shape)}, got ${formatShape(weights.shape)}.`,
    );
  }
  const index = weights.data.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (index >= 0) {
    throw new OptionError(
      `${owner} needs sampleWeight to be finite numbers of at least 0, got ${describe(weights.data[index])} at index ${index}.`,
    );
  }
  const repeat = N / weights.data.length;
  return Float32Array.from({ length: N }, (_, n) => weights.data[Math.floor(n / repeat)] ?? 0);
}
