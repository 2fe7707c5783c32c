/** Perplexity: how many classes a prediction hesitates between, on average. */
import { exp } from "../math/exp.ts";
import { log } from "../math/log.ts";
import { flag, knownOptions } from "../options.ts";
import {
  isLabels,
  labelsFor,
  MeanMetric,
  type MetricOptions,
  type MetricTarget,
  type RowsView,
  valuesFor,
} from "./metric.ts";

/** Options of Perplexity. */
export interface PerplexityOptions extends MetricOptions {
  /** Predictions are logits, not probabilities; default false. */
  readonly fromLogits?: boolean | undefined;
}

const EPSILON = 1e-7;

/**
 * exp of the mean over rows of -sum t log p, from labels or from rows t of shares. p = softmax(prediction) from logits,
 * else the prediction divided by its row's sum, then clipped to [1e-7, 1 - 1e-7], as in the losses.
 */
export class Perplexity extends MeanMetric {
  readonly #fromLogits: boolean;

  /** Throws OptionError. */
  constructor(options: PerplexityOptions = {}) {
    knownOptions("Perplexity", options, ["fromLogits", "name"]);
    super("perplexity", options.name);
    this.#fromLogits = flag("Perplexity", "fromLogits", options.fromLogits ?? false);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), fromLogits: this.#fromLogits };
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const { rows, features } = prediction;
    if (isLabels(target)) {
      const labels = labelsFor(this.name, prediction, target);
      this.add(rows, weights, (n) => this.#surprises(prediction, n)(labels[n] ?? -1));
      return;
    }
    const wanted = valuesFor(this.name, prediction, target);
    this.add(rows, weights, (n) => {
      const surprise = this.#surprises(prediction, n);
      let sum = 0;
      for (let f = 0; f < features; f++) {
        const share = wanted.data[n * wanted.stride + f] ?? NaN;
        if (share !== 0) sum += share * surprise(f);
      }
      return sum;
    });
  }

  override result(): number {
    return this.sums[1] === 0 ? 0 : exp(super.result());
  }

  /** -log p of the classes of row n. */
  #surprises({ data, stride, features }: RowsView, n: number): (label: number) => number {
    const row = data.subarray(n * stride, n * stride + features);
    if (!this.#fromLogits) {
      const total = row.reduce((sum, value) => sum + value, 0);
      return (label) => -log(Math.min(Math.max((row[label] ?? NaN) / total, EPSILON), 1 - EPSILON));
    }
    const highest = row.reduce((most, value) => Math.max(most, value), -Infinity);
    const logTotal = log(row.reduce((sum, value) => sum + exp(value - highest), 0));
    return (label) => logTotal - ((row[label] ?? NaN) - highest);
  }
}
