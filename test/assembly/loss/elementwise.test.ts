import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { meanSquaredError } from "../../reference/losses.ts";
import { describeVariants } from "../../support/kernels.ts";
import { rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

const CASES = pairwise({ N: [1, 2, 3, 64, 1000], F: [1, 2, 3, 4, 5, 8, 64, 65], scale: [1e-10, 1, 1e15] });

function squared(kernels: Kernels, operands: readonly [number, number, number], N: number, F: number): number {
  return kernels.elementwiseLoss(...operands, 0, 0, N, F, 0, 0, N * F, 1);
}

describeVariants((_variant, kernels, arena) => {
  // A difference is rounded once, a gradient twice more with its scale: 3 * 2^-24. The value is summed in float64.
  test("elementwiseLoss of squares: value within 2^-23, gradients within 2^-22 of themselves, pads zero", () => {
    for (const { N, F, scale } of CASES) {
      const [prediction, target] = [floats(1, N * F, scale), floats(2, N * F, scale)];
      const memory = arena();
      const y = memory.input("y", rows(N, F), prediction);
      const wanted = memory.input("target", rows(N, F), target);
      const dY = memory.output("dY", rows(N, F));
      const value = squared(kernels, [dY.address, y.address, wanted.address], N, F);
      const expected = meanSquaredError({ prediction, target });
      const label = `N ${N} F ${F} scale ${scale}`;
      expect(relativeError([value], [expected.value], 0), label).toBeLessThan(2 ** -23);
      expect(relativeError(dY.values(), expected.gradient, 0), label).toBeLessThan(2 ** -22);
      expect(memory.violations(), label).toEqual([]);
    }
  });

  test("elementwiseLoss of squares: equal arrays have the value 0 and gradients 0", () => {
    const memory = arena();
    const y = memory.input("y", rows(3, 5), floats(1, 15));
    const dY = memory.output("dY", rows(3, 5));
    expect(squared(kernels, [dY.address, y.address, y.address], 3, 5)).toBe(0);
    expect(dY.values()).toEqual(new Float64Array(15));
  });

  test("elementwiseLoss of squares: a difference of 3e38 has a finite value, one NaN makes it NaN", () => {
    const memory = arena();
    const y = memory.inout("y", rows(2, 5), [3e38, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const target = memory.input("target", rows(2, 5), new Float64Array(10));
    const dY = memory.output("dY", rows(2, 5));
    expect(squared(kernels, [dY.address, y.address, target.address], 2, 5)).toBe(Math.fround(3e38) ** 2 / 10);
    y.set([0, 0, 0, 0, 0, 0, 0, 0, 0, Number.NaN]);
    expect(squared(kernels, [dY.address, y.address, target.address], 2, 5)).toBeNaN();
  });
});
