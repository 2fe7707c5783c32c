import { expect, test } from "vitest";
import { matmul, matmulErrorBound } from "../../reference/matmul.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat, strided } from "../../support/kernels-arena.ts";
import { transposed } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, worstRatio } from "../../support/kernels-values.ts";

/** K around the eight of an unrolled turn. */
const CASES = pairwise({ blocks: [1, 2, 3, 48], K: [1, 7, 8, 9, 16, 17, 256], isTransposed: [false, true] });

describeVariants((_variant, kernels, arena) => {
  test("tile2x16: |error| <= (K + 8) * 2^-24 * (|init| + sum |a b|) in all of its blocks, nothing else written", () => {
    for (const { blocks, K, isTransposed } of CASES) {
      const M = 2 * blocks;
      const inputs = { M, N: 16, K, a: floats(M, M * K), b: floats(K, K * 16), init: floats(M + K, M * 16) };
      const memory = arena();
      const a = isTransposed
        ? memory.input("a", strided(K, M, M + 1, 1), transposed(inputs.a, M, K))
        : memory.input("a", strided(M, K, K + 1, 2), inputs.a);
      const [aRow, aK] = isTransposed ? [4, a.stride * 4] : [a.stride * 4, 4];
      const panel = memory.input("w", flat(K * 16), inputs.b);
      const init = memory.input("init", strided(M, 16, 20), inputs.init);
      const c = memory.output("c", strided(M, 16, 24));
      kernels.tile2x16(
        ...([c.address, c.stride * 4, init.address, init.stride * 4] as const),
        ...([a.address, aRow, aK, panel.address, K, blocks] as const),
      );
      const worst = worstRatio(c.values(), matmul(inputs), matmulErrorBound(inputs));
      expect(worst, `blocks ${blocks} K ${K}`).toBeLessThanOrEqual(1);
      expect(memory.violations()).toEqual([]);
    }
  });
});
