import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { loss } from "../../reference/losses.ts";
import { largestDifference } from "../../support/difference.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

interface Problem {
  readonly N: number;
  readonly V: number;
  readonly prediction: Float64Array;
  /** Labels, else rows. */
  readonly labels?: readonly number[] | undefined;
  readonly target?: Float64Array | undefined;
  readonly fromLogits?: boolean;
  readonly smoothing?: number;
  readonly weights?: readonly number[] | undefined;
  readonly classWeights?: readonly number[] | undefined;
}

interface Scale {
  readonly divisor: number;
  readonly scale?: number;
  readonly valueOnly?: boolean;
}

function run(kernels: Kernels, memory: Arena, problem: Problem, { divisor, scale = 1, valueOnly = false }: Scale) {
  const { N, V, prediction, labels, target, fromLogits = true, smoothing = 0, weights, classWeights } = problem;
  const y = memory.input("y", rows(N, V), prediction).address;
  const wanted = labels ? memory.integers("labels", labels) : memory.input("target", rows(N, V), target ?? []);
  const weight = weights === undefined ? 0 : memory.input("weights", rows(1, N), weights).address;
  const factors = classWeights === undefined ? 0 : memory.input("classWeights", rows(1, V), classWeights).address;
  const dY = valueOnly ? undefined : memory.output("dY", rows(N, V));
  const values = memory.output("values", flat(2 * N)).address;
  const stride = kernels.rowStride(V) * 4;
  const targetStride = labels ? 4 : stride;
  // In two parts, as threads share them.
  for (const [first, end] of [
    [0, N >> 1],
    [N >> 1, N],
  ] as const) {
    const outputs = [values + first * 8, dY ? dY.address + first * stride : 0] as const;
    const inputs = [y + first * stride, wanted.address + first * targetStride, weight && weight + first * 4] as const;
    const sizes = [end - first, V, labels !== undefined, fromLogits, smoothing, divisor, scale] as const;
    kernels.crossEntropy(...outputs, ...inputs, factors, ...sizes);
  }
  const value = kernels.sumOfValues(values, N) / divisor;
  return { value, gradient: dY?.values() ?? new Float64Array() };
}

/** The sum over rows, not their mean. */
function expected(problem: Problem) {
  const { N, V: F, prediction, labels, target, weights, classWeights, fromLogits = true } = problem;
  const options = { fromLogits, labelSmoothing: problem.smoothing, classWeights };
  const name = labels ? "sparseCategoricalCrossentropy" : "categoricalCrossentropy";
  const { value, gradient } = loss(name, options, { N, F, prediction, target: labels ?? target ?? [], weights });
  const counted = labels && classWeights ? labels.reduce((sum, label) => sum + (classWeights[label] ?? 0), 0) : N;
  return { value: value * counted, gradient: gradient.map((slope) => slope * counted) };
}

const labelsOf = (N: number, V: number) => Array.from({ length: N }, (_, n) => (n * 7) % V);

function expectTwin(kernels: Kernels, memory: Arena, problem: Problem, label: string): void {
  const { value, gradient } = run(kernels, memory, problem, { divisor: problem.N });
  const wanted = expected(problem);
  // Values near 0 are sums of what float32 holds of a probability near 1.
  expect(relativeError([value], [wanted.value / problem.N], 1e-6), label).toBeLessThan(1e-6);
  const mean = wanted.gradient.map((slope) => slope / problem.N);
  expect(largestDifference(gradient, mean) * problem.N, label).toBeLessThan(1e-6);
  expect(memory.violations(), label).toEqual([]);
}

