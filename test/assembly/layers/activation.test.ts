import { describe, expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { ACTIVATIONS, type Activation } from "../../../src/layers/activations.ts";
import { ACTIVATION_TWINS, dSoftmax, softmax } from "../../reference/activations.ts";
import { at } from "../../reference/elements.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, rows } from "../../support/kernels-arena.ts";
import { bitsOf, evenFloats, everyFloat, floatsOf, joined, specialFloats } from "../../support/kernels-floats.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, ulpError } from "../../support/kernels-values.ts";

const NAMES = Object.keys(ACTIVATIONS) as Activation[];
const SHAPES = pairwise({ N: [1, 2, 5], F: [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65] });
type Shape = (typeof SHAPES)[number];

/** All bit patterns, thinned, then where functions bend and break. */
const SWEEP = joined(specialFloats(), everyFloat(40_009), evenFloats(-105, 90, 20_001), evenFloats(-7, 7, 20_001));
const X = floatsOf(SWEEP);

// That of the parts adds up: sigmoid and tanh are off by 3 ULP, exp and e^x - 1 by 2, and each operation after them by
// half a ULP more.
const MOST_ULP = 4;

/** y = act(x) and dX for dY = 1, over one row. */
function sweep(kernels: Kernels, memory: Arena, name: Activation, words: Uint32Array) {
  const x = memory.output("x", flat(words.length));
  const y = memory.output("y", flat(words.length));
  const d = memory.inout("d", flat(words.length), new Float64Array(words.length).fill(1));
  x.setWords(words);
  kernels.activationForward(y.address, x.address, 1, words.length, ACTIVATIONS[name]);
  kernels.activationBackward(d.address, d.address, y.address, 1, words.length, ACTIVATIONS[name]);
  return { y: floatsOf(y.words()), d: floatsOf(d.words()) };
}

/** Softsign of an infinity is one through another. */
const isNumber = (name: Activation, x: number) =>
  !Number.isNaN(x) && !(name === "softsign" && Math.abs(x) === Number.POSITIVE_INFINITY);

test("every activation has a number of its own, from 0 on", () => {
  expect(Object.values(ACTIVATIONS)).toEqual(NAMES.map((_, n) => n));
  expect(Object.keys(ACTIVATION_TWINS)).toEqual(NAMES);
});

describeVariants((_variant, kernels, arena) => {
  describe.each(NAMES)("%s", (name) => {
    const { f, d } = ACTIVATION_TWINS[name];

    test(`error <= ${MOST_ULP} ULP everywhere (sigmoid: from -87 on), NaN only from NaN`, () => {
      const { y } = sweep(kernels, arena(), name, SWEEP);
      let worst = 0;
      X.forEach((x, n) => {
        if (isNumber(name, x) && !(name === "sigmoid" && x < -87)) worst = Math.max(worst, ulpError(at(y, n), f(x)));
      });
      expect(worst).toBeLessThanOrEqual(MOST_ULP);
      expect(X.findIndex((x, n) => isNumber(name, x) === Number.isNaN(at(y, n)))).toBe(-1);
    });

    test("slope within 2^-22 of the one from the same output, relative above 1; NaN stays NaN", () => {
      const result = sweep(kernels, arena(), name, SWEEP);
      let worst = 0;
      result.y.forEach((y, n) => {
        const expected = d(y);
        if (!Number.isNaN(y) && Number.isFinite(expected)) {
          worst = Math.max(worst, Math.abs(at(result.d, n) - expected) / Math.max(1, Math.abs(expected)));
        }
      });
      expect(worst).toBeLessThanOrEqual(2 ** -22);
      expect(result.y.findIndex((y, n) => Number.isNaN(y) !== Number.isNaN(at(result.d, n)))).toBe(-1);
    });
  });

  test("slopes at kinks are those of PyTorch and Keras", () => {
    const slopes = (name: Activation, ...x: number[]) => [...sweep(kernels, arena(), name, bitsOf(...x)).d];
    expect(slopes("relu", 0, -0, 1e-30, -1e-30)).toEqual([0, 0, 1, 0]);
    expect(slopes("relu6", 0, 1e-30, 6, 5.999)).toEqual([0, 1, 0, 1]);
    expect(slopes("hardSigmoid", -3, -2.999, 3, 2.999)).toEqual([0, Math.fround(1 / 6), 0, Math.fround(1 / 6)]);
    expect(slopes("leakyRelu", 0, -0, 1e-30, -1e-30)).toEqual([0.2, 0.2, 1, 0.2].map(Math.fround));
    expect(slopes("elu", 0, -0, 1e-30, -200)).toEqual([1, 1, 1, 0]);
    expect(slopes("selu", 0, -0, 1e-30, 1)).toEqual(
      [1.7580993, 1.7580993, 1.0507009873554805, 1.0507009873554805].map(Math.fround),
    );
  });

  const label = ({ N, F }: Shape, name: string) => `${name}, N ${N} F ${F}`;

  test("rows: pads zero, gaps untouched; in place the same bits", () => {
    for (const name of NAMES) {
      for (const { N, F } of SHAPES) {
        const memory = arena();
        const code = ACTIVATIONS[name];
        const x = memory.input("x", rows(N, F), floats(1, N * F, 4));
        const dY = memory.input("dY", rows(N, F), floats(2, N * F));
        const [y, dX] = [memory.output("y", rows(N, F)), memory.output("dX", rows(N, F))];
        const yInPlace = memory.inout("y in place", rows(N, F), floats(1, N * F, 4));
        const dInPlace = memory.inout("dX in place", rows(N, F), floats(2, N * F));
        kernels.activationForward(y.address, x.address, N, F, code);
        kernels.activationForward(yInPlace.address, yInPlace.address, N, F, code);
        kernels.activationBackward(dX.address, dY.address, y.address, N, F, code);
        kernels.activationBackward(dInPlace.address, dInPlace.address, y.address, N, F, code);
        expect(y.values().some(Number.isNaN) || dX.values().some(Number.isNaN)).toBe(false);
        expect(firstDifference(yInPlace.words(), y.words()), label({ N, F }, name)).toBe(-1);
        expect(firstDifference(dInPlace.words(), dX.words()), label({ N, F }, name)).toBe(-1);
        expect(memory.violations(), label({ N, F }, name)).toEqual([]);
      }
    }
  });

  /** softmax forward and backward, each once into another operand and once in place. */
  function runSoftmax(memory: Arena, { N, F }: Shape, values: Float64Array, upstream: Float64Array) {
    const [x, dY] = [memory.input("x", rows(N, F), values), memory.input("dY", rows(N, F), upstream)];
    const [y, dX] = [memory.output("y", rows(N, F)), memory.output("dX", rows(N, F))];
    const yInPlace = memory.inout("y in place", rows(N, F), values);
    const dInPlace = memory.inout("dX in place", rows(N, F), upstream);
    kernels.softmaxForward(y.address, x.address, N, F);
    kernels.softmaxForward(yInPlace.address, yInPlace.address, N, F);
    kernels.softmaxBackward(dX.address, dY.address, y.address, N, F);
    kernels.softmaxBackward(dInPlace.address, dInPlace.address, y.address, N, F);
    expect(firstDifference(yInPlace.words(), y.words())).toBe(-1);
    expect(firstDifference(dInPlace.words(), dX.words())).toBe(-1);
    return { y: y.values(), dX: dX.values() };
  }

  test("softmax: y and dx within 2^-21 of 1, pads zero, in place the same bits, for numbers up to 1e4", () => {
    for (const shape of SHAPES) {
      const { N, F } = shape;
      for (const [scale, level] of [
        [1, 0],
        [10, -1e4],
        [1e4, 0],
      ] as const) {
        const memory = arena();
        const x = floats(3, N * F, scale).map((value) => Math.fround(value + level));
        const dy = floats(4, N * F);
        const { y, dX } = runSoftmax(memory, shape, x, dy);
        const expected = softmax(x, N, F);
        const error = (actual: Float64Array, exact: Float64Array) =>
          actual.reduce((worst, value, n) => Math.max(worst, Math.abs(value - at(exact, n))), 0);
        expect(error(y, expected), label(shape, `scale ${scale}`)).toBeLessThan(2 ** -21);
        expect(error(dX, dSoftmax(dy, expected, N, F)), label(shape, `scale ${scale}`)).toBeLessThan(2 ** -21);
        expect(memory.violations(), label(shape, `scale ${scale}`)).toEqual([]);
      }
    }
  });

  test("softmax: a row with NaN is NaN, pads stay zero", () => {
    const memory = arena();
    const { y } = runSoftmax(memory, { N: 1, F: 5 }, Float64Array.of(1, Number.NaN, 0, 2, 3), floats(1, 5));
    expect(y.every(Number.isNaN)).toBe(true);
    expect(memory.violations()).toEqual([]);
  });
});
