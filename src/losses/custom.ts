/** A loss that is a user's function. */
import type { Core } from "../core/context.ts";
import { ShapeError, StateError, UnsupportedError } from "../errors.ts";
import { describe } from "../options.ts";
import { formatShape, sameShape, type Tensor } from "../shape.ts";
import { Loss, type LossValue } from "./loss.ts";
import type { LossCall } from "./row-loss.ts";

/**
 * Value and gradient with respect to the prediction, from copies of rows [N, F], which are a model's in no certain order.
 * The value must be a mean over the rows.
 */
export type LossFunction = (prediction: Tensor<Float32Array>, target: Tensor<Float32Array>) => LossValue;

/** Runs a function on copies of the rows. It takes no weights, since they would have to act inside of the function. */
export class CustomLoss extends Loss {
  override readonly name: string;
  override readonly takesWeights = false;
  readonly #function: LossFunction;

  constructor(loss: LossFunction) {
    super();
    this.name = loss.name || "customLoss";
    this.#function = loss;
  }

  override config(): Record<string, unknown> {
    throw new UnsupportedError(
      `The loss ${describe(this.name)} is a function, which cannot be saved: give it again when the model is compiled.`,
    );
  }

  override run(core: Core, { dY, y, target, weights, N, F, divisor, scale }: LossCall): number {
    const what = `The loss ${describe(this.name)} is a function, which`;
    if (weights !== 0) throw new StateError(`${what} takes no weights: leave them out.`);
    const result: Partial<LossValue> | undefined = this.#function(copyOf(core, y, N, F), copyOf(core, target, N, F));
    const { value, gradient } = result ?? {};
    if (typeof value !== "number") {
      throw new ShapeError(`${what} must return { value, gradient } with a number as value, got ${describe(value)}.`);
    }
    if (!sameShape(gradient?.shape ?? [], [N, F]) || gradient?.data.length !== N * F) {
      const got = gradient?.shape === undefined ? "none" : formatShape(gradient.shape);
      throw new ShapeError(`${what} must return a gradient of shape ${formatShape([N, F])}, got ${got}.`);
    }
    const rows = N / (divisor || 1);
    if (dY !== 0) writeRows(core, dY, gradient.data, N, F, rows * scale);
    return value * rows;
  }
}

function copyOf(core: Core, address: number, N: number, F: number): Tensor<Float32Array> {
  const stride = core.kernels.rowStride(F);
  const rows = core.memory.f32(address, N * stride);
  const data = new Float32Array(N * F);
  for (let n = 0; n < N; n++) data.set(rows.subarray(n * stride, n * stride + F), n * F);
  return { data, shape: [N, F] };
}

function writeRows(core: Core, address: number, values: Float32Array, N: number, F: number, factor: number): void {
  const stride = core.kernels.rowStride(F);
  const rows = core.memory.f32(address, N * stride);
  for (let n = 0; n < N; n++) {
    rows.fill(0, n * stride, n * stride + Math.ceil(F / 4) * 4);
    for (let f = 0; f < F; f++) rows[n * stride + f] = (values[n * F + f] ?? 0) * factor;
  }
}
