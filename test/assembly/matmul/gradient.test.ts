import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { TILE_2X16, TILE_4X8, TILE_6X8 } from "../../../src/core/tiles.ts";
import { matmul, matmulErrorBound } from "../../reference/matmul.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, rows } from "../../support/kernels-arena.ts";
import type { Operand } from "../../support/kernels-operand.ts";
import { panelLength, toPanels, transposed } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, worstRatio } from "../../support/kernels-values.ts";

/** Below, at and above the 128 rows of a block, tile heights, vectors and panels; 64 has canaries between rows. */
const CASES = pairwise({
  R: [1, 2, 3, 127, 128, 129, 300],
  I: [1, 2, 3, 4, 5, 9, 64],
  H: [0, 1, 2, 4, 7, 64],
  N: [1, 4, 5, 8, 12, 16, 17, 20, 31, 64],
  tile: [TILE_2X16, TILE_4X8, TILE_6X8],
});
type Case = (typeof CASES)[number];
const CHUNKS = [1, 2, 7, 128, 130];

function problem(shape: Case) {
  const { R, I, H, N } = shape;
  const x = floats(R, R * I);
  const state = floats(H + 1, R * H);
  const dy = floats(N, R * N);
  const start = floats(R + N, (1 + I + H) * N);
  const ones = new Float64Array(R).fill(1);
  const a = Float64Array.of(...ones, ...transposed(x, R, I), ...transposed(state, R, H));
  const inputs = { M: 1 + I + H, N, K: R, a, b: dy, init: start };
  return { ...shape, x, state, dy, start, expected: matmul(inputs), bound: matmulErrorBound(inputs) };
}
type Problem = ReturnType<typeof problem>;
const PROBLEMS = CASES.map(problem);

/** Works the rows in chunks of `height`, the last chunk first, and returns the panels. */
function run(kernels: Kernels, arena: Arena, shape: Problem, height: number, tile: number): Operand {
  const { R, I, H, N } = shape;
  const start = toPanels(shape.start, 1 + I + H, N);
  const panels = arena.inout("dPanels", flat(panelLength(1 + I + H, N)), start);
  const dy = arena.input("dy", rows(R, N), shape.dy);
  const x = arena.input("x", rows(R, I), shape.x);
  const state = H > 0 ? arena.input("state", rows(R, H), shape.state) : undefined;
  const scratch = arena.output("scratch", flat(kernels.gradientScratchFloats(I + H, N)));
  for (let end = R; end > 0; end -= height) {
    const first = Math.max(0, end - height);
    kernels.weightGradient(
      ...([panels.address, dy.row(first), dy.stride, x.row(first), x.stride] as const),
      ...([state?.row(first) ?? 0, state?.stride ?? 0, scratch.address, end - first, I, H, true, 0, N, tile] as const),
    );
  }
  return panels;
}

const label = ({ R, I, H, N }: Case) => `rows ${R} I ${I} H ${H} N ${N}`;

describeVariants((_variant, kernels, arena) => {
  test("weightGradient: adds with |error| <= (rows + 8) * 2^-24 * (|start| + sum |x dy|), nothing else written", () => {
    for (const shape of PROBLEMS) {
      const memory = arena();
      const panels = run(kernels, memory, shape, shape.R, shape.tile).values();
      const [expected, bound] = [shape.expected, shape.bound].map((m) => toPanels(m, 1 + shape.I + shape.H, shape.N));
      // Columns past N have the bound 0: they must stay zero.
      expect(worstRatio(panels, expected ?? [], bound ?? []), label(shape)).toBeLessThanOrEqual(1);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("weightGradient: chunks of rows, the last chunk first, give the bits of one call, with either tile", () => {
    for (const shape of PROBLEMS) {
      const whole = run(kernels, arena(), shape, shape.R, TILE_2X16).words();
      for (const height of CHUNKS.filter((height) => height < shape.R)) {
        const chunked = run(kernels, arena(), shape, height, shape.tile).words();
        expect(firstDifference(chunked, whole), `${label(shape)} in chunks of ${height}`).toBe(-1);
      }
      const otherTile = run(kernels, arena(), shape, shape.R, TILE_4X8).words();
      expect(firstDifference(otherTile, whole), label(shape)).toBe(-1);
    }
  });
});
