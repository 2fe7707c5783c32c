import { describe, expect, test } from "vitest";
import {
  AUC,
  BinaryAccuracy,
  CategoricalAccuracy,
  F1Score,
  MeanSquaredErrorMetric,
  OptionError,
  Perplexity,
  Precision,
  Recall,
  ShapeError,
  SparseTopKCategoricalAccuracy,
  type Tensor,
  UnsupportedError,
} from "../../src/index.ts";
import { type MetricContext, type MetricLike, resolveMetric } from "../../src/metrics/resolve.ts";
import { expectRefusal, type Refusal, refusal, wrong } from "../support/layers-errors.ts";

const values: MetricContext = { loss: "meanSquaredError", targets: "values", features: 3 };
const binary: MetricContext = { loss: "binaryCrossentropy", targets: "values", features: 1, fromLogits: true };
const classes: MetricContext = { loss: "sparseCategoricalCrossentropy", targets: "labels", features: 3 };
const two: MetricContext = { ...classes, features: 2 };

const resolved: readonly (readonly [MetricLike, string, MetricContext, string, Record<string, unknown>])[] = [
  ["accuracy", "for labels", classes, "sparseCategoricalAccuracy", {}],
  ["acc", "for rows of classes", { ...values, loss: "categoricalCrossentropy" }, "categoricalAccuracy", {}],
  ["accuracy", "for one feature", { ...values, features: 1 }, "binaryAccuracy", { threshold: 0.5 }],
  ["accuracy", "for several labels at once", { ...binary, features: 5 }, "binaryAccuracy", { threshold: 0 }],
  ["binaryAccuracy", "from logits", binary, "binaryAccuracy", { threshold: 0 }],
  ["mse", "", values, "meanSquaredError", {}],
  ["rmse", "", values, "rootMeanSquaredError", {}],
  ["mae", "", values, "meanAbsoluteError", {}],
  ["mape", "", values, "meanAbsolutePercentageError", {}],
  ["topKCategoricalAccuracy", "for rows", values, "topKCategoricalAccuracy", { k: 5 }],
  ["topKCategoricalAccuracy", "for labels", classes, "sparseTopKCategoricalAccuracy", { k: 5 }],
  ["perplexity", "from logits", { ...classes, fromLogits: true }, "perplexity", { fromLogits: true }],
  ["precision", "for one feature", binary, "precision", { threshold: 0, average: "micro" }],
  ["recall", "for two classes", two, "recall", { classId: 1, average: "micro" }],
  ["f1", "for three classes", classes, "f1Score", { average: "macro" }],
  ["auc", "", binary, "auc", { curve: "roc", fromLogits: true, thresholds: 200 }],
];

describe("resolveMetric", () => {
  test.each(resolved)("%s %s", (value, _what, context, kind, config) => {
    const metric = resolveMetric("compile()", value, context);
    expect(metric.kind).toBe(kind);
    const { name, ...options } = { name: metric.name, ...metric.config() };
    expect(name).toBe(value);
    expect(options).toEqual(config);
    const again = resolveMetric("load()", wrong({ kind, ...metric.config() }), values);
    expect([again.kind, again.name, again.config()]).toEqual([metric.kind, metric.name, metric.config()]);
  });

  test("takes a metric as it is", () => {
    const metric = new Precision({ classId: 2, name: "precisionOfSpam" });
    expect(resolveMetric("compile()", metric, values)).toBe(metric);
    expect(metric.config()).toEqual({ name: "precisionOfSpam", classId: 2, average: "micro" });
  });

  test("takes a function: its mean over batches by the weights of their rows, rows of weight 0 left out", () => {
    const seen: Tensor[] = [];
    const metric = resolveMetric(
      "compile()",
      function largest(prediction, target) {
        seen.push(prediction, target);
        return Math.max(...prediction.data);
      },
      values,
    );
    expect(metric.name).toBe("largest");
    const rows = (...data: number[]) => ({
      data: Float32Array.from(data),
      stride: 2,
      rows: data.length / 2,
      features: 1,
    });
    metric.update(rows(1, -1, 2, -1, 9, -1), Int32Array.of(5, 6, 7), Float32Array.of(1, 2, 0));
    metric.update(rows(4, -1), rows(8, -1));
    metric.update(rows(4, -1), rows(8, -1), Float32Array.of(0));
    expect(metric.result()).toBe((3 * 2 + 1 * 4) / 4);
    expect(seen).toEqual([
      { data: Float32Array.of(1, 2), shape: [2, 1] },
      { data: Int32Array.of(5, 6), shape: [2] },
      { data: Float32Array.of(4), shape: [1, 1] },
      { data: Float32Array.of(8), shape: [1, 1] },
    ]);
    expect(() => metric.config()).toThrow(UnsupportedError);
    expect(resolveMetric("compile()", () => 1, values).name).toBe("customMetric");
  });
});

