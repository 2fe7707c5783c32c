/** Losses for use alone, on arrays, and their checks of targets. */
import { requireCore } from "../core/context.ts";
import { place, write } from "../core/plan.ts";
import { OptionError, ShapeError } from "../errors.ts";
import { packRows, singleStep, unpackRows } from "../layers/edge.ts";
import { describe } from "../options.ts";
import { formatShape, sameShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";
import { RowLoss } from "./row-loss.ts";

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

/** A loss that can be used alone, too. */
export abstract class Loss extends RowLoss {
  override prepareLabels(labels: Int32Array, classes: number, weights: Float32Array): number {
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
    return computeLoss(this, prediction, target, options);
  }
}

/** What `compute` of a loss gives. */
export function computeLoss(
  loss: RowLoss,
  prediction: TensorLike,
  target: TensorLike,
  options: LossComputeOptions,
): LossValue {
  const core = requireCore();
  const [y, wanted] = [toTensor(prediction), toTensor(target)];
  const isLabels = loss.targets === "labels";
  requireShapes(loss.name, y.shape, wanted.shape, isLabels);
  const F = y.shape.at(-1) ?? 1;
  const N = y.data.length / F;
  const weights = rowWeights(loss.name, y.shape, options.sampleWeight);
  const labels = isLabels ? labelsOf(loss.name, wanted, F) : undefined;
  const divisor = labels === undefined ? N : loss.prepareLabels(labels, F, weights);
  const constants = loss.constants(F);
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
  const value = loss.run(core, {
    ...at,
    weights: weights.every((weight) => weight === 1) ? 0 : at.weights,
    constants: constants === undefined ? 0 : at.constants,
    ...{ N, F, divisor, scale: 1 },
  });
  return { value, gradient: { data: unpackRows(core, at.dY, at.staging, singleStep(N), F), shape: y.shape } };
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
