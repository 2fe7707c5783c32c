import { expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { dSigmoid, dTanh, sigmoid, tanh } from "./activations.ts";

test("sigmoid and tanh reach their limits exactly at +-800 and are symmetric within 2.3e-16, one rounding", () => {
  expect([sigmoid(-800), sigmoid(0), sigmoid(800)]).toEqual([0, 0.5, 1]);
  expect([tanh(-800), tanh(0), tanh(800)]).toEqual([-1, 0, 1]);
  expect(largestDifference([sigmoid(-3), tanh(-3)], [1 - sigmoid(3), -tanh(3)])).toBeLessThan(2.3e-16);
});

// Truncation and cancellation of central differences of width 1e-5 are each below 1e-10.
test.each([
  ["sigmoid", sigmoid, dSigmoid],
  ["tanh", tanh, dTanh],
] as const)("the derivative of %s equals finite differences within 1e-9 on [-4, 4]", (_, activation, derivative) => {
  for (let x = -4; x <= 4; x += 0.25) {
    const variable = Float64Array.of(x);
    const expected = numericalGradient(() => activation(variable[0] ?? Number.NaN), variable);
    expect(largestDifference([derivative(activation(x))], expected)).toBeLessThan(1e-9);
  }
});
