import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import * as exact from "../../reference/activations.ts";
import { at } from "../../reference/elements.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat } from "../../support/kernels-arena.ts";
import { bitsOf, evenFloats, everyFloat, floatsOf, joined, specialFloats } from "../../support/kernels-floats.ts";
import { ulpError } from "../../support/kernels-values.ts";

/** 1.2 million of all bit patterns, then where the functions bend, and around every multiple of ln 2 / 2. */
const halves = Array.from({ length: 601 }, (_, n) => (n - 300) * Math.LN2 * 0.5);
const SWEEP = joined(
  specialFloats(),
  everyFloat(3571),
  evenFloats(-105, 90, 300_001),
  evenFloats(-1, 1, 100_001),
  bitsOf(...halves.flatMap((x) => [x * (1 - 2 ** -23), x, x * (1 + 2 ** -23)])),
);
const X = floatsOf(SWEEP);

type Name = "expVector" | "sigmoidVector" | "tanhVector";

function apply(kernels: Kernels, memory: Arena, name: Name, words: Uint32Array): Float32Array {
  const x = memory.output("x", flat(words.length));
  const y = memory.output("y", flat(words.length));
  x.setWords(words);
  kernels[name](y.address, x.address, words.length);
  return floatsOf(y.words());
}

/** The largest error over the numbers of the sweep that `isMeant`, by `error` of the result, the exact one, and x. */
function worst(
  y: Float32Array,
  f: (x: number) => number,
  isMeant: (x: number) => boolean,
  error: (actual: number, exact: number) => number,
): number {
  let largest = 0;
  for (let n = 0; n < X.length; n++) {
    const x = at(X, n);
    if (isMeant(x)) largest = Math.max(largest, error(at(y, n), f(x)));
  }
  return largest;
}

describeVariants((_variant, kernels, arena) => {
  test("tanh: error <= 3 ULP everywhere", () => {
    const y = apply(kernels, arena(), "tanhVector", SWEEP);
    expect(worst(y, exact.tanh, (x) => !Number.isNaN(x), ulpError)).toBeLessThanOrEqual(3);
  });

  test("sigmoid: error <= 3 ULP for x >= -87, and below that between 0 and 2^-126", () => {
    const y = apply(kernels, arena(), "sigmoidVector", SWEEP);
    expect(worst(y, exact.sigmoid, (x) => x >= -87, ulpError)).toBeLessThanOrEqual(3);
    const below = [...y].filter((_, n) => at(X, n) < -87);
    expect(below.length).toBeGreaterThan(1000);
    expect(below.every((value) => value >= 0 && value <= 2 ** -126)).toBe(true);
  });

  test("exp: error <= 2 ULP, subnormal and overflowing results included", () => {
    const y = apply(kernels, arena(), "expVector", SWEEP);
    expect(worst(y, exact.exp, (x) => !Number.isNaN(x), ulpError)).toBeLessThanOrEqual(2);
  });

  test("NaN stays NaN, quiet or signalling, and comes from nothing else", () => {
    for (const name of ["expVector", "sigmoidVector", "tanhVector"] as const) {
      const y = apply(kernels, arena(), name, SWEEP);
      expect(y.findIndex((value, n) => Number.isNaN(value) !== Number.isNaN(at(X, n)))).toBe(-1);
    }
  });

  test("limits: infinities and huge numbers give exactly 0, 1, -1 and infinity", () => {
    const words = bitsOf(-Infinity, -3e38, -200, -104, 104, 200, 3e38, Infinity);
    const limits = (name: Name) => [...apply(kernels, arena(), name, words)];
    expect(limits("sigmoidVector")).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(limits("tanhVector")).toEqual([-1, -1, -1, -1, 1, 1, 1, 1]);
    expect(limits("expVector")).toEqual([0, 0, 0, 0, Infinity, Infinity, Infinity, Infinity]);
  });

  test("sigmoid never leaves [0, 1], tanh never [-1, 1]; sigmoid is 1 from 18 on, tanh from 10 on", () => {
    const sigmoid = apply(kernels, arena(), "sigmoidVector", SWEEP);
    const tanh = apply(kernels, arena(), "tanhVector", SWEEP);
    expect(sigmoid.findIndex((y) => y < 0 || y > 1)).toBe(-1);
    expect(tanh.findIndex((y) => Math.abs(y) > 1)).toBe(-1);
    expect(sigmoid.findIndex((y, n) => at(X, n) >= 18 && y !== 1)).toBe(-1);
    expect(tanh.findIndex((y, n) => Math.abs(at(X, n)) >= 10 && y !== Math.sign(at(X, n)))).toBe(-1);
  });

  test("a count that is no multiple of 4 is rounded up, and nothing else is written", () => {
    for (const name of ["expVector", "sigmoidVector", "tanhVector"] as const) {
      for (const [N, written] of [
        [1, 4],
        [4, 4],
        [5, 8],
        [8, 8],
      ] as const) {
        const memory = arena();
        const x = memory.input("x", flat(written, 1), new Float64Array(written));
        const y = memory.output("y", flat(written, 3));
        kernels[name](y.address, x.address, N);
        expect(memory.violations()).toEqual([]);
        expect([...y.values()]).not.toContain(Number.NaN);
      }
    }
  });
});
