import { describe, expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { ACTIVATION_TWINS, type Differentiable, dSoftmax, sigmoid, softmax, tanh } from "./activations.ts";
import { dot } from "./elements.ts";

test("sigmoid and tanh reach their limits exactly at +-800 and are symmetric within 2.3e-16, one rounding", () => {
  expect([sigmoid(-800), sigmoid(0), sigmoid(800)]).toEqual([0, 0.5, 1]);
  expect([tanh(-800), tanh(0), tanh(800)]).toEqual([-1, 0, 1]);
  expect(largestDifference([sigmoid(-3), tanh(-3)], [1 - sigmoid(3), -tanh(3)])).toBeLessThan(2.3e-16);
});

describe("derivatives from the output", () => {
  // Truncation and cancellation of central differences of width 1e-5 are each below 1e-9 of the function; no kink of
  // any of them (-3, 0, 3, 6) is among the points.
  test.each(
    Object.entries<Differentiable>(ACTIVATION_TWINS),
  )("that of %s equals finite differences within 1e-8 on [-7, 7]", (_, { f, d }) => {
    for (let x = -7.1; x <= 7; x += 0.25) {
      const variable = Float64Array.of(x);
      const expected = numericalGradient(() => f(variable[0] ?? Number.NaN), variable);
      expect(largestDifference([d(f(x))], expected)).toBeLessThan(1e-8);
    }
  });

  test("that of softmax equals finite differences within 1e-9", () => {
    const x = Float64Array.from({ length: 15 }, (_, n) => 3 * Math.sin(1.7 * n));
    const dy = Float64Array.from({ length: 15 }, (_, n) => Math.cos(2.3 * n));
    const expected = numericalGradient(() => dot(softmax(x, 3, 5), dy), x);
    expect(largestDifference(dSoftmax(dy, softmax(x, 3, 5), 3, 5), expected)).toBeLessThan(1e-9);
  });
});
