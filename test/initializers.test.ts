import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../src/errors.ts";
import { forgetBias, glorotUniform, orthogonal, uniform, zeros } from "../src/initializers.ts";
import { Random } from "../src/random.ts";

const sha256 = (data: Float32Array): string => createHash("sha256").update(data).digest("hex");

/** The largest deviation from the identity of M M^T (rows < columns) or M^T M, summed in float64. */
function orthonormalityError(matrix: Float32Array, rows: number, columns: number): number {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const at = (vector: number, i: number) => matrix[rows < columns ? vector * columns + i : i * columns + vector] ?? NaN;
  let worst = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += at(a, i) * at(b, i);
      worst = Math.max(worst, Math.abs(sum - (a === b ? 1 : 0)));
    }
  }
  return worst;
}

describe("orthogonal", () => {
  it.each([
    [1, 1],
    [1, 4],
    [4, 1],
    [3, 3],
    [5, 20],
    [20, 5],
    [64, 256],
    [65, 64],
    [100, 100],
  ])("[%d, %d] is orthonormal within 1e-6", (rows, columns) => {
    const matrix = orthogonal(new Random(3), rows, columns);
    expect(matrix.length).toBe(rows * columns);
    expect(orthonormalityError(matrix, rows, columns)).toBeLessThan(1e-6);
  });

  it("is the Q of a Gaussian matrix whose R has a positive diagonal: q_k . a_k > 0 for each column", () => {
    const q = orthogonal(new Random(4), 6, 4);
    const random = new Random(4);
    for (let column = 0; column < 4; column++) {
      let along = 0;
      for (let row = 0; row < 6; row++) along += (q[row * 4 + column] ?? NaN) * random.normal();
      expect(along).toBeGreaterThan(0);
    }
  });

  it("is the transpose of the tall one when it is wide", () => {
    const wide = orthogonal(new Random(5), 3, 7);
    const tall = orthogonal(new Random(5), 7, 3);
    const transposed = Float32Array.from({ length: 21 }, (_, i) => tall[(i % 7) * 3 + Math.floor(i / 7)] ?? NaN);
    expect(wide).toEqual(transposed);
  });

  it("has both signs as often: the mean of 500 corner elements is 0 within 5 standard errors", () => {
    const random = new Random(6);
    let sum = 0;
    for (let i = 0; i < 500; i++) sum += orthogonal(random, 4, 4)[0] ?? NaN;
    // The variance of an element of a random orthogonal 4 x 4 matrix is 1/4.
    expect(Math.abs(sum / 500)).toBeLessThan(5 * Math.sqrt(0.25 / 500));
  });

  it("gives the same bits on every engine", () => {
    expect(sha256(orthogonal(new Random(7), 50, 200))).toBe(
      "91cc7409a47d1966311bc3bfe75012fb65cd569285092795ecf0bec631739905",
    );
    expect(sha256(orthogonal(new Random(7), 33, 17))).toBe(
      "9b0ef4b82e1347dcb2912d04b8c735ff2e9069012df83ddb3fb2382a1d27d0b2",
    );
  });

  it.each([
    [0, 4],
    [4, -1],
    [1.5, 2],
  ])("refuses [%d, %d]", (rows, columns) => {
    expect(() => orthogonal(new Random(1), rows, columns)).toThrow(OptionError);
  });
});

describe("glorotUniform", () => {
  it("fills U[-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)), variance within 5 standard errors", () => {
    const weights = glorotUniform(new Random(8), [400, 100], 100, 400);
    const limit = Math.sqrt(6 / 500);
    expect(weights.every((weight) => Math.abs(weight) <= Math.fround(limit))).toBe(true);
    const variance = weights.reduce((sum, weight) => sum + weight * weight, 0) / weights.length;
    const expected = (limit * limit) / 3;
    // Var(x^2) of U[-a, a] is 4 a^4 / 45, so the standard error is 2 / sqrt(5 n) of the variance.
    expect(Math.abs(variance / expected - 1)).toBeLessThan((5 * 2) / Math.sqrt(5 * weights.length));
  });

  it("gives the same bits on every engine", () => {
    expect(sha256(glorotUniform(new Random(7), [40, 30], 30, 40))).toBe(
      "519c72e9c9e13260bddfac51ae837d75b97b60fb25368867631cf51e7dca187a",
    );
  });

  it("refuses fans and shapes that are no counts", () => {
    expect(() => glorotUniform(new Random(1), [2, 2], 0, 2)).toThrow(OptionError);
    expect(() => glorotUniform(new Random(1), [2, -2], 2, 2)).toThrow(ShapeError);
  });
});

describe("zeros, uniform and forgetBias", () => {
  it("have the size of their shape", () => {
    expect(zeros([2, 3])).toEqual(new Float32Array(6));
    const values = uniform(new Random(1), [10, 10], -0.05, 0.05);
    expect(values.length).toBe(100);
    expect(values.every((value) => value >= Math.fround(-0.05) && value <= Math.fround(0.05))).toBe(true);
  });

  it("put ones into the second quarter, the forget gate of i f g o", () => {
    expect([...forgetBias(2)]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(() => forgetBias(0)).toThrow(OptionError);
  });
});
