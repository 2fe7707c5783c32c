/** Softmax cross-entropy with class indices. */
import { requireCore } from "../core/context.ts";
import { place } from "../core/plan.ts";
import { OptionError, ShapeError } from "../errors.ts";
import { packRows, singleStep, unpackRows } from "../layers/edge.ts";
import { describe } from "../options.ts";
import { formatShape, sameShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";
import type { Loss } from "./mean-squared-error.ts";

/**
 * L = mean over all rows of -log softmax(logits)[label], from logits [..., V] and labels [...], integers from 0 to
 * V - 1. Throws ShapeError for shapes that do not fit, OptionError for a label that is no class.
 *
 * ```ts
 * const { value, gradient } = sparseCategoricalCrossentropy(logits, labels); // [32, 65], [32]
 * ```
 */
export function sparseCategoricalCrossentropy(logits: TensorLike, labels: TensorLike): Loss {
  const core = requireCore();
  const [scores, classes] = [toTensor(logits), toTensor(labels)];
  const V = scores.shape.at(-1) ?? 0;
  const leading = scores.shape.slice(0, -1);
  if (scores.data.length === 0 || leading.length === 0 || !sameShape(leading, classes.shape)) {
    throw new ShapeError(
      `sparseCategoricalCrossentropy expects logits [..., classes] and labels [...], got ${formatShape(scores.shape)} and ${formatShape(classes.shape)}.`,
    );
  }
  requireLabels(classes, V);
  const N = classes.data.length;
  const rows = N * core.kernels.rowStride(V);
  const at = place(core.scratch, { dLogits: rows, logits: rows, labels: N, staging: N * V });
  packRows(core, at.logits, scores.data, at.staging, singleStep(N), V);
  core.memory.i32(at.labels, N).set(classes.data);
  const value = core.kernels.softmaxCrossEntropy(at.dLogits, at.logits, at.labels, N, V);
  return { value, gradient: { data: unpackRows(core, at.dLogits, at.staging, singleStep(N), V), shape: scores.shape } };
}

/** A label outside the classes would read, and write, another layer's memory. */
function requireLabels({ data }: Tensor, V: number): void {
  for (const [index, label] of data.entries()) {
    if (Number.isInteger(label) && label >= 0 && label < V) continue;
    throw new OptionError(
      `sparseCategoricalCrossentropy needs labels to be integers from 0 to ${V - 1}, got ${describe(label)} at index ${index}.`,
    );
  }
}
