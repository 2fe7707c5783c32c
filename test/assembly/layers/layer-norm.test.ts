import { expect, test } from "vitest";
import { at } from "../../reference/elements.ts";
import { type LayerNormInputs, layerNormBackward, layerNormForward } from "../../reference/layer-norm.ts";
import { layerNormGoldens } from "../../support/golden.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat, rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, worstRatio } from "../../support/kernels-values.ts";

const CASES = pairwise({
  N: [1, 2, 3, 17, 100],
  F: [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 257],
  mean: [0, 1, -1000],
  scale: [1e-3, 1, 1e6],
  epsilon: [1e-5, 1e-3],
});
const ROUNDING = 2 ** -24;

interface Problem extends LayerNormInputs {
  readonly dy: Float64Array;
  /** What gradients of parameters start from, [gamma | beta]. */
  readonly start: Float64Array;
}

function problem({ N, F, mean, scale, epsilon }: (typeof CASES)[number]): Problem & { readonly label: string } {
  const x = floats(1, N * F, scale).map((value) => Math.fround(value + mean * scale));
  const [gamma, beta, dy, start] = [floats(2, F), floats(3, F), floats(4, N * F), floats(5, 2 * F)];
  const label = `N ${N} F ${F} mean ${mean} scale ${scale} epsilon ${epsilon}`;
  return { N, F, x, gamma, beta, epsilon, dy, start, label };
}
const PROBLEMS = CASES.map(problem);

/**
 * Bounds of y, dx and [dgamma | dbeta] + start. x - mean, 1 / sqrt(variance + epsilon), n and the result are rounded, the
 * mean too, so that n is off by some 2^-24 of |n| + |mean| / sqrt(variance + epsilon): `size`. A sum of N gradients adds
 * N roundings of what it has reached.
 */
function bounds(shape: Problem) {
  const { N, F, x, gamma, beta, dy, start } = shape;
  const { mean, scale } = layerNormForward(shape);
  const rowOf = (n: number) => Math.floor(n / F);
  const offset = (n: number) => Math.abs(at(mean, rowOf(n)));
  const size = x.map((value, n) => (Math.abs(value - at(mean, rowOf(n))) + offset(n)) * at(scale, rowOf(n)));
  const g = dy.map((value, n) => Math.abs(value * at(gamma, n % F)));
  const average = (values: Float64Array, n: number) =>
    values.subarray(rowOf(n) * F, (rowOf(n) + 1) * F).reduce((sum, value) => sum + value, 0) / F;
  const product = g.map((value, n) => value * at(size, n));
  const sums = start.map(Math.abs);
  dy.forEach((value, n) => {
    sums[n % F] = at(sums, n % F) + Math.abs(value) * at(size, n);
    sums[F + (n % F)] = at(sums, F + (n % F)) + Math.abs(value);
  });
  return {
    y: size.map((value, n) => 4 * ROUNDING * (value * Math.abs(at(gamma, n % F)) + Math.abs(at(beta, n % F)))),
    dX: g.map(
      (value, n) => 8 * ROUNDING * at(scale, rowOf(n)) * (value + average(g, n) + at(size, n) * average(product, n)),
    ),
    dParams: sums.map((value) => (N + 8) * ROUNDING * value),
  };
}

