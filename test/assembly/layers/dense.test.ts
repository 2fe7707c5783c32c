import { expect, test } from "vitest";
import { TILE_2X16, TILE_4X8, TILE_6X8 } from "../../../src/core/tiles.ts";
import { denseBackward, denseForward } from "../../reference/dense.ts";
import { at } from "../../reference/elements.ts";
import { matmulErrorBound } from "../../reference/matmul.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, rows } from "../../support/kernels-arena.ts";
import { fromPanels, panelLength, toPanels, transposed } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, worstRatio } from "../../support/kernels-values.ts";

const CASES = pairwise({
  N: [1, 2, 3, 5, 96, 97, 129, 260],
  I: [1, 2, 3, 4, 5, 16, 17, 64, 257],
  O: [1, 2, 3, 4, 5, 12, 16, 17, 33, 64],
  biases: [0, 1],
  tile: [TILE_2X16, TILE_4X8, TILE_6X8],
});
type Case = (typeof CASES)[number];
const label = ({ N, I, O, biases }: Case) => `N ${N} I ${I} O ${O} biases ${biases}`;

/** [b | W] as panels. */
function blockOf(bias: Float64Array, weight: Float64Array, { I, O }: Case): Float64Array {
  return toPanels([...bias, ...transposed(weight, O, I)], 1 + I, O);
}

/** A case with its numbers and what should come of them; parameters and their gradients as panels. */
function problem(shape: Case) {
  const { N, I, O, biases } = shape;
  const bias = biases ? floats(3, O) : new Float64Array(O);
  const numbers = { x: floats(1, N * I), weight: floats(2, O * I), bias, dy: floats(4, N * O) };
  // Without a bias its row of gradients stays zero.
  const start = floats(5, (1 + I) * O).map((value, n) => (n < O && !biases ? 0 : value));
  const startBlock = toPanels(start, 1 + I, O);
  const d = denseBackward({ N, I, O, ...numbers });
  const dBlock = blockOf(biases ? d.bias : bias, d.weight, shape);
  const expected = {
    y: denseForward({ N, I, O, ...numbers }),
    dX: d.x,
    dParams: dBlock.map((gradient, n) => gradient + at(startBlock, n)),
  };
  return { ...shape, ...numbers, startBlock, expected, bounds: bounds(shape, numbers, start) };
}
type Problem = ReturnType<typeof problem>;

interface Numbers {
  readonly x: Float64Array;
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly dy: Float64Array;
}

/** Bounds of matmul for y = b + x W, dx = dy W^T and [db; dW] = start + [1; x]^T dy. */
function bounds(shape: Case, numbers: Numbers, start: Float64Array) {
  const { N, I, O } = shape;
  const { x, weight, bias, dy } = numbers;
  const init = Float64Array.from({ length: N * O }, (_, n) => at(bias, n % O));
  const ones = new Float64Array(N).fill(1);
  const a = Float64Array.of(...ones, ...transposed(x, N, I));
  return {
    y: matmulErrorBound({ M: N, N: O, K: I, a: x, b: transposed(weight, O, I), init }),
    dX: matmulErrorBound({ M: N, N: I, K: O, a: dy, b: weight }),
    dParams: toPanels(matmulErrorBound({ M: 1 + I, N: O, K: N, a, b: dy, init: start }), 1 + I, O),
  };
}
const PROBLEMS = CASES.map(problem);

