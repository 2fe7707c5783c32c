/** Metrics of predictions that are numbers: means over all elements. */
import { knownOptions } from "../options.ts";
import { MeanMetric, type MetricOptions, type MetricTarget, type RowsView, valuesFor } from "./metric.ts";

/** The mean of l(prediction, target). */
abstract class ElementMean extends MeanMetric {
  constructor(kind: string, options: MetricOptions) {
    knownOptions(kind, options, ["name"]);
    super(kind, options.name);
  }

  protected abstract loss(y: number, t: number): number;

  override update(prediction: RowsView, target: MetricTarget, weights?: Float32Array): void {
    const wanted = valuesFor(this.name, prediction, target);
    const { rows, features } = prediction;
    this.add(rows, weights, (n) => {
      let sum = 0;
      for (let f = 0; f < features; f++) {
        sum += this.loss(prediction.data[n * prediction.stride + f] ?? NaN, wanted.data[n * wanted.stride + f] ?? NaN);
      }
      return sum / features;
    });
  }
}

abstract class SquareMean extends ElementMean {
  protected override loss(y: number, t: number): number {
    return (y - t) * (y - t);
  }
}

/** Mean of (prediction - target)^2. */
export class MeanSquaredErrorMetric extends SquareMean {
  /** Throws OptionError. */
  constructor(options: MetricOptions = {}) {
    super("meanSquaredError", options);
  }
}

/** The root of the mean of (prediction - target)^2. */
export class RootMeanSquaredError extends SquareMean {
  /** Throws OptionError. */
  constructor(options: MetricOptions = {}) {
    super("rootMeanSquaredError", options);
  }

  override result(): number {
    return Math.sqrt(super.result());
  }
}

/** Mean of |prediction - target|. */
export class MeanAbsoluteErrorMetric extends ElementMean {
  /** Throws OptionError. */
  constructor(options: MetricOptions = {}) {
    super("meanAbsoluteError", options);
  }

  protected override loss(y: number, t: number): number {
    return Math.abs(y - t);
  }
}

/** Mean of 100 |prediction - target| / |target|, in percent; targets nearer to 0 than 1e-7 count as 1e-7. */
export class MeanAbsolutePercentageError extends ElementMean {
  /** Throws OptionError. */
  constructor(options: MetricOptions = {}) {
    super("meanAbsolutePercentageError", options);
  }

  protected override loss(y: number, t: number): number {
    return (100 * Math.abs(y - t)) / Math.max(Math.abs(t), 1e-7);
  }
}
