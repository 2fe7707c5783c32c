/** Metrics of decisions: what was found of what is there. */
import { ShapeError } from "../errors.ts";
import { finiteNumber, integer, knownOptions, oneOf, refuse } from "../options.ts";
import { largestIn } from "./accuracy.ts";
import {
  isLabels,
  labelsFor,
  Metric,
  type MetricOptions,
  type MetricTarget,
  type RowsView,
  ratio,
  valuesFor,
} from "./metric.ts";

/** Options of Precision, Recall and F1Score. */
export interface DecisionOptions extends MetricOptions {
  /** Predictions above it are positive: 0.5 by default, for logits take 0. Not given, `classId` and "macro" decide for the largest of a row. */
  readonly threshold?: number | undefined;
  /** Only this class against the rest; default all. */
  readonly classId?: number | undefined;
  /** "micro" counts the decisions of all classes together, "macro" is the mean over classes; default "micro". */
  readonly average?: "micro" | "macro" | undefined;
}

/** The decisions of one class: right and wrong ones for it, and those that missed it. */
interface Counts {
  readonly hits: number;
  readonly alarms: number;
  readonly misses: number;
}

abstract class DecisionMetric extends Metric {
  readonly #threshold: number | undefined;
  readonly #classId: number | undefined;
  readonly #average: "micro" | "macro";

  constructor(kind: string, owner: string, options: DecisionOptions) {
    knownOptions(owner, options, ["threshold", "classId", "average", "name"]);
    const { threshold, classId, average } = options;
    super(kind, options.name, average === "macro" ? 0 : 3);
    this.#threshold = threshold === undefined ? undefined : finiteNumber(owner, "threshold", threshold);
    this.#classId = classId === undefined ? undefined : integer(owner, "classId", classId, 0);
    this.#average = oneOf(owner, "average", average ?? "micro", ["micro", "macro"]);
    if (classId !== undefined && average === "macro") refuse(owner, "average", '"micro" with a classId', average);
  }

  protected abstract score(counts: Counts): number;

  override config(): Record<string, unknown> {
    return {
      ...super.config(),
      ...(this.#threshold === undefined ? {} : { threshold: this.#threshold }),
      ...(this.#classId === undefined ? {} : { classId: this.#classId }),
      average: this.#average,
    };
  }

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const { rows, features } = prediction;
    const positive = positives(this.name, prediction, target);
    const predicted = this.#decisions(prediction, isLabels(target));
    const isMacro = this.#average === "macro";
    if (isMacro && this.sums.length === 0) this.sums = new Float64Array(3 * features);
    const [first, last] = this.#classes(features);
    for (let n = 0; n < rows; n++) {
      const weight = weights?.[n] ?? 1;
      if (weight === 0) continue;
      const decides = predicted(n);
      for (let f = first; f < last; f++) {
        const [found, there] = [decides(f), positive(n, f)];
        if (found || there) this.#count(isMacro ? 3 * f : 0, found, there, weight);
      }
    }
  }

  override result(): number {
    let sum = 0;
    for (let at = 0; at < this.sums.length; at += 3) {
      const [hits = 0, alarms = 0, misses = 0] = this.sums.subarray(at, at + 3);
      sum += this.score({ hits, alarms, misses });
    }
    return ratio(sum, this.sums.length / 3);
  }

  #count(at: number, found: boolean, there: boolean, weight: number): void {
    const index = at + (found && there ? 0 : found ? 1 : 2);
    this.sums[index] = (this.sums[index] ?? 0) + weight;
  }

  /** The first class that counts and the one after the last. */
  #classes(features: number): readonly [number, number] {
    const id = this.#classId;
    if (id !== undefined && id >= features) {
      throw new ShapeError(`${this.name} has classId ${id}, but predictions have only ${features} classes.`);
    }
    if (this.#average === "macro" && this.sums.length !== 3 * features) {
      throw new ShapeError(`${this.name} has seen ${this.sums.length / 3} classes, now predictions have ${features}.`);
    }
    return id === undefined ? [0, features] : [id, id + 1];
  }

  /** For a row, the function that tells whether a class is predicted. */
  #decisions(prediction: RowsView, isSparse: boolean): (n: number) => (f: number) => boolean {
    const { data, stride } = prediction;
    const single = isSparse || this.#classId !== undefined || this.#average === "macro";
    if (this.#threshold === undefined && single) {
      return (n) => {
        const largest = largestIn(prediction, n);
        return (f) => f === largest;
      };
    }
    const threshold = this.#threshold ?? 0.5;
    return (n) => (f) => (data[n * stride + f] ?? NaN) > threshold;
  }
}

/** Whether a row is of a class: the label, or a target above 0.5. */
export function positives(
  owner: string,
  prediction: RowsView,
  target: MetricTarget,
): (n: number, f: number) => boolean {
  if (isLabels(target)) {
    const labels = labelsFor(owner, prediction, target);
    return (n, f) => labels[n] === f;
  }
  const { data, stride } = valuesFor(owner, prediction, target);
  return (n, f) => (data[n * stride + f] ?? 0) > 0.5;
}

/** Share of what was predicted positive that is: hits / (hits + false alarms). */
export class Precision extends DecisionMetric {
  /** Throws OptionError. */
  constructor(options: DecisionOptions = {}) {
    super("precision", "Precision", options);
  }

  protected override score({ hits, alarms }: Counts): number {
    return ratio(hits, hits + alarms);
  }
}

/** Share of what is positive that was predicted: hits / (hits + misses). */
export class Recall extends DecisionMetric {
  /** Throws OptionError. */
  constructor(options: DecisionOptions = {}) {
    super("recall", "Recall", options);
  }

  protected override score({ hits, misses }: Counts): number {
    return ratio(hits, hits + misses);
  }
}

/** The harmonic mean of precision and recall: 2 hits / (2 hits + false alarms + misses). */
export class F1Score extends DecisionMetric {
  /** Throws OptionError. */
  constructor(options: DecisionOptions = {}) {
    super("f1Score", "F1Score", options);
  }

  protected override score({ hits, alarms, misses }: Counts): number {
    return ratio(2 * hits, 2 * hits + alarms + misses);
  }
}
