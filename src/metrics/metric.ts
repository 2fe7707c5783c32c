/** What all metrics share: sums in float64 that batches add to, and the form for use alone. */
import { OptionError, ShapeError } from "../errors.ts";
import { describe, refuse } from "../options.ts";
import { formatShape, sameShape, type Tensor, type TensorLike, toTensor } from "../shape.ts";

/** Rows of predictions or targets where they stand: element (n, f) is data[n * stride + f]. Valid during the call only. */
export interface RowsView {
  readonly data: Float32Array;
  readonly stride: number;
  readonly rows: number;
  readonly features: number;
}

/** Rows like the prediction's, or the label of each row. */
export type MetricTarget = RowsView | Int32Array;

/** Options of every metric. */
export interface MetricOptions {
  /** Its key in the history; by default its kind. */
  readonly name?: string | undefined;
}

/** A number that says how good predictions are, over all batches since `reset`. 0 / 0 is 0, as in Keras. */
export abstract class Metric {
  /** Its key in the history. */
  readonly name: string;
  /** The name by which strings and records ask for it. */
  readonly kind: string;
  /** All that `result` depends on; added to in the order of rows. */
  protected sums: Float64Array;
  readonly #size: number;

  /** `size` sums, or 0 where the first batch decides. */
  protected constructor(kind: string, name: unknown, size: number) {
    if (name !== undefined && (typeof name !== "string" || name === "")) refuse(kind, "name", "a string", name);
    this.kind = kind;
    this.name = (name as string | undefined) ?? kind;
    this.sums = new Float64Array(size);
    this.#size = size;
  }

  /** Options that, with `kind`, make an equal metric, plain JSON values. */
  config(): Record<string, unknown> {
    return this.name === this.kind ? {} : { name: this.name };
  }

  /** Adds rows; one of weight 0 is not looked at. Throws ShapeError where prediction and target do not fit. */
  abstract update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void;

  abstract result(): number;

  reset(): void {
    this.sums = new Float64Array(this.#size);
  }

  /** Everything that `result` depends on, for going on later. */
  get state(): number[] {
    return [...this.sums];
  }

  /** JSON has no NaN: a sum that is none comes back as null. */
  set state(values: readonly (number | null)[]) {
    if (!Array.isArray(values) || (this.#size > 0 && values.length !== this.#size)) {
      throw new OptionError(`${this.name} has a state of ${this.#size} numbers, got ${describe(values)}.`);
    }
    this.sums = Float64Array.from(values, (value) => value ?? NaN);
  }

  /**
   * The metric of [..., F] and a target of the same shape, or of labels [...], alone: forgets what it has seen. Throws
   * ShapeError, and OptionError for labels that are no classes.
   *
   * ```ts
   * new CategoricalAccuracy().compute([[0.1, 0.9], [0.8, 0.2]], [[0, 1], [0, 1]]); // 0.5
   * ```
   */
  compute(prediction: TensorLike, target: TensorLike): number {
    const [y, wanted] = [toTensor(prediction), toTensor(target)];
    const rows = view(y);
    if (rows.rows === 0 || rows.features === 0) {
      throw new ShapeError(`${this.name} expects at least one element, got ${formatShape(y.shape)}.`);
    }
    if (sameShape(y.shape, wanted.shape)) {
      this.reset();
      this.update(rows, view(wanted));
    } else {
      if (!sameShape(y.shape.slice(0, -1), wanted.shape)) {
        throw new ShapeError(
          `${this.name} expects a target of the prediction's shape ${formatShape(y.shape)}, or labels without its last axis, got ${formatShape(wanted.shape)}.`,
        );
      }
      const labels = labelsIn(this.name, wanted, rows.features);
      this.reset();
      this.update(rows, labels);
    }
    return this.result();
  }
}

/** Metrics that are a mean over rows, each the mean over what it holds. */
export abstract class MeanMetric extends Metric {
  protected constructor(kind: string, name: unknown) {
    super(kind, name, 2);
  }

  override result(): number {
    return ratio(this.sums[0], this.sums[1]);
  }

  /** Adds `value(n)` of each row that counts. */
  protected add(rows: number, weights: Float32Array | undefined, value: (n: number) => number): void {
    for (let n = 0; n < rows; n++) {
      const weight = weights?.[n] ?? 1;
      if (weight !== 0) this.addMean(value(n), weight);
    }
  }

  /** Adds rows that weigh `weight` together and have the mean `value`. */
  protected addMean(value: number, weight: number): void {
    const [total = 0, count = 0] = this.sums;
    this.sums[0] = total + weight * value;
    this.sums[1] = count + weight;
  }
}

/** a / b, where nothing of nothing is 0. */
export function ratio(a: number = 0, b: number = 0): number {
  return b === 0 ? 0 : a / b;
}

/** The target if it is rows as many and as wide as the prediction's; else throws ShapeError. */
export function valuesFor(owner: string, prediction: RowsView, target: MetricTarget): RowsView {
  if (isLabels(target)) throw new ShapeError(`${owner} expects targets like the predictions, got labels.`);
  if (target.rows === prediction.rows && target.features === prediction.features) return target;
  const [wanted, got] = [prediction, target].map(({ rows, features }) => formatShape([rows, features]));
  throw new ShapeError(`${owner} expects targets of the predictions' shape ${wanted}, got ${got}.`);
}

/** The target if it is a label for each row of the prediction; else throws ShapeError. */
export function labelsFor(owner: string, prediction: RowsView, target: MetricTarget): Int32Array {
  if (!isLabels(target)) throw new ShapeError(`${owner} expects the label of each row, got rows of values.`);
  if (target.length === prediction.rows) return target;
  throw new ShapeError(`${owner} expects a label for each of ${prediction.rows} rows, got ${target.length}.`);
}

/** By tag and not by `instanceof`: test runners and frames bring typed arrays of another realm. */
export function isLabels(target: MetricTarget): target is Int32Array {
  return ArrayBuffer.isView(target);
}

/** A tensor as rows of its last axis. */
function view({ data, shape }: Tensor): RowsView {
  const features = shape.at(-1) ?? 1;
  const values = Object.prototype.toString.call(data) === "[object Int32Array]" ? Float32Array.from(data) : data;
  return {
    data: values as Float32Array,
    stride: features,
    rows: features === 0 ? 0 : data.length / features,
    features,
  };
}

function labelsIn(owner: string, { data }: Tensor, classes: number): Int32Array {
  const labels = Int32Array.from(data);
  const index = labels.findIndex((label, n) => label !== data[n] || label < 0 || label >= classes);
  if (index < 0) return labels;
  throw new OptionError(
    `${owner} needs labels to be integers from 0 to ${classes - 1}, got ${describe(data[index])} at index ${index}.`,
  );
}
