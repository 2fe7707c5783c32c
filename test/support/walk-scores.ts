/** Options of losses and metrics. */
import {
  AUC,
  BinaryAccuracy,
  BinaryCrossentropy,
  CategoricalAccuracy,
  CategoricalCrossentropy,
  F1Score,
  Huber,
  type Loss,
  MeanAbsoluteErrorMetric,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredErrorMetric,
  type Metric,
  Perplexity,
  Precision,
  Recall,
  RootMeanSquaredError,
  SparseCategoricalAccuracy,
  SparseCategoricalCrossentropy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from "../../src/index.ts";
import { type Observe, type Part, type Row, rows } from "./walk-row.ts";

/** Probabilities of three classes, far enough from 0 and 1 to be logits too. */
const probabilities = [
  [0.2, 0.3, 0.5],
  [0.6, 0.3, 0.1],
  [0.1, 0.7, 0.2],
  [0.3, 0.6, 0.1],
  [0.5, 0.3, 0.2],
];
const targets = [
  [0, 0, 1],
  [0, 1, 0],
  [0, 1, 0],
  [1, 0, 0],
  [1, 0, 0],
];
const labels = [2, 1, 1, 0, 0];

const loss = (Class: new (options: never) => Loss, target: number[] | number[][] = targets): Observe => {
  return (part) => new Class(part as never).compute(probabilities, target);
};

const weighted = { sampleWeight: [undefined, [1, 0, 2, 1, 1]] } as const;

const crossentropy = {
  fromLogits: [false, true],
  labelSmoothing: [0, 0.2],
  classWeights: [undefined, [1, 2, 3]],
} as const;

const LOSSES: readonly Row[] = [
  ...rows("BinaryCrossentropy", loss(BinaryCrossentropy), {
    ...{ fromLogits: [false, true], labelSmoothing: [0, 0.2], positiveWeight: [1, [1, 2, 3]] },
  }),
  ...rows("CategoricalCrossentropy", loss(CategoricalCrossentropy), crossentropy),
  ...rows("SparseCategoricalCrossentropy", loss(SparseCategoricalCrossentropy, labels), {
    ...crossentropy,
    ignoreIndex: [undefined, 1],
  }),
  ...rows("Huber", loss(Huber), { delta: [1, 0.1] }),
  ...rows("Loss.compute", (part) => new Huber().compute(probabilities, targets, part), weighted),
  // Losses without options have a method of their own, in the class from which they inherit.
  ...rows("Plain.compute", (part) => new MeanSquaredError().compute(probabilities, targets, part), weighted),
];

const metric = (
  Class: new (options: Part) => Metric,
  target: number[] | number[][] = targets,
  base: Part = {},
): Observe => {
  return (part) => {
    const one = new Class({ ...base, ...part });
    return [one.name, one.compute(probabilities, target)];
  };
};

const named = { name: [undefined, "other"] } as const;
const top = { ...named, k: [5, 1] } as const;

/** Labels, where the largest of a row decides, and rows of 0 and 1, where a threshold does. */
function decisions(Class: typeof Precision | typeof Recall | typeof F1Score): readonly Row[] {
  return [
    ...rows(Class.name, metric(Class), { ...named, threshold: [0.5, 0.25], classId: [undefined, 1] }),
    ...rows(Class.name, metric(Class, labels), { average: ["micro", "macro"], classId: [undefined, 1] }),
  ];
}

const METRICS: readonly Row[] = [
  ...rows("BinaryAccuracy", metric(BinaryAccuracy), { ...named, threshold: [0.5, 0.65] }),
  ...rows("CategoricalAccuracy", metric(CategoricalAccuracy), named),
  ...rows("SparseCategoricalAccuracy", metric(SparseCategoricalAccuracy, labels), named),
  ...rows("TopKCategoricalAccuracy", metric(TopKCategoricalAccuracy), top),
  ...rows("SparseTopKCategoricalAccuracy", metric(SparseTopKCategoricalAccuracy, labels), top),
  ...rows("AUC", metric(AUC), { ...named, curve: ["roc", "pr"], thresholds: [200, 3] }),
  ...rows("AUC", metric(AUC, targets, { thresholds: 4 }), { fromLogits: [false, true] }),
  ...[Precision, Recall, F1Score].flatMap(decisions),
  ...rows("Perplexity", metric(Perplexity), { ...named, fromLogits: [false, true] }),
  ...[MeanSquaredErrorMetric, RootMeanSquaredError, MeanAbsoluteErrorMetric, MeanAbsolutePercentageError].flatMap(
    (Class) => rows(Class.name, metric(Class), named),
  ),
];

export const SCORE_ROWS: readonly Row[] = [...LOSSES, ...METRICS];
