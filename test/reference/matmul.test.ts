import { expect, test } from "vitest";
import { matmul, matmulErrorBound, matmulMagnitude } from "./matmul.ts";

const sizes = { M: 2, N: 2, K: 3 };
const a = Float64Array.of(1, -2, 3, 4, 5, -6);
const b = Float64Array.of(7, 8, -9, 10, 11, -12);
const init = Float64Array.of(-100, 1, 2, 3);

test("2x3 times 3x2 plus an initial matrix equals the product worked out by hand", () => {
  expect([...matmul({ ...sizes, a, b })]).toEqual([58, -48, -83, 154]);
  expect([...matmul({ ...sizes, a, b, init })]).toEqual([-42, -47, -81, 157]);
});

test("the magnitude sums absolute values, the initial matrix included", () => {
  expect([...matmulMagnitude({ ...sizes, a, b, init })]).toEqual([158, 65, 141, 157]);
});

test("the error bound is (K + 8) * 2^-24 of the magnitude", () => {
  expect(matmulErrorBound({ ...sizes, a, b, init })[0]).toBe((11 / 2 ** 24) * 158);
});

test("K = 0 leaves the initial matrix, or zeros", () => {
  const empty = { M: 2, N: 2, K: 0, a: new Float64Array(), b: new Float64Array() };
  expect([...matmul(empty)]).toEqual([0, 0, 0, 0]);
  expect(matmul({ ...empty, init })).toEqual(init);
});
