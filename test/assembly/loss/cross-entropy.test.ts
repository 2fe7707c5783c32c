import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { softmaxCrossEntropy } from "../../reference/losses.ts";
import { largestDifference } from "../../support/difference.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

const CASES = pairwise({ N: [1, 2, 3, 64, 500], V: [1, 2, 3, 4, 5, 64, 65], scale: [0.01, 1, 10, 1e4] });

interface Problem {
  readonly N: number;
  readonly V: number;
  readonly logits: Float64Array;
  readonly labels: readonly number[];
}

function run(kernels: Kernels, memory: Arena, { N, V, logits, labels }: Problem) {
  const from = memory.input("logits", rows(N, V), logits);
  const dLogits = memory.output("dLogits", rows(N, V));
  const classes = memory.integers("labels", labels);
  const value = kernels.crossEntropy(dLogits.address, from.address, classes.address, 0, 0, N, V, true, true, 0, N, 1);
  return { value, gradient: dLogits.values() };
}

function expectTwin(kernels: Kernels, memory: Arena, problem: Problem, label: string): void {
  const { value, gradient } = run(kernels, memory, problem);
  const expected = softmaxCrossEntropy(problem);
  // Values near 0 are sums of what float32 holds of a probability near 1.
  expect(relativeError([value], [expected.value], 1e-6), label).toBeLessThan(1e-6);
  expect(largestDifference(gradient, expected.gradient) * problem.N, label).toBeLessThan(1e-6);
  expect(memory.violations(), label).toEqual([]);
}

describeVariants((_variant, kernels, arena) => {
  test("crossEntropy of logits: value within 1e-6 of itself, gradients within 1e-6 / N, pads zero", () => {
    for (const { N, V, scale } of CASES) {
      const labels = Array.from({ length: N }, (_, n) => (n * 7) % V);
      const problem = { N, V, logits: floats(N, N * V, scale), labels };
      expectTwin(kernels, arena(), problem, `N ${N} V ${V} scale ${scale}`);
    }
  });

  test("crossEntropy of logits: logits that are all equal, 1e4 above or 1e4 below the others", () => {
    for (const V of [1, 2, 3, 4, 5, 65]) {
      const label = V - 1;
      for (const level of [0, 1e4, -1e4]) {
        const equal = new Float64Array(V).fill(level);
        expectTwin(kernels, arena(), { N: 1, V, logits: equal, labels: [label] }, `V ${V}, all ${level}`);
        const one = new Float64Array(V).fill(0);
        one[0] = level;
        expectTwin(kernels, arena(), { N: 1, V, logits: one, labels: [label] }, `V ${V}, one ${level}`);
        expectTwin(kernels, arena(), { N: 1, V, logits: one, labels: [0] }, `V ${V}, one ${level}, first label`);
      }
    }
  });

  test("crossEntropy of logits: a single class has the value 0 and the gradient 0", () => {
    for (const N of [1, 3, 7]) {
      const { value, gradient } = run(kernels, arena(), {
        N,
        V: 1,
        logits: floats(1, N, 50),
        labels: new Array(N).fill(0),
      });
      expect(value).toBe(0);
      expect(gradient).toEqual(new Float64Array(N));
    }
  });

  test("crossEntropy of logits: gradients of a row sum to 0 within V * 2^-24", () => {
    const { gradient } = run(kernels, arena(), { N: 1, V: 65, logits: floats(1, 65, 5), labels: [3] });
    expect(Math.abs(gradient.reduce((sum, d) => sum + d, 0))).toBeLessThan(65 * 2 ** -24);
  });

  test("crossEntropy of logits: a NaN logit gives NaN, whichever it is", () => {
    for (const V of [3, 4, 5]) {
      for (let v = 0; v < V; v++) {
        const logits = floats(1, V).map((logit, n) => (n === v ? Number.NaN : logit));
        expect(run(kernels, arena(), { N: 1, V, logits, labels: [0] }).value, `V ${V} v ${v}`).toBeNaN();
      }
    }
  });
});
