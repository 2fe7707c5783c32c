import { expect, test } from "vitest";
import { clipByValue } from "../../reference/optimizers.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat } from "../../support/kernels-arena.ts";
import { bitsOf } from "../../support/kernels-floats.ts";
import { floats, relativeError } from "../../support/kernels-values.ts";

const LENGTHS = [4, 8, 12, 64, 1000];
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

describeVariants((_variant, kernels, arena) => {
  test("sumOfSquares: within 1e-14 of itself, huge and tiny elements included", () => {
    for (const N of LENGTHS) {
      for (const scale of [1e-30, 1, 1e38]) {
        const values = floats(N, N, scale);
        const memory = arena();
        const x = memory.input("x", flat(N), values);
        const expected = values.reduce((sum, value) => sum + value * value, 0);
        expect(relativeError([kernels.sumOfSquares(x.address, N)], [expected], 0)).toBeLessThan(1e-14);
        expect(memory.violations()).toEqual([]);
      }
    }
  });

  test("sumOfSquares: counts every element once", () => {
    const values = Float64Array.from({ length: 16 }, (_, n) => 2 ** n);
    const x = arena().input("x", flat(16), values);
    expect(kernels.sumOfSquares(x.address, 16)).toBe((4 ** 16 - 1) / 3);
  });

  test("scale: every element times the factor, rounded once", () => {
    for (const N of LENGTHS) {
      const memory = arena();
      const x = memory.inout("x", flat(N), floats(N, N));
      const factor = Math.fround(0.3);
      kernels.scale(x.address, N, factor);
      expect(x.values()).toEqual(floats(N, N).map((value) => Math.fround(value * factor)));
      expect(memory.violations()).toEqual([]);
    }
  });

  test("clipValue: exactly the elements outside [-limit, limit] become the limit", () => {
    for (const N of LENGTHS) {
      const memory = arena();
      const x = memory.inout("x", flat(N), floats(N, N));
      kernels.clipValue(x.address, N, 0.5);
      expect(x.values()).toEqual(clipByValue({ gradients: floats(N, N), limit: 0.5 }));
      expect(memory.violations()).toEqual([]);
    }
  });

  test("clipValue: infinities become limits, NaN and zeros stay", () => {
    const x = arena().inout("x", flat(4), [Infinity, -Infinity, Number.NaN, -0]);
    kernels.clipValue(x.address, 4, 2);
    expect([...x.values()]).toEqual([2, -2, Number.NaN, -0]);
  });

  test("allFinite: finds NaN and infinities at every position, and nothing else", () => {
    const bad = [Number.NaN, Infinity, -Infinity];
    for (const N of [4, 8, 12, 20]) {
      const memory = arena();
      const x = memory.inout("x", flat(N), floats(N, N));
      expect(Boolean(kernels.allFinite(x.address, N)), `N ${N}`).toBe(true);
      for (let n = 0; n < N; n++) {
        for (const value of bad) {
          x.set(floats(N, N).map((original, m) => (m === n ? value : original)));
          expect(Boolean(kernels.allFinite(x.address, N)), `${value} at ${n} of ${N}`).toBe(false);
        }
      }
      expect(memory.violations()).toEqual([]);
    }
  });

  test("allFinite: the largest and the smallest floats are finite, signalling NaN is not", () => {
    const x = arena().inout("x", flat(8), [LARGEST, -LARGEST, LARGEST, LARGEST, 2 ** -149, -(2 ** -149), 0, -0]);
    expect(Boolean(kernels.allFinite(x.address, 8))).toBe(true);
    const words = bitsOf(1, 2, 3, 4, 5, 6, 7, 8);
    words[6] = 0x7f800001;
    x.setWords(words);
    expect(Boolean(kernels.allFinite(x.address, 8))).toBe(false);
  });
});