const resolve = (value: unknown) => () => resolveMetric("compile()", wrong(value), values);
const rowsOf = (rows: number, features: number) => ({
  data: new Float32Array(rows * features),
  stride: features,
  rows,
  features,
});
const macro = () => {
  const metric = new Precision({ average: "macro" });
  metric.update(rowsOf(1, 3), Int32Array.of(0));
  return metric;
};

const refusals: readonly Refusal<void>[] = [
  refusal("an unknown name", resolve("acuracy"), OptionError, "compile()", '"accuracy", "acc"', '"auc"', '"acuracy"'),
  refusal("a number as a metric", resolve(3), OptionError, "metrics", "got 3"),
  refusal("null as a metric", resolve(null), OptionError, "got null"),
  refusal("a record of an unknown kind", resolve({ kind: "mse" }), OptionError, '"meanSquaredError"', '"mse"'),
  refusal("a record with an unknown option", resolve({ kind: "auc", tresholds: 3 }), OptionError, '"thresholds"'),
  refusal("k of 0", () => new SparseTopKCategoricalAccuracy({ k: 0 }), OptionError, "k to be a positive integer"),
  refusal("a threshold NaN", () => new BinaryAccuracy({ threshold: Number.NaN }), OptionError, "threshold", "NaN"),
  refusal("a name of nothing", () => new CategoricalAccuracy({ name: "" }), OptionError, "name", '""'),
  refusal("a curve", () => new AUC({ curve: wrong("ROC") }), OptionError, '"roc" or "pr"', '"ROC"'),
  refusal("one threshold", () => new AUC({ thresholds: 1 }), OptionError, "from 2", "got 1"),
  refusal("fromLogits 1", () => new Perplexity({ fromLogits: wrong(1) }), OptionError, "fromLogits", "got 1"),
  refusal("an average", () => new F1Score({ average: wrong("weighted") }), OptionError, '"weighted"'),
  refusal("a class and all", () => new Recall({ classId: 1, average: "macro" }), OptionError, "average", "classId"),
  refusal(
    "a class past the last",
    () => new Recall({ classId: 3 }).compute([[1, 2]], [0]),
    ShapeError,
    "classId 3",
    "2",
  ),
  refusal("labels for values", () => new MeanSquaredErrorMetric().compute([[1, 2]], [0]), ShapeError, "labels"),
  refusal("values for labels", () => new SparseTopKCategoricalAccuracy().compute([[1]], [[0]]), ShapeError, "label"),
  refusal(
    "other shapes",
    () => new MeanSquaredErrorMetric().compute([[1, 2]], [[1], [2]]),
    ShapeError,
    "[1, 2]",
    "[2, 1]",
  ),
  refusal("nothing", () => new MeanSquaredErrorMetric().compute([], []), ShapeError, "[0]"),
  refusal(
    "a label past the classes",
    () => new Perplexity().compute([[1, 2]], [2]),
    OptionError,
    "from 0 to 1",
    "got 2",
  ),
  refusal("a label of a half", () => new Perplexity().compute([[1, 2]], [0.5]), OptionError, "got 0.5 at index 0"),
  refusal("too few rows", () => new AUC().update(rowsOf(2, 1), rowsOf(1, 1)), ShapeError, "[2, 1]", "[1, 1]"),
  refusal("too few labels", () => new Recall().update(rowsOf(2, 3), Int32Array.of(0)), ShapeError, "2 rows", "got 1"),
  refusal("other classes", () => macro().update(rowsOf(1, 2), Int32Array.of(0)), ShapeError, "3 classes", "2"),
  refusal("a state too short", () => new CategoricalAccuracy().state = [1], OptionError, "2 numbers", "length 1"), // biome-ignore format: short
  refusal("a metric that is no number", () => resolveMetric("fit()", wrong(() => "1"), values).compute([1], [1]), ShapeError, '"1"'), // biome-ignore format: short
];

describe("metrics: a typed error", () => {
  test.each(refusals)("$what", ({ call, type, parts }) => {
    expectRefusal(call, type, ...parts);
  });

  test("a sum that is NaN survives JSON", () => {
    const metric = new MeanSquaredErrorMetric();
    metric.compute([[Number.NaN]], [[1]]);
    const again = new MeanSquaredErrorMetric();
    again.state = JSON.parse(JSON.stringify(metric.state));
    expect(again.result()).toBeNaN();
  });
});
