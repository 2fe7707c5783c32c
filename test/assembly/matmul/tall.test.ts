import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { TILE_2X16, TILE_6X16 } from "../../../src/core/tiles.ts";
import { describeVariants, instantiateTwin } from "../../support/kernels.ts";
import { Arena, flat, strided } from "../../support/kernels-arena.ts";
import { transposed } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats } from "../../support/kernels-values.ts";

/** Every way to split rows into tiles of four to six; K around the eight of an unrolled turn. */
const CASES = pairwise({
  M: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 19, 23, 50, 96],
  K: [1, 7, 8, 9, 16, 63, 256],
  layout: ["along", "across", "neither"],
});
type Case = (typeof CASES)[number];

/** The bits of c = init + a w, one panel, with nothing else written. */
function bitsOf(kernels: Kernels, memory: Arena, { M, K, layout }: Case, tile: number): Uint32Array {
  const values = floats(M, M * K);
  const step = layout === "neither" ? 3 : 1;
  const spread = new Float64Array(M * K * step).map((_, n) => (n % step === 0 ? (values[n / step] ?? 0) : 0));
  const isAcross = layout === "across";
  const a = isAcross
    ? memory.input("a", strided(K, M, M + 1, 1), transposed(values, M, K))
    : memory.input("a", strided(M, K * step, K * step + 1, 2), spread);
  const w = memory.input("w", flat(K * 16), floats(K, K * 16));
  const init = memory.input("init", strided(M, 16, 20), floats(M + K, M * 16));
  const c = memory.output("c", strided(M, 16, 24));
  const [aRow, aK] = isAcross ? [4, a.stride * 4] : [a.stride * 4, 4 * step];
  kernels.panelProduct(
    ...([c.address, c.stride * 4, init.address, init.stride * 4] as const),
    ...([a.address, aRow, aK, w.address, M, K, 16, tile] as const),
  );
  expect(memory.violations()).toEqual([]);
  return c.words();
}

describeVariants((variant, kernels, arena) => {
  const twin = instantiateTwin(variant);
  test("the tile for turbo gives the bits of 2x16 for any rows, K and layout, and nothing else is written", () => {
    for (const shape of CASES) {
      const expected = bitsOf(kernels, arena(), shape, TILE_2X16);
      const tall = bitsOf(twin.kernels, new Arena(twin.kernels, twin.memory), shape, TILE_6X16);
      expect(firstDifference(tall, expected), JSON.stringify(shape)).toBe(-1);
    }
  });
});
