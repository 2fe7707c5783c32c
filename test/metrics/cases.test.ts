import { describe, expect, test } from "vitest";
import {
  AUC,
  BinaryAccuracy,
  CategoricalAccuracy,
  F1Score,
  MeanAbsoluteErrorMetric,
  MeanAbsolutePercentageError,
  MeanSquaredErrorMetric,
  type Metric,
  Perplexity,
  Precision,
  Recall,
  RootMeanSquaredError,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  type TensorLike,
  TopKCategoricalAccuracy,
} from "../../src/index.ts";
import { largestDifference } from "../support/difference.ts";

const NaNs = Number.NaN;

/** Four rows of three classes; the largest are 2, 0, 1 and 0, the first of two equal ones. */
const scores = [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.4, 0.4, 0.2]]; // biome-ignore format: short
const labels = [2, 1, 1, 1];
const oneHot = [[0, 0, 1], [0, 1, 0], [0, 1, 0], [0, 1, 0]]; // biome-ignore format: short

const cases: readonly (readonly [string, Metric, TensorLike, TensorLike, number])[] = [
  [
    "mean squared error",
    new MeanSquaredErrorMetric(),
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 0],
      [0, 4],
    ],
    (0 + 4 + 9 + 0) / 4,
  ],
  [
    "its root",
    new RootMeanSquaredError(),
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 0],
      [0, 5],
    ],
    Math.sqrt((4 + 9 + 1) / 4),
  ],
  [
    "mean absolute error",
    new MeanAbsoluteErrorMetric(),
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 0],
      [0, 5],
    ],
    (2 + 3 + 1) / 4,
  ],
  ["mean absolute percentage error", new MeanAbsolutePercentageError(), [[90], [5]], [[100], [4]], (10 + 25) / 2],
  ["percentage of a target 0: of 1e-7", new MeanAbsolutePercentageError(), [[1e-7]], [[0]], 100],
  ["binary accuracy", new BinaryAccuracy(), [[0.5], [0.51], [0.2], [0.9]], [[0], [1], [1], [1]], 3 / 4],
  ["binary accuracy of logits", new BinaryAccuracy({ threshold: 0 }), [[-0.1], [0.1]], [[0], [1]], 1],
  [
    "binary accuracy of several features",
    new BinaryAccuracy(),
    [
      [0.9, 0.1],
      [0.9, 0.9],
    ],
    [
      [1, 0],
      [0, 1],
    ],
    3 / 4,
  ],
  ["binary accuracy of NaN", new BinaryAccuracy(), [[NaNs], [NaNs]], [[0], [1]], 0],
  ["categorical accuracy", new CategoricalAccuracy(), scores, oneHot, 2 / 4],
  ["categorical accuracy of NaN", new CategoricalAccuracy(), [[NaNs, 1]], [[0, 1]], 0],
  ["sparse categorical accuracy", new SparseCategoricalAccuracy(), scores, labels, 2 / 4],
  ["sparse categorical accuracy of NaN", new SparseCategoricalAccuracy(), [[1, NaNs]], [0], 0],
  ["top 1, equal ones share the place", new SparseTopKCategoricalAccuracy({ k: 1 }), scores, labels, 3 / 4],
  ["top 2", new SparseTopKCategoricalAccuracy({ k: 2 }), scores, labels, 4 / 4],
  [
    "top 2 of rows",
    new TopKCategoricalAccuracy({ k: 2 }),
    scores,
    [
      [1, 0, 0],
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ],
    2 / 4,
  ],
  ["top 3 with a NaN at the label", new SparseTopKCategoricalAccuracy({ k: 3 }), [[NaNs, 1, 2]], [0], 0],
  ["top 2 with a NaN elsewhere", new SparseTopKCategoricalAccuracy({ k: 1 }), [[NaNs, 1, 2]], [2], 0],
  ["perplexity of equal probabilities", new Perplexity(), [[0.25, 0.25, 0.25, 0.25]], [3], 4],
  [
    "perplexity of probabilities",
    new Perplexity(),
    [
      [0.5, 0.5],
      [0.125, 0.875],
    ],
    [0, 0],
    Math.sqrt(2 * 8),
  ],
  [
    "perplexity of numbers that sum to 2",
    new Perplexity(),
    [
      [1, 1],
      [0.25, 1.75],
    ],
    [0, 0],
    Math.sqrt(2 * 8),
  ],
  [
    "perplexity of logits",
    new Perplexity({ fromLogits: true }),
    [
      [0, 0],
      [1000, 1000],
    ],
    [0, 1],
    2,
  ],
  ["perplexity of shares", new Perplexity(), [[0.5, 0.5]], [[0.5, 0.5]], 2],
  ["perplexity of what was said to be impossible", new Perplexity(), [[0, 1]], [0], 1e7],
  ["precision", new Precision(), [[0.9], [0.8], [0.7], [0.1]], [[1], [1], [0], [1]], 2 / 3],
  ["recall", new Recall(), [[0.9], [0.8], [0.7], [0.1]], [[1], [1], [0], [1]], 2 / 3],
  ["F1", new F1Score(), [[0.9], [0.8], [0.7], [0.6]], [[1], [0], [0], [1]], 4 / 6],
  ["precision by another threshold", new Precision({ threshold: 0.75 }), [[0.9], [0.8], [0.7]], [[1], [0], [1]], 1 / 2],
  ["precision of one class", new Precision({ classId: 0 }), scores, labels, 0],
  ["recall of one class", new Recall({ classId: 1 }), scores, labels, 1 / 3],
  ["recall of one class by threshold", new Recall({ classId: 1, threshold: 0.25 }), scores, labels, 3 / 3],
  ["precision, mean over classes", new Precision({ average: "macro" }), scores, labels, (0 + 1 + 1) / 3],
  ["recall, mean over classes", new Recall({ average: "macro" }), scores, oneHot, (0 + 1 / 3 + 1) / 3],
  ["F1, mean over classes", new F1Score({ average: "macro" }), scores, labels, (0 + 2 / 4 + 1) / 3],
  ["precision of all classes together", new Precision(), scores, labels, 2 / 4],
  ["precision of nothing found", new Precision(), [[0.1]], [[1]], 0],
  ["recall of nothing there", new Recall(), [[0.9]], [[0]], 0],
  ["F1 of nothing", new F1Score(), [[0.1]], [[0]], 0],
  ["AUC, Keras's example", new AUC({ thresholds: 3 }), [[0], [0.5], [0.3], [0.9]], [[0], [0], [1], [1]], 0.75],
  ["AUC of precision over recall", new AUC({ curve: "pr" }), [[0.1], [0.2], [0.8], [0.9]], [[0], [0], [1], [1]], 1],
  ["AUC of a perfect order", new AUC(), [[0], [0.4], [0.6], [1]], [[0], [0], [1], [1]], 1],
  ["AUC of the opposite order", new AUC(), [[1], [0.6], [0.4], [0]], [[0], [0], [1], [1]], 0],
  ["AUC of equal predictions", new AUC(), [[0.5], [0.5]], [[0], [1]], 0.5],
  ["AUC of logits", new AUC({ fromLogits: true }), [[-50], [-1], [1], [50]], [[0], [1], [0], [1]], 0.75],
  ["AUC of one side only", new AUC(), [[0.5], [0.6]], [[1], [1]], 0],
];

describe("metrics of small cases, computed by hand", () => {
  test.each(cases)("%s: to 1e-6", (_what, metric, prediction, target, expected) => {
    for (let turn = 0; turn < 2; turn++)
      expect(largestDifference([metric.compute(prediction, target)], [expected])).toBeLessThan(1e-6);
  });

  test("nothing seen is 0", () => {
    for (const [what, metric] of cases) {
      metric.reset();
      expect(metric.result(), what).toBe(0);
    }
  });

  test("steps of sequences are rows; a scalar and a vector are predictions", () => {
    expect(new SparseCategoricalAccuracy().compute([[[1, 0], [0, 1]]], [[0, 0]])).toBe(0.5); // biome-ignore format: short
    expect(new MeanAbsoluteErrorMetric().compute([1, 2], [0, 0])).toBe(1.5);
    expect(new MeanAbsoluteErrorMetric().compute(Int32Array.of(1, 2), [0, 0])).toBe(1.5);
  });
});
