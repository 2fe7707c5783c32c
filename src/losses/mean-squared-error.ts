/** Mean squared error. */
import { requireCore } from "../core/context.ts";
import { place } from "../core/plan.ts";
import { ShapeError } from "../errors.ts";
import { packRows, singleStep, unpackRows } from "../layers/edge.ts";
import { formatShape, sameShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";

/** The value of a loss and its gradient with respect to the prediction. */
export interface Loss {
  readonly value: number;
  readonly gradient: Tensor<Float32Array>;
}

/**
 * L = sum (prediction - target)^2 / n over all n elements. Throws ShapeError unless both have the same shape with at
 * least one element.
 *
 * ```ts
 * const { value, gradient } = meanSquaredError(dense.forward(hidden, { training: true }), target);
 * dense.backward(gradient);
 * ```
 */
export function meanSquaredError(prediction: TensorLike, target: TensorLike): Loss {
  const core = requireCore();
  const [y, wanted] = [toTensor(prediction), toTensor(target)];
  if (y.data.length === 0) {
    throw new ShapeError(`meanSquaredError expects at least one element, got ${formatShape(y.shape)}.`);
  }
  if (!sameShape(y.shape, wanted.shape)) {
    throw new ShapeError(
      `meanSquaredError expects a target of the prediction's shape ${formatShape(y.shape)}, got ${formatShape(wanted.shape)}.`,
    );
  }
  const F = y.shape.at(-1) ?? 1;
  const N = y.data.length / F;
  const rows = N * core.kernels.rowStride(F);
  const at = place(core.scratch, { dy: rows, y: rows, target: rows, staging: N * F });
  packRows(core, at.y, y.data, at.staging, singleStep(N), F);
  packRows(core, at.target, wanted.data, at.staging, singleStep(N), F);
  const value = core.kernels.meanSquaredError(at.dy, at.y, at.target, N, F);
  return { value, gradient: { data: unpackRows(core, at.dy, at.staging, singleStep(N), F), shape: y.shape } };
}
