import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Dense, Random, type Tensor } from "../../src/index.ts";
import { denseBackward, denseForward } from "../reference/dense.ts";
import {
  expectClose,
  expectSameBits,
  expectSameNamedBits,
  f32,
  f64,
  loadCore,
  named,
  RANDOM_SHAPES,
  randomTensor,
  randomWeights,
} from "../support/layers.ts";

/** A sum of up to 300 products below 1, each rounded to 6e-8 of a partial sum below 30: in the mean far less. */
const SUM = { absolute: 1e-5, relative: 1e-5 };

const upTo = (max: number) => fc.integer({ min: 1, max });
const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(upTo(9), upTo(40), upTo(40)) },
  { weight: 1, arbitrary: fc.tuple(upTo(300), upTo(40), upTo(40)) },
  { weight: 1, arbitrary: fc.tuple(upTo(9), upTo(300), upTo(140)) },
);

function agreesWithTwin([N, I, O]: [number, number, number], useBias: boolean, seed: number): void {
  const random = new Random(seed);
  const dense = new Dense({ units: O, inputSize: I, useBias });
  const weights = randomWeights(random, dense);
  dense.setWeights(weights);
  expectSameNamedBits(dense.getWeights(), weights);
  const [x, dy] = [randomTensor(random, N, I), randomTensor(random, N, O)];
  const inputs = { N, I, O, x: f64(x), weight: f64(named(weights, "weight")) };
  const bias = useBias ? f64(named(weights, "bias")) : undefined;
  const y = dense.forward(x, { training: true });
  expectSameBits(dense.forward(x), y, "output without training");
  expectClose(y.data, denseForward({ ...inputs, bias }), "output", SUM);
  const d = denseBackward({ ...inputs, dy: f64(dy) });
  expectClose(dense.backward(dy).input.data, d.x, "gradient of x", SUM);
  const gradients = dense.getGradients();
  expect(Object.keys(gradients)).toEqual(useBias ? ["weight", "bias"] : ["weight"]);
  for (const name of ["weight", ...(useBias ? ["bias"] : [])] as const) {
    expectClose(named(gradients, name).data, name === "bias" ? d.bias : d.weight, `gradient of ${name}`, SUM);
  }
  dense.dispose();
}

beforeAll(async () => {
  await loadCore();
});

describe("Dense against the float64 twin", () => {
  test(`${RANDOM_SHAPES} random shapes: output and gradients to 1e-5, weights come back with the same bits`, () => {
    const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(fc.property(sizes, fc.boolean(), seed, agreesWithTwin), { numRuns: RANDOM_SHAPES });
  });
});

/** The layer is linear in x and in its weights, so a wide difference has no truncation error: 2^-24 of y is rounded. */
describe("Dense against finite differences through its own forward call", () => {
  const random = new Random(11);
  const [x, dy] = [randomTensor(random, 3, 5), randomTensor(random, 3, 7)];

  function numerical(variable: Tensor, output: () => Tensor): number[] {
    const loss = () => f64(output()).reduce((sum, value, n) => sum + value * (dy.data[n] ?? 0), 0);
    return Array.from(variable.data, (original, n) => {
      const values = [1, -1].map((width) => {
        variable.data[n] = original + width;
        return loss();
      });
      variable.data[n] = original;
      return ((values[0] ?? Number.NaN) - (values[1] ?? Number.NaN)) / 2;
    });
  }

  test("gradients of x, weight and bias to 1e-5", () => {
    const dense = new Dense({ units: 7, inputSize: 5, seed: 2 });
    dense.forward(x, { training: true });
    const { input } = dense.backward(dy);
    expectClose(input.data, numerical(x, () => dense.forward(x)), "x", SUM); // biome-ignore format: short
    const weights = dense.getWeights();
    for (const [name, gradient] of Object.entries(dense.getGradients())) {
      const output = () => {
        dense.setWeights(weights);
        return dense.forward(x);
      };
      expectClose(gradient.data, numerical(named(weights, name), output), name, SUM);
    }
  });
});

describe("Dense: shapes, options and weights", () => {
  test("the last axis is mapped, whatever stands before it", () => {
    const dense = new Dense({ units: 2, inputSize: 3 });
    dense.setWeights({ weight: [[1, 2, 3], [4, 5, 6]], bias: [10, 20] }); // biome-ignore format: short
    expect(dense.forward([[1, 1, 1]])).toEqual(f32([16, 35], 1, 2));
    const x = f32(Array.from({ length: 12 }, (_, n) => n), 2, 1, 2, 3); // biome-ignore format: short
    const y = dense.forward(x, { training: true });
    expect(y.shape).toEqual([2, 1, 2, 2]);
    expect(dense.backward(y).input.shape).toEqual(x.shape);
  });

  test("takes inputSize from the first input; a seed decides the weights", () => {
    const make = (inputSize?: number) => new Dense({ units: 5, seed: 7, inputSize });
    const late = make();
    late.forward([[1, 2, 3]]);
    expect(late.inputSize).toBe(3);
    expectSameNamedBits(late.getWeights(), make(3).getWeights());
    const drawn = new Dense({ units: 5, inputSize: 3 });
    expectSameNamedBits(new Dense({ units: 5, inputSize: 3, seed: drawn.seed }).getWeights(), drawn.getWeights());
  });

  test("gradients accumulate over calls and zeroGradients ends it", () => {
    const dense = new Dense({ units: 1, inputSize: 2 });
    for (const x of [
      [1, 2],
      [3, 4],
    ]) {
      // biome-ignore format: short
      dense.forward([x], { training: true });
      dense.backward([[2]]);
    }
    expect(dense.getGradients()).toEqual({ weight: f32([8, 12], 1, 2), bias: f32([4], 1) });
    expect(dense.hasGradients).toBe(true);
    dense.zeroGradients();
    expect(dense.getGradients()).toEqual({ weight: f32([0, 0], 1, 2), bias: f32([0], 1) });
    expect(dense.hasGradients).toBe(false);
  });

  test("a forward call without training leaves the pending one alone", () => {
    const dense = new Dense({ units: 1, inputSize: 2, useBias: false });
    dense.forward([[1, 2]], { training: true });
    dense.forward([[9, 9], [9, 9]]); // biome-ignore format: short
    dense.backward([[1]]);
    expect(dense.getGradients()).toEqual({ weight: f32([1, 2], 1, 2) });
  });
});