describeVariants((_variant, kernels, arena) => {
  /** Where dx goes, and the first row of the backward call that comes before the one for the rows above it. */
  interface Way {
    readonly dX?: "beside" | "in place" | "unwanted";
    readonly cut?: number;
  }

  function run(shape: Problem, { dX = "beside", cut = 0 }: Way = {}) {
    const { N, F, gamma, beta, epsilon, start } = shape;
    const memory = arena();
    const x = memory.input("x", rows(N, F), shape.x);
    const params = memory.input("params", rows(2, F), [...gamma, ...beta]);
    const stats = memory.output("stats", flat(kernels.layerNormStatsFloats(N)));
    const y = memory.output("y", rows(N, F));
    const dParams = memory.inout("dParams", rows(2, F), start);
    const dY = memory[dX === "in place" ? "inout" : "input"]("dY", rows(N, F), shape.dy);
    const to = dX === "beside" ? memory.output("dX", rows(N, F)) : dY;
    kernels.layerNormForward(y.address, stats.address, x.address, params.address, N, F, epsilon);
    for (const [first, count] of [[cut, N - cut] as const, [0, cut] as const]) {
      const inputs = [dY.row(first), stats.address + first * 8, x.row(first), params.address] as const;
      kernels.layerNormBackward(dX === "unwanted" ? 0 : to.row(first), dParams.address, ...inputs, count, F);
    }
    return { y, stats, dX: to, dParams, violations: memory.violations() };
  }

  test("y, dx and added gradients of gamma and beta within 4, 8 and N + 8 roundings of their terms, pads zero", () => {
    for (const shape of PROBLEMS) {
      const { F, start, label } = shape;
      const { y, dX, dParams, violations } = run(shape);
      const d = layerNormBackward(shape);
      const expected = start.map((value, n) => value + at(n < F ? d.gamma : d.beta, n % F));
      const bound = bounds(shape);
      expect(worstRatio(y.values(), layerNormForward(shape).y, bound.y), `y: ${label}`).toBeLessThanOrEqual(1);
      expect(worstRatio(dX.values(), d.x, bound.dX), `dX: ${label}`).toBeLessThanOrEqual(1);
      expect(worstRatio(dParams.values(), expected, bound.dParams), `dParams: ${label}`).toBeLessThanOrEqual(1);
      expect(violations, label).toEqual([]);
    }
  });

  test("the same bits with dx in place of dy, without dx, and in two backward calls, last rows first", () => {
    for (const shape of PROBLEMS) {
      const { N, label } = shape;
      const once = run(shape);
      const [dX, dParams] = [once.dX.words(), once.dParams.words()];
      for (const way of [{ dX: "in place" }, { cut: N >> 1 }, { dX: "in place", cut: N - 1 }] as const) {
        const again = run(shape, way);
        expect(firstDifference(again.dX.words(), dX), label).toBe(-1);
        expect(firstDifference(again.dParams.words(), dParams), label).toBe(-1);
        expect(again.violations, label).toEqual([]);
      }
      const without = run(shape, { dX: "unwanted" });
      expect(firstDifference(without.dParams.words(), dParams), label).toBe(-1);
      expect(without.violations, label).toEqual([]);
    }
  });

  test("y has the same bits in the place of x, stats are the twin's mean and scale within 2^-22", () => {
    for (const shape of PROBLEMS) {
      const { N, F, gamma, beta, epsilon, label } = shape;
      const { y, stats } = run(shape);
      const [expected, found] = [y.words(), stats.values()];
      const { mean, scale } = layerNormForward(shape);
      const twin = Array.from({ length: 2 * N }, (_, n) => at(n % 2 ? scale : mean, n >> 1));
      // The mean's own rounding, 2^-24 of it, is in the variance once more.
      const bound = twin.map((value, n) => 2 ** -22 * Math.abs(n % 2 ? value : Math.max(Math.abs(value), 1e-30)));
      expect(worstRatio(found, twin, bound), label).toBeLessThanOrEqual(1);
      const memory = arena();
      const x = memory.inout("x", rows(N, F), shape.x);
      const params = memory.input("params", rows(2, F), [...gamma, ...beta]);
      const to = memory.output("stats", flat(2 * N));
      kernels.layerNormForward(x.address, to.address, x.address, params.address, N, F, epsilon);
      expect(firstDifference(x.words(), expected), label).toBe(-1);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("PyTorch's outputs and gradients within the same bounds", () => {
    for (const { name, epsilon, tensors, grads } of layerNormGoldens()) {
      const [N = 0, F = 0] = tensors.x.shape;
      const [gamma, beta] = [tensors.weight.data, tensors.bias.data];
      const start = new Float64Array(2 * F);
      const shape = { N, F, x: tensors.x.data, dy: tensors.dy.data, gamma, beta, epsilon, start };
      const { y, dX, dParams, violations } = run(shape);
      const bound = bounds(shape);
      const expected = [...grads.weight.data, ...grads.bias.data];
      expect(worstRatio(y.values(), tensors.y.data, bound.y), name).toBeLessThanOrEqual(1);
      expect(worstRatio(dX.values(), grads.x.data, bound.dX), name).toBeLessThanOrEqual(1);
      expect(worstRatio(dParams.values(), expected, bound.dParams), name).toBeLessThanOrEqual(1);
      expect(violations, name).toEqual([]);
    }
  });

  test("a constant row becomes exactly beta; a row with NaN becomes NaN, its pads zero, other rows unharmed", () => {
    const [N, F] = [3, 5];
    const x = floats(1, N * F).fill(0.1, 0, F);
    x[F + 2] = Number.NaN;
    const shape = { N, F, x: x.map(Math.fround), gamma: floats(2, F), beta: floats(3, F), epsilon: 1e-5 };
    const { y, violations } = run({ ...shape, dy: floats(4, N * F), start: new Float64Array(2 * F) });
    expect(y.values().subarray(0, F)).toEqual(shape.beta);
    expect(y.values().subarray(F, 2 * F)).toEqual(new Float64Array(F).fill(Number.NaN));
    expect(
      y
        .values()
        .subarray(2 * F)
        .every(Number.isFinite),
    ).toBe(true);
    expect(violations).toEqual([]);
  });
});