describeVariants((_variant, kernels, arena) => {
  /** Gradients of weights in two ranges of columns, and rows of dx in two calls, where there are enough. */
  function backward(memory: Arena, shape: Problem, isSplit: boolean) {
    const { N, I, O, biases, tile, bias, weight, startBlock } = shape;
    const params = memory.input("params", flat(startBlock.length), blockOf(bias, weight, shape));
    const x = memory.input("x", rows(N, I), shape.x);
    const dY = memory.input("dY", rows(N, O), shape.dy);
    const dX = memory.output("dX", rows(N, I));
    const dParams = memory.inout("dParams", flat(startBlock.length), startBlock);
    const transposed = memory.output("transposed", flat(kernels.denseTransposedFloats(I, O))).address;
    const scratch = memory.output("scratch", flat(kernels.gradientScratchFloats(I, O))).address;
    const [dxRow, dyRow] = [kernels.rowStride(I) * 4, kernels.rowStride(O) * 4];
    kernels.denseTranspose(transposed, params.address, I, O);
    for (const [first, end] of partsOf(N, isSplit && N > 1 ? Math.ceil(N / 3) : N)) {
      const [to, from] = [dX.address + first * dxRow, dY.address + first * dyRow];
      kernels.denseBackward(to, from, transposed, end - first, I, O, tile);
    }
    for (const [first, end] of partsOf(O, isSplit && O > 16 ? 16 : O)) {
      const outputs = [dParams.address, scratch, dY.address, x.address] as const;
      kernels.denseGradients(...outputs, N, I, O, biases, first, end, tile);
    }
    return { dX, dParams };
  }

  /** [0, at) and [at, count). */
  const partsOf = (count: number, at: number) => (at < count ? [[0, at], [at, count]] : [[0, count]]) as [number, number][]; // biome-ignore format: short

  test("denseForward: |error| <= (I + 8) * 2^-24 * (|b| + sum |x W|), pads zero, nothing else written", () => {
    for (const shape of PROBLEMS) {
      const { N, I, O, tile, bias, weight, expected, bounds } = shape;
      const memory = arena();
      const params = memory.input("params", flat(panelLength(1 + I, O)), blockOf(bias, weight, shape));
      const x = memory.input("x", rows(N, I), shape.x);
      const y = memory.output("y", rows(N, O));
      kernels.denseForward(y.address, x.address, params.address, N, I, O, tile);
      expect(worstRatio(y.values(), expected.y, bounds.y), label(shape)).toBeLessThanOrEqual(1);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("denseBackward and denseGradients: dx and added weight gradients within the bounds of their products, pads zero", () => {
    for (const shape of PROBLEMS) {
      const { expected, bounds } = shape;
      const memory = arena();
      const { dX, dParams } = backward(memory, shape, false);
      expect(worstRatio(dX.values(), expected.dX, bounds.dX), label(shape)).toBeLessThanOrEqual(1);
      expect(worstRatio(dParams.values(), expected.dParams, bounds.dParams), label(shape)).toBeLessThanOrEqual(1);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("denseBackward and denseGradients: the same bits in parts; without a bias its gradient is exactly 0", () => {
    for (const shape of PROBLEMS) {
      const whole = backward(arena(), shape, false);
      const { dX, dParams } = backward(arena(), shape, true);
      expect(firstDifference(dX.words(), whole.dX.words()), label(shape)).toBe(-1);
      expect(firstDifference(dParams.words(), whole.dParams.words()), label(shape)).toBe(-1);
      const biasRow = fromPanels(dParams.values(), 1 + shape.I, shape.O).subarray(0, shape.O);
      if (!shape.biases) expect(biasRow).toEqual(new Float64Array(shape.O));
    }
  });

  test("denseWriteWeights and denseReadWeights: panels [b | W] and back, a bias only where one is given", () => {
    for (const shape of PROBLEMS) {
      const { I, O, biases } = shape;
      const memory = arena();
      const weight = memory.input("weight", flat(O * I, 1), shape.weight);
      const bias = memory.input("bias", flat(O, 3), shape.bias);
      const length = kernels.denseParameterFloats(I, O);
      const params = memory.inout("params", flat(length), new Float64Array(length));
      const [weightBack, biasBack] = [memory.output("weight", flat(O * I, 2)), memory.output("bias", flat(O, 1))];
      kernels.denseWriteWeights(params.address, weight.address, biases ? bias.address : 0, I, O);
      kernels.denseReadWeights(weightBack.address, biases ? biasBack.address : 0, params.address, I, O);
      expect(params.values(), label(shape)).toEqual(blockOf(shape.bias, shape.weight, shape));
      expect(weightBack.values(), label(shape)).toEqual(shape.weight);
      expect(biasBack.values(), label(shape)).toEqual(biases ? shape.bias : shape.bias.map(() => Number.NaN));
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });
});
