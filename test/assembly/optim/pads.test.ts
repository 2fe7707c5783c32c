import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";

const N = 8;

/** Parameters, three moments and gradients. */
type Addresses = readonly [p: number, a: number, b: number, c: number, g: number];

const CALLS: Readonly<Record<string, (kernels: Kernels, blocks: Addresses) => void>> = {
  adadelta: (kernels, [p, a, b, , g]) => kernels.adadelta(p, a, b, g, N, 1, 0.9, 0.1, 1e-6),
  adagrad: (kernels, [p, a, , , g]) => kernels.rmsprop(p, a, 0, 0, g, N, 1, 1, 0, 0.01, 1, 0, 1e-10),
  adam: (kernels, [p, a, b, c, g]) => kernels.adam(p, a, b, c, g, N, 0.01, 1, 0, 0.9, 0.1, 0.999, 0.001, 1, 1e-7),
  adamax: (kernels, [p, a, b, , g]) => kernels.adamax(p, a, b, g, N, 0.01, 0.9, 0.1, 0.999, 0, 1e-7),
  blend: (kernels, [p, , , , g]) => kernels.blend(p, g, N, 1, -0.1),
  lion: (kernels, [p, a, , , g]) => kernels.lion(p, a, g, N, 0.01, 0.9, 0.1, 0.99, 0.01),
  nadam: (kernels, [p, a, b, , g]) => kernels.adam(p, a, b, 0, g, N, 0.01, 0.9, 0.1, 0.9, 0.1, 0.999, 0.001, 30, 1e-38),
  radam: (kernels, [p, a, b, , g]) => kernels.adam(p, a, b, 0, g, N, 0.01, 1, 0, 0.9, 0.1, 0.999, 0.001, 0, 1),
  rmsprop: (kernels, [p, a, b, c, g]) => kernels.rmsprop(p, a, b, c, g, N, 0.9, 0.1, 0.9, 1, 0.01, 0, 1e-8),
  sgdMomentum: (kernels, [p, a, , , g]) => kernels.sgdMomentum(p, a, g, N, 0.9, -0.1, 0.9, -0.1),
};

describeVariants((_variant, kernels, arena) => {
  test.each(Object.entries(CALLS))("%s: pads, zero in every block, stay zero", (_name, call) => {
    const memory = arena();
    const blocks = Array.from({ length: 5 }, () => memory.inout("zeros", flat(N), new Float64Array(N)));
    const [p = 0, a = 0, b = 0, c = 0, g = 0] = blocks.map(({ address }) => address);
    call(kernels, [p, a, b, c, g]);
    expect(blocks.flatMap((block) => [...block.values()]).every((value) => value === 0)).toBe(true);
    expect(memory.violations()).toEqual([]);
  });
});
