/** A metric that is a user's function of a batch. */
import { ShapeError, UnsupportedError } from "../errors.ts";
import { describe } from "../options.ts";
import type { Tensor } from "../shape.ts";
import { isLabels, MeanMetric, type MetricTarget, type RowsView } from "./metric.ts";

/** A number for a batch, from copies of its rows [N, F] and of targets like them, or of labels [N]. */
export type MetricFunction = (prediction: Tensor<Float32Array>, target: Tensor) => number;

/**
 * The mean of a function over batches, each counted by the weights of its rows. The function sees the rows that have
 * a weight, not the weights.
 */
export class CustomMetric extends MeanMetric {
  readonly #function: MetricFunction;

  constructor(metric: MetricFunction) {
    super(metric.name || "customMetric", undefined);
    this.#function = metric;
  }

  override config(): Record<string, unknown> {
    throw new UnsupportedError(
      `The metric ${describe(this.name)} is a function, which cannot be saved: give it again when the model is compiled.`,
    );
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const kept: number[] = [];
    let count = 0;
    for (let n = 0; n < prediction.rows; n++) {
      const weight = weights?.[n] ?? 1;
      if (weight === 0) continue;
      kept.push(n);
      count += weight;
    }
    if (kept.length === 0) return;
    const wanted = isLabels(target)
      ? { data: Int32Array.from(kept, (n) => target[n] ?? 0), shape: [kept.length] }
      : copyOf(target, kept);
    const value: unknown = this.#function(copyOf(prediction, kept), wanted);
    if (typeof value !== "number") {
      throw new ShapeError(`The metric ${describe(this.name)} must return a number, got ${describe(value)}.`);
    }
    this.addMean(value, count);
  }
}

function copyOf({ data, stride, features }: RowsView, rows: readonly number[]): Tensor<Float32Array> {
  const copy = new Float32Array(rows.length * features);
  for (const [index, n] of rows.entries()) copy.set(data.subarray(n * stride, n * stride + features), index * features);
  return { data: copy, shape: [rows.length, features] };
}
