import { expect, test } from "vitest";
import { matmul, matmulErrorBound } from "../../reference/matmul.ts";
import { describeVariants } from "../../support/kernels.ts";
import { flat, strided } from "../../support/kernels-arena.ts";
import { toPanels } from "../../support/kernels-panels.ts";
import { floats, worstRatio } from "../../support/kernels-values.ts";

/** Around the four k of an unrolled turn. */
const DEPTHS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 255, 513];
/** Floats from one k to the next. */
const STEPS = [1, 5];

function problem(K: number, N: number) {
  const inputs = { M: 1, N, K, a: floats(K, K), b: floats(N, K * N), init: floats(K + N, N) };
  return { ...inputs, expected: matmul(inputs), bound: matmulErrorBound(inputs) };
}

describeVariants((_variant, kernels, arena) => {
  test("row16: |error| <= (K + 8) * 2^-24 * (|init| + sum |a b|), nothing else written", () => {
    for (const K of DEPTHS) {
      for (const step of STEPS) {
        const { a, b, init, expected, bound } = problem(K, 16);
        const memory = arena();
        const row = memory.input("a", strided(K, 1, step, 3), a);
        const panel = memory.input("w", flat(K * 16), b);
        const start = memory.input("init", flat(16), init);
        const c = memory.output("c", flat(16));
        kernels.row16(c.address, start.address, row.address, step * 4, panel.address, K);
        expect(worstRatio(c.values(), expected, bound), `K ${K}`).toBeLessThanOrEqual(1);
        expect(memory.violations()).toEqual([]);
      }
    }
  });

  test("row32: the same bound over two panels, wherever their bias rows stand", () => {
    for (const K of DEPTHS) {
      for (const initPanel of [16, (1 + K) * 16]) {
        const { a, b, init, expected, bound } = problem(K, 32);
        const memory = arena();
        const row = memory.input("a", flat(K, 1), a);
        const panels = memory.input("w", flat(2 * (1 + K) * 16), toPanels([...init, ...b], 1 + K, 32));
        const start = initPanel === 16 ? memory.input("init", flat(32), init) : panels;
        const c = memory.output("c", flat(32));
        const [w, wPanel] = [panels.address + 64, (1 + K) * 64];
        kernels.row32(c.address, start.address, initPanel * 4, row.address, 4, w, wPanel, K);
        expect(worstRatio(c.values(), expected, bound), `K ${K} init ${initPanel}`).toBeLessThanOrEqual(1);
        expect(memory.violations()).toEqual([]);
      }
    }
  });
});
