/** Area under the curve that a binary decision draws while its threshold falls. */
import { exp } from "../math/exp.ts";
import { log } from "../math/log.ts";
import { flag, integer, knownOptions, oneOf } from "../options.ts";
import { positives } from "./confusion.ts";
import { Metric, type MetricOptions, type MetricTarget, type RowsView, ratio } from "./metric.ts";

/** Options of AUC. */
export interface AUCOptions extends MetricOptions {
  /** "roc": hit rate over false alarm rate; "pr": precision over recall; default "roc". */
  readonly curve?: "roc" | "pr" | undefined;
  /** Predictions are logits, not probabilities; default false. */
  readonly fromLogits?: boolean | undefined;
  /** Points of the curve; default 200 as in Keras. */
  readonly thresholds?: number | undefined;
}

/**
 * Keras's AUC over all elements: thresholds at equal distances in [0, 1], the outermost just outside; trapezia under
 * the ROC curve, Davis and Goadrich's interpolation (2006) under the other.
 */
export class AUC extends Metric {
  readonly #curve: "roc" | "pr";
  readonly #fromLogits: boolean;
  readonly #thresholds: number;

  /** Throws OptionError. */
  constructor(options: AUCOptions = {}) {
    knownOptions("AUC", options, ["curve", "fromLogits", "thresholds", "name"]);
    const thresholds = integer("AUC", "thresholds", options.thresholds ?? 200, 2, 1000000);
    // The weights of negative, then of positive elements, by the number of thresholds below their prediction.
    super("auc", options.name, 2 * (thresholds + 1));
    this.#curve = oneOf("AUC", "curve", options.curve ?? "roc", ["roc", "pr"]);
    this.#fromLogits = flag("AUC", "fromLogits", options.fromLogits ?? false);
    this.#thresholds = thresholds;
  }

  override config(): Record<string, unknown> {
    const [curve, fromLogits, thresholds] = [this.#curve, this.#fromLogits, this.#thresholds];
    return { ...super.config(), curve, fromLogits, thresholds };
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const { data, stride, rows, features } = prediction;
    const positive = positives(this.name, prediction, target);
    for (let n = 0; n < rows; n++) {
      const weight = weights?.[n] ?? 1;
      if (weight === 0) continue;
      for (let f = 0; f < features; f++) {
        const index = this.#below(data[n * stride + f] ?? NaN) + (positive(n, f) ? this.#thresholds + 1 : 0);
        this.sums[index] = (this.sums[index] ?? 0) + weight;
      }
    }
  }

  override result(): number {
    const size = this.#thresholds + 1;
    const alarms = above(this.sums.subarray(0, size));
    const hits = above(this.sums.subarray(size));
    return this.#curve === "roc" ? areaOfROC(hits, alarms) : areaOfPR(hits, alarms);
  }

  /** Thresholds below a prediction: -epsilon, 1 / (T - 1), 2 / (T - 1) ... (T - 2) / (T - 1), 1 + epsilon. */
  #below(prediction: number): number {
    const y = this.#fromLogits ? 1 / (1 + exp(-prediction)) : prediction;
    if (!(y > -1e-7)) return 0;
    const last = this.#thresholds - 1;
    if (y > 1 + 1e-7) return this.#thresholds;
    return Math.min(last, Math.max(1, Math.ceil(y * last)));
  }
}

/** For each threshold, the sum of what lies above it. */
function above(counts: Float64Array): Float64Array {
  const sums = new Float64Array(counts.length - 1);
  let sum = 0;
  for (let t = sums.length - 1; t >= 0; t--) {
    sum += counts[t + 1] ?? 0;
    sums[t] = sum;
  }
  return sums;
}

function areaOfROC(hits: Float64Array, alarms: Float64Array): number {
  const [positives, negatives] = [hits[0] ?? 0, alarms[0] ?? 0];
  let area = 0;
  for (let t = 0; t + 1 < hits.length; t++) {
    const width = ratio((alarms[t] ?? 0) - (alarms[t + 1] ?? 0), negatives);
    area += (width * ratio((hits[t] ?? 0) + (hits[t + 1] ?? 0), positives)) / 2;
  }
  return area;
}

/** Between two thresholds hits h grow in proportion to all p that are predicted, h = h1 + s (p - p1). */
function areaOfPR(hits: Float64Array, alarms: Float64Array): number {
  let area = 0;
  for (let t = 0; t + 1 < hits.length; t++) {
    const [h0 = 0, h1 = 0] = hits.subarray(t, t + 2);
    const [p0, p1] = [h0 + (alarms[t] ?? 0), h1 + (alarms[t + 1] ?? 0)];
    const slope = ratio(h0 - h1, p0 - p1);
    const offset = h1 - slope * p1;
    area += slope * (h0 - h1 + offset * (p0 > 0 && p1 > 0 ? log(p0 / p1) : 0));
  }
  return ratio(area, hits[0]);
}
