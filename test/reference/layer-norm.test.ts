import { expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { layerNormGoldens } from "../support/golden.ts";
import { layerNormBackward, layerNormForward } from "./layer-norm.ts";

const wave = (length: number, phase: number) => Float64Array.from({ length }, (_, n) => Math.sin(1.7 * n + phase));
const inputs = { N: 3, F: 5, x: wave(15, 0), gamma: wave(5, 1), beta: wave(5, 2), epsilon: 1e-3 };

test("y = gamma (x - mean) / sqrt(variance + epsilon) + beta, worked out by hand for one row", () => {
  const [x, gamma, beta] = [Float64Array.of(1, 7), Float64Array.of(10, 20), Float64Array.of(100, 200)];
  const { y, mean, scale } = layerNormForward({ N: 1, F: 2, x, gamma, beta, epsilon: 16 });
  expect([...mean, ...scale, ...y]).toEqual([4, 0.2, 94, 212]);
});

// Central differences of width 1e-5: 1e-16 / 1e-5 of rounding and 1e-10 times the third derivative.
test("gradients equal finite differences within 1e-8", () => {
  const dy = wave(15, 3);
  const loss = () => layerNormForward(inputs).y.reduce((sum, y, n) => sum + y * (dy[n] ?? 0), 0);
  const gradients = layerNormBackward({ ...inputs, dy });
  for (const name of ["x", "gamma", "beta"] as const) {
    expect(largestDifference(gradients[name], numericalGradient(loss, inputs[name])), name).toBeLessThan(1e-8);
  }
});

test.each(
  layerNormGoldens().map((golden) => [golden.name, golden] as const),
)("%s: PyTorch's within 1e-11", (_, golden) => {
  const { x, dy, weight, bias, y } = golden.tensors;
  const [N = 0, F = 0] = x.shape;
  const shape = { N, F, x: x.data, gamma: weight.data, beta: bias.data, epsilon: golden.epsilon };
  expect(largestDifference(layerNormForward(shape).y, y.data)).toBeLessThan(1e-11);
  const d = layerNormBackward({ ...shape, dy: dy.data });
  expect(largestDifference(d.x, golden.grads.x.data)).toBeLessThan(1e-11);
  expect(largestDifference(d.gamma, golden.grads.weight.data)).toBeLessThan(1e-11);
  expect(largestDifference(d.beta, golden.grads.bias.data)).toBeLessThan(1e-11);
});
