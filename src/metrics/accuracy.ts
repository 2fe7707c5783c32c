/** Shares of predictions that are right. One that is NaN is wrong. */
import { finiteNumber, knownOptions, positiveInteger } from "../options.ts";
import { labelsFor, MeanMetric, type MetricOptions, type MetricTarget, type RowsView, valuesFor } from "./metric.ts";

/** Options of BinaryAccuracy. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Predictions above it are 1, the others 0; default 0.5, for logits take 0. */
  readonly threshold?: number | undefined;
}

/** Options of the top-k accuracies. */
export interface TopKOptions extends MetricOptions {
  /** Default 5. */
  readonly k?: number | undefined;
}

/** Share of all elements whose target, 0 or 1, is the prediction's side of the threshold. */
export class BinaryAccuracy extends MeanMetric {
  readonly #threshold: number;

  /** Throws OptionError. */
  constructor(options: BinaryAccuracyOptions = {}) {
    knownOptions("BinaryAccuracy", options, ["threshold", "name"]);
    super("binaryAccuracy", options.name);
    this.#threshold = finiteNumber("BinaryAccuracy", "threshold", options.threshold ?? 0.5);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), threshold: this.#threshold };
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const wanted = valuesFor(this.name, prediction, target);
    const { rows, features } = prediction;
    this.add(rows, weights, (n) => {
      let right = 0;
      for (let f = 0; f < features; f++) {
        const y = prediction.data[n * prediction.stride + f] ?? NaN;
        const side = y > this.#threshold ? 1 : 0;
        if (!Number.isNaN(y) && side === wanted.data[n * wanted.stride + f]) right++;
      }
      return right / features;
    });
  }
}

/** Share of rows whose largest prediction stands where the largest target does; of equal ones the first counts. */
export class CategoricalAccuracy extends MeanMetric {
  /** Throws OptionError. */
  constructor(options: MetricOptions = {}) {
    knownOptions("CategoricalAccuracy", options, ["name"]);
    super("categoricalAccuracy", options.name);
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const wanted = valuesFor(this.name, prediction, target);
    this.add(prediction.rows, weights, (n) => {
      const largest = largestIn(prediction, n);
      return largest >= 0 && largest === largestIn(wanted, n) ? 1 : 0;
    });
  }
}

/** Share of rows whose largest prediction stands at the label. */
export class SparseCategoricalAccuracy extends MeanMetric {
  /** Throws OptionError. */
  constructor(options: MetricOptions = {}) {
    knownOptions("SparseCategoricalAccuracy", options, ["name"]);
    super("sparseCategoricalAccuracy", options.name);
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const labels = labelsFor(this.name, prediction, target);
    this.add(prediction.rows, weights, (n) => (largestIn(prediction, n) === labels[n] ? 1 : 0));
  }
}

abstract class TopK extends MeanMetric {
  readonly #k: number;

  constructor(kind: string, owner: string, options: TopKOptions) {
    knownOptions(owner, options, ["k", "name"]);
    super(kind, options.name);
    this.#k = positiveInteger(owner, "k", options.k ?? 5);
  }

  override config(): Record<string, unknown> {
    return { ...super.config(), k: this.#k };
  }

  /** 1 if fewer than k predictions of row n are larger than that of the class, so that equal ones share a place. */
  protected isAmong({ data, stride, features }: RowsView, n: number, label: number | undefined): number {
    const own = data[n * stride + (label ?? -1)] ?? NaN;
    if (label === undefined || label < 0 || !Number.isFinite(own)) return 0;
    let larger = 0;
    for (let f = 0; f < features; f++) if (!((data[n * stride + f] ?? NaN) <= own)) larger++;
    return larger < this.#k ? 1 : 0;
  }
}

/** Share of rows where the class with the largest target is among the k largest predictions. */
export class TopKCategoricalAccuracy extends TopK {
  /** Throws OptionError. */
  constructor(options: TopKOptions = {}) {
    super("topKCategoricalAccuracy", "TopKCategoricalAccuracy", options);
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const wanted = valuesFor(this.name, prediction, target);
    this.add(prediction.rows, weights, (n) => this.isAmong(prediction, n, largestIn(wanted, n)));
  }
}

/** Share of rows where the label is among the k largest predictions. */
export class SparseTopKCategoricalAccuracy extends TopK {
  /** Throws OptionError. */
  constructor(options: TopKOptions = {}) {
    super("sparseTopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", options);
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const labels = labelsFor(this.name, prediction, target);
    this.add(prediction.rows, weights, (n) => this.isAmong(prediction, n, labels[n]));
  }
}

/** The feature of row n with the largest value, the first of equal ones; -1 if one is NaN. */
export function largestIn({ data, stride, features }: RowsView, n: number): number {
  let best = 0;
  let most = -Infinity;
  for (let f = 0; f < features; f++) {
    const value = data[n * stride + f] ?? NaN;
    if (Number.isNaN(value)) return -1;
    if (value > most) [best, most] = [f, value];
  }
  return best;
}
