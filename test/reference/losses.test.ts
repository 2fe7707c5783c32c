import { describe, expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { FRAMEWORK_LOSSES, MORE_LOSSES, rowOf } from "../support/loss-golden.ts";
import { loss, softmaxCrossEntropy } from "./losses.ts";

// Both sides are float64; the sums have at most 34 terms of about 10. Keras's log cosh has log 2 in float32.
const tolerance = (title: string) => (title.startsWith("keras LogCosh") ? 2e-9 : 1e-13);

// Of width 1e-7, as probabilities go down to 2^-10: truncation is (1e-7 * 2^10)^2 / 3, cancellation 1e-8.
const WIDTH = 1e-7;
const DIFFERENCE_TOLERANCE = 1e-7;

const cases = [...FRAMEWORK_LOSSES, ...MORE_LOSSES];

describe("loss twins against PyTorch and Keras: within 1e-13", () => {
  test.each(cases)("$title", ({ title, name, options, inputs, value, gradient }) => {
    const actual = loss(name, options, inputs);
    expect(largestDifference([actual.value], [value])).toBeLessThan(tolerance(title));
    expect(largestDifference(actual.gradient, gradient)).toBeLessThan(tolerance(title));
  });

  test.each(cases.filter(({ rows }) => rows))("$title: each row by itself", (golden) => {
    const ignored = golden.options.ignoreIndex;
    for (const [n, value] of golden.rows?.entries() ?? []) {
      const inputs = rowOf(golden, n);
      const actual = loss(golden.name, golden.options, inputs);
      expect(largestDifference([actual.value], [inputs.target[0] === ignored ? 0 : value])).toBeLessThan(
        tolerance(golden.title),
      );
    }
  });
});

describe("loss twins against finite differences", () => {
  test.each(MORE_LOSSES)("$title: within 1e-7 of the steepest slope", ({ name, options, inputs }) => {
    const prediction = inputs.prediction.slice();
    const of = () => loss(name, options, { ...inputs, prediction });
    const steepest = Math.max(1, ...of().gradient.map(Math.abs));
    const expected = numericalGradient(() => of().value / steepest, prediction, WIDTH);
    const actual = of().gradient.map((slope) => slope / steepest);
    expect(largestDifference(actual, expected)).toBeLessThan(DIFFERENCE_TOLERANCE);
  });
});

test("softmax cross entropy stays exact for logits of 1000 and -1000", () => {
  const actual = softmaxCrossEntropy({ N: 2, V: 2, logits: Float64Array.of(1000, -1000, 1000, -1000), labels: [0, 1] });
  expect(actual.value).toBe(1000);
  expect([...actual.gradient]).toEqual([0, 0, 0.5, -0.5]);
});
