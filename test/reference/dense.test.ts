import { expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { denseBackward, denseForward } from "./dense.ts";

const wave = (length: number, phase: number) => Float64Array.from({ length }, (_, n) => Math.sin(1.7 * n + phase));
const inputs = { N: 3, I: 2, O: 4, x: wave(6, 0), weight: wave(8, 1), bias: wave(4, 2) };

test("y = x weight^T + bias, worked out by hand for one row", () => {
  const weight = Float64Array.of(1, 2, 3, 4);
  const y = denseForward({ N: 1, I: 2, O: 2, x: Float64Array.of(5, 6), weight, bias: Float64Array.of(100, 200) });
  expect([...y]).toEqual([117, 239]);
});

// The layer is linear in each operand, so central differences have no truncation error: 1e-16 / 1e-5 remains.
test("gradients equal finite differences within 1e-9", () => {
  const dy = wave(12, 3);
  const loss = () => denseForward(inputs).reduce((sum, y, n) => sum + y * (dy[n] ?? 0), 0);
  const gradients = denseBackward({ ...inputs, dy });
  for (const name of ["x", "weight", "bias"] as const) {
    expect(largestDifference(gradients[name], numericalGradient(loss, inputs[name])), name).toBeLessThan(1e-9);
  }
});
