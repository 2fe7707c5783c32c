import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";

const N = 8;
const STEPS = 600;
const SMALLEST_NORMAL = 2 ** -126;

type Blocks = readonly [params: number, first: number, second: number, third: number, gradients: number];

/** A step of each optimizer; decay is fast enough to leave the normal numbers. */
const STEP: Readonly<Record<string, (kernels: Kernels, blocks: Blocks) => void>> = {
  adam: (kernels, [p, m, v, _, g]) =>
    kernels.adam(p, m, v, 0, g, N, 0.001, 1, 0, 0.9, Math.fround(1 - 0.9), 0.8, Math.fround(1 - 0.8), 1, 1e-7),
  adamax: (kernels, [p, m, u, _, g]) => kernels.adamax(p, m, u, g, N, 0.001, 0.9, 0.1, 0.8, 0, 1e-7),
  sgdMomentum: (kernels, [p, m, _, __, g]) => kernels.sgdMomentum(p, m, g, N, 0.9, -0.01, 1, 0),
  lion: (kernels, [p, m, _, __, g]) => kernels.lion(p, m, g, N, 0.001, 0.9, 0.1, 0.8, 0.2),
  rmsprop: (kernels, [p, v, mean, buffer, g]) =>
    kernels.rmsprop(p, v, mean, buffer, g, N, 0.8, 0.2, 0.9, 0.001, 1, 1e-7, 0),
  adadelta: (kernels, [p, v, u, _, g]) => kernels.adadelta(p, v, u, g, N, 1, 0.8, 0.2, 1e-7),
};

describeVariants((_variant, kernels, arena) => {
  test.each(
    Object.entries(STEP),
  )("%s: moments of a gradient that has become zero end at 0, and no step leaves a subnormal number", (name, step) => {
    const memory = arena();
    const block = (label: string, value: number) => memory.inout(label, flat(N), new Float64Array(N).fill(value));
    const params = block("params", 0.5);
    const moments = [block("first", 1e-20), block("second", 1e-20), block("third", 1e-20)] as const;
    const gradients = memory.input("gradients", flat(N), new Float64Array(N));
    const [first, second, third] = moments;
    for (let n = 0; n < STEPS; n++) {
      step(kernels, [params.address, first.address, second.address, third.address, gradients.address]);
      for (const moment of moments) {
        const isRight = moment.values().every((value) => value === 0 || Math.abs(value) >= SMALLEST_NORMAL);
        expect(isRight, `${name}, step ${n}`).toBe(true);
      }
    }
    expect(first.values()).toEqual(new Float64Array(N));
    expect(memory.violations()).toEqual([]);
  });
});
