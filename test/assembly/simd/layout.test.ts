import { expect, test } from "vitest";
import { describeVariants } from "../../support/kernels.ts";

const FEATURES = Array.from({ length: 2100 }, (_, n) => n + 1);

describeVariants((_variant, kernels) => {
  test("rowStride: whole vectors, at most 4 floats more below 64 features and 19 from there on", () => {
    for (const F of FEATURES) {
      const stride = kernels.rowStride(F);
      expect(stride % 4).toBe(0);
      expect(stride).toBeGreaterThanOrEqual(F);
      expect(stride - F).toBeLessThan(F <= 60 ? 4 : 20);
    }
  });

  test("rowStride: from 64 floats on, rows are never an even number of 64-byte lines apart", () => {
    for (const F of FEATURES) {
      const stride = kernels.rowStride(F);
      if (stride >= 64) expect(stride % 32, `F ${F}`).not.toBe(0);
    }
  });

  test("panelFloats: 16 floats for every k of every started panel, exact beyond 2^32", () => {
    for (const [K, N] of [
      [1, 1],
      [3, 16],
      [5, 17],
      [70_001, 1_000_003],
      [2 ** 31 - 1, 100],
    ] as const) {
      const exact = BigInt(K) * 16n * ((BigInt(N) + 15n) / 16n);
      expect(BigInt(kernels.panelFloats(K, N)), `K ${K} N ${N}`).toBe(exact);
    }
  });
});