describeVariants((_variant, kernels, arena) => {
  test("crossEntropy of logits and labels: value within 1e-6 of itself, gradients within 1e-6 / N, pads zero", () => {
    const cases = pairwise({ N: [1, 2, 3, 64, 500], V: [1, 2, 3, 4, 5, 64, 65], size: [0.01, 1, 10, 1e4] });
    for (const { N, V, size } of cases) {
      const problem = { N, V, prediction: floats(N, N * V, size), labels: labelsOf(N, V) };
      expectTwin(kernels, arena(), problem, `N ${N} V ${V} size ${size}`);
    }
  });

  const AXES = {
    N: [1, 2, 7],
    V: [1, 2, 3, 4, 5, 16, 17, 65],
    kind: ["labels", "rows"],
    fromLogits: [true, false],
    smoothing: [0, 0.125],
    weighted: [false, true],
    factors: [false, true],
  } as const;

  test("crossEntropy of anything: value and gradients within 4e-6 of the largest, pads zero, the same value without a gradient", () => {
    for (const { N, V, kind, fromLogits, smoothing, weighted, factors } of pairwise(AXES)) {
      // Predictions of probabilities have any sum above 0, some are 0 and clipped.
      const least = (n: number) => (n % V === 0 ? 0.5 : 0);
      const prediction = floats(N + V, N * V, 5).map((u, n) =>
        fromLogits ? u : Math.max(least(n), Math.fround(u + 4)),
      );
      const problem: Problem = {
        ...{ N, V, prediction, fromLogits, smoothing },
        labels: kind === "labels" ? labelsOf(N, V) : undefined,
        target: floats(V, N * V).map((u) => Math.fround(u + 1)),
        weights: weighted ? Array.from({ length: N }, (_, n) => (n + 1) % 3) : undefined,
        classWeights: factors ? Array.from({ length: V }, (_, v) => 0.5 + v / 4) : undefined,
      };
      const label = JSON.stringify({ N, V, kind, fromLogits, smoothing, weighted, factors });
      const memory = arena();
      const { value, gradient } = run(kernels, memory, problem, { divisor: 3, scale: 0.5 });
      const wanted = expected(problem);
      expect(memory.violations(), label).toEqual([]);
      expect(relativeError([value], [wanted.value / 3], 1), label).toBeLessThan(4e-6);
      const steepest = Math.max(1, ...wanted.gradient.map(Math.abs));
      const off = gradient.map((slope, n) => Math.abs(6 * slope - (wanted.gradient[n] ?? Number.NaN)) / steepest);
      expect(Math.max(...off), label).toBeLessThan(4e-6);
      expect(run(kernels, memory, problem, { divisor: 3, valueOnly: true }).value, label).toBe(value);
    }
  });

  test("crossEntropy: rows of ones at the labels are those labels", () => {
    for (const fromLogits of [true, false]) {
      const [N, V] = [5, 6];
      const labels = labelsOf(N, V);
      const prediction = floats(1, N * V).map((u) => Math.fround(u + 1.5));
      const target = new Float64Array(N * V).map((_, n) => (labels[Math.floor(n / V)] === n % V ? 1 : 0));
      const sparse = run(kernels, arena(), { N, V, prediction, labels, fromLogits }, { divisor: N });
      const dense = run(kernels, arena(), { N, V, prediction, target, fromLogits }, { divisor: N });
      expect(dense).toEqual(sparse);
    }
  });

  test("crossEntropy: logits that are all equal, 1e4 above or 1e4 below the others", () => {
    for (const V of [1, 2, 3, 4, 5, 65]) {
      const labels = [V - 1];
      for (const level of [0, 1e4, -1e4]) {
        const equal = new Float64Array(V).fill(level);
        expectTwin(kernels, arena(), { N: 1, V, prediction: equal, labels }, `V ${V}, all ${level}`);
        const one = new Float64Array(V).fill(0);
        one[0] = level;
        expectTwin(kernels, arena(), { N: 1, V, prediction: one, labels }, `V ${V}, one ${level}`);
        expectTwin(kernels, arena(), { N: 1, V, prediction: one, labels: [0] }, `V ${V}, one ${level}, first label`);
      }
    }
  });

  test("crossEntropy: a single class has the value 0 and the gradient 0", () => {
    for (const N of [1, 3, 7]) {
      const problem = { N, V: 1, prediction: floats(1, N, 50), labels: new Array<number>(N).fill(0) };
      const { value, gradient } = run(kernels, arena(), problem, { divisor: N });
      expect(value).toBe(0);
      expect(gradient).toEqual(new Float64Array(N));
    }
  });

  test("crossEntropy: gradients of a row of logits sum to 0 within V * 2^-24", () => {
    const problem = { N: 1, V: 65, prediction: floats(1, 65, 5), labels: [3] };
    const { gradient } = run(kernels, arena(), problem, { divisor: 1 });
    expect(Math.abs(gradient.reduce((sum, d) => sum + d, 0))).toBeLessThan(65 * 2 ** -24);
  });

  test("crossEntropy: a NaN gives NaN, whichever it is, but not in a row of weight 0", () => {
    for (const fromLogits of [true, false]) {
      for (const V of [3, 4, 5, 9]) {
        for (let v = 0; v < V; v++) {
          const prediction = floats(1, 2 * V).map((u, n) => (n === v ? Number.NaN : Math.fround(u + 1.5)));
          const problem = { N: 2, V, prediction, labels: [0, 0], fromLogits };
          expect(run(kernels, arena(), problem, { divisor: 2 }).value, `V ${V} v ${v}`).toBeNaN();
          const skipped = run(kernels, arena(), { ...problem, weights: [0, 1] }, { divisor: 1 });
          expect([skipped.value, ...skipped.gradient], `V ${V} v ${v}`).not.toContain(Number.NaN);
        }
      }
    }
  });
});
