import fc from "fast-check";
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
  Random,
  Recall,
  RootMeanSquaredError,
  type RowsView,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from "../../src/index.ts";
import { largestDifference } from "../support/difference.ts";

type Kind = "values" | "labels";

const metrics: readonly (readonly [string, Kind, () => Metric])[] = [
  ["mean squared error", "values", () => new MeanSquaredErrorMetric()],
  ["root mean squared error", "values", () => new RootMeanSquaredError()],
  ["mean absolute error", "values", () => new MeanAbsoluteErrorMetric()],
  ["mean absolute percentage error", "values", () => new MeanAbsolutePercentageError()],
  ["binary accuracy", "values", () => new BinaryAccuracy({ threshold: 0.3 })],
  ["categorical accuracy", "values", () => new CategoricalAccuracy()],
  ["sparse categorical accuracy", "labels", () => new SparseCategoricalAccuracy()],
  ["top 2", "values", () => new TopKCategoricalAccuracy({ k: 2 })],
  ["sparse top 2", "labels", () => new SparseTopKCategoricalAccuracy({ k: 2 })],
  ["perplexity", "values", () => new Perplexity()],
  ["sparse perplexity of logits", "labels", () => new Perplexity({ fromLogits: true })],
  ["precision", "values", () => new Precision()],
  ["macro precision", "labels", () => new Precision({ average: "macro" })],
  ["recall of class 0", "labels", () => new Recall({ classId: 0 })],
  ["macro F1", "values", () => new F1Score({ average: "macro" })],
  ["AUC", "values", () => new AUC()],
  ["AUC of precision over recall", "labels", () => new AUC({ curve: "pr", thresholds: 17 })],
];

interface Rows {
  readonly prediction: RowsView;
  readonly target: RowsView | Int32Array;
  readonly weights: Float32Array;
}

/** Rows of an array that holds more: NaN between them. */
function rowsOf(values: readonly (readonly number[])[], features: number, gap: number): RowsView {
  const stride = features + gap;
  const data = new Float32Array(values.length * stride).fill(Number.NaN);
  for (const [n, row] of values.entries()) data.set(row, n * stride);
  return { data, stride, rows: values.length, features };
}

function draw(kind: Kind, seed: number, N: number, F: number, gap: number, weight: (n: number) => number): Rows {
  const random = new Random(seed);
  const table = (value: () => number) => Array.from({ length: N }, () => Array.from({ length: F }, value));
  const prediction = table(() => random.uniform(0, 1));
  const target = table(() => random.integer(2));
  const labels = Int32Array.from({ length: N }, () => random.integer(F));
  return {
    prediction: rowsOf(prediction, F, gap),
    target: kind === "labels" ? labels : rowsOf(target, F, 2 * gap),
    weights: Float32Array.from({ length: N }, (_, n) => weight(n)),
  };
}

/** Rows [from, to). */
function part({ prediction, target, weights }: Rows, from: number, to: number): Rows {
  const cut = (view: RowsView) => ({ ...view, data: view.data.subarray(from * view.stride), rows: to - from });
  const wanted = ArrayBuffer.isView(target) ? target.subarray(from, to) : cut(target);
  return { prediction: cut(prediction), target: wanted, weights: weights.subarray(from, to) };
}

const update = (metric: Metric, { prediction, target, weights }: Rows) => metric.update(prediction, target, weights);

const sizes = fc.tuple(
  fc.integer({ min: 1, max: 2 ** 31 }),
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 0, max: 3 }),
);

describe.each(metrics)("%s", (_name, kind, create) => {
  test("batches and strides leave no trace, and a state goes through JSON", () => {
    fc.assert(
      fc.property(sizes, fc.nat(20), ([seed, N, F, gap], cut) => {
        const at = Math.min(cut, N);
        const whole = create();
        update(
          whole,
          draw(kind, seed, N, F, 0, (n) => 1 + (n % 3)),
        );
        const rows = draw(kind, seed, N, F, gap, (n) => 1 + (n % 3));
        const first = create();
        update(first, part(rows, 0, at));
        const second = create();
        second.state = JSON.parse(JSON.stringify(first.state));
        update(second, part(rows, at, N));
        expect(second.result()).toBe(whole.result());
        expect(second.state).toEqual(whole.state);
        second.reset();
        expect(second.result()).toBe(0);
      }),
    );
  });

  test("a weight of 2 counts like two rows to 1e-12, and one of 0 like none, whatever stands there", () => {
    fc.assert(
      fc.property(sizes, ([seed, N, F, gap]) => {
        const rows = draw(kind, seed, N, F, gap, (n) => n % 3);
        for (let n = 0; n < N; n += 3) rows.prediction.data[n * rows.prediction.stride] = Number.NaN;
        const weighted = create();
        update(weighted, rows);
        const repeated = create();
        for (let n = 0; n < N; n++) {
          const { prediction, target } = part(rows, n, n + 1);
          for (let turn = 0; turn < n % 3; turn++) repeated.update(prediction, target);
        }
        expect(largestDifference([weighted.result()], [repeated.result()])).toBeLessThan(1e-12);
      }),
    );
  });

  test("config makes an equal metric", () => {
    const metric = create();
    const Class = metric.constructor as new (options: object) => Metric;
    const again = new Class(JSON.parse(JSON.stringify(metric.config())));
    expect(again.config()).toEqual(metric.config());
    expect(again.name).toBe(metric.name);
  });
});

describe("against other definitions", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 198 }), fc.boolean()), { minLength: 2, maxLength: 40 });

  test("AUC of predictions on the thresholds is the share of pairs in order, equal ones half", () => {
    fc.assert(
      fc.property(pairs, (drawn) => {
        const of = (side: boolean) => drawn.filter(([, positive]) => positive === side).map(([step]) => step);
        const [above, below] = [of(true), of(false)];
        fc.pre(above.length > 0 && below.length > 0);
        const wins = above.flatMap((a) => below.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const expected = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
        const prediction = drawn.map(([step]) => [(step - 0.5) / 199]);
        const target = drawn.map(([, positive]) => [positive ? 1 : 0]);
        expect(new AUC().compute(prediction, target)).toBeCloseTo(expected, 10);
      }),
    );
  });

  test("F1 is the harmonic mean of precision and recall", () => {
    fc.assert(
      fc.property(sizes, ([seed, N, F]) => {
        const { prediction, target } = draw("values", seed, N, F, 0, () => 1);
        const [p, r, f1] = [new Precision(), new Recall(), new F1Score()].map((metric) => {
          metric.update(prediction, target);
          return metric.result();
        });
        expect(f1).toBeCloseTo(p === 0 ? 0 : (2 * (p ?? 0) * (r ?? 0)) / ((p ?? 0) + (r ?? 0)), 10);
      }),
    );
  });
});
