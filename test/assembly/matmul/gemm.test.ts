import { expect, test } from "vitest";
import type { Kernels } from "../../../src/core/kernels.ts";
import { TILE_2X16, TILE_4X8, TILE_6X8 } from "../../../src/core/tiles.ts";
import { at } from "../../reference/elements.ts";
import { matmul, matmulErrorBound } from "../../reference/matmul.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, rows, strided } from "../../support/kernels-arena.ts";
import type { Operand } from "../../support/kernels-operand.ts";
import { panelLength, toPanels, transposed } from "../../support/kernels-panels.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { firstDifference, floats, worstRatio } from "../../support/kernels-values.ts";

const TILES = [TILE_2X16, TILE_4X8, TILE_6X8];

/** Below, at and above: tile heights 2, 4, 6 and 8, ROW_BLOCK 96; vectors, panels and pairs of panels; K_BLOCK 256 and 512. */
const CASES = pairwise({
  M: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 95, 96, 97],
  N: [1, 3, 4, 5, 8, 12, 13, 15, 16, 17, 20, 31, 32, 33, 48, 50],
  K: [1, 2, 3, 7, 8, 9, 16, 255, 256, 257, 300, 513],
  init: ["bias", "zeros", "itself", "matrix"],
  isTransposed: [false, true],
});
type Case = (typeof CASES)[number];

/** One k block only, which is all that panelProduct works on. */
const PANEL_CASES = pairwise({
  M: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 95, 96],
  K: [1, 2, 7, 8, 9, 16, 255, 256],
  columns: [4, 8, 12, 16],
  tile: TILES,
});

/** A case with its numbers: a [M, K], w [K, N], bias [N], matrix [M, N], and what the product should be. */
function problem(shape: Case) {
  const { M, N, K } = shape;
  const numbers = {
    a: floats(M, M * K),
    w: floats(N, K * N),
    bias: floats(K, N),
    matrix: floats(M + N, M * N),
  };
  const init = startOf(shape, numbers);
  const inputs = { M, N, K, a: numbers.a, b: numbers.w, init };
  return { ...shape, ...numbers, expected: matmul(inputs), bound: matmulErrorBound(inputs) };
}
type Problem = ReturnType<typeof problem>;
const PROBLEMS = CASES.map(problem);

function startOf({ M, N, init }: Case, { bias, matrix }: Pick<Problem, "bias" | "matrix">): Float64Array | undefined {
  if (init === "zeros") return undefined;
  return init === "bias" ? Float64Array.from({ length: M * N }, (_, n) => at(bias, n % N)) : matrix;
}

interface Operands {
  readonly c: Operand;
  readonly start: { readonly operand: Operand; readonly stride: number; readonly panel: number };
  readonly a: { readonly operand: Operand; readonly stride: number; readonly step: number };
  readonly panels: Operand;
  readonly wPanel: number;
}

function place(arena: Arena, shape: Problem): Operands {
  const { M, N, K, a, w, bias, matrix, init } = shape;
  const panels = arena.input("w", flat(panelLength(1 + K, N)), toPanels([...bias, ...w], 1 + K, N));
  const c = init === "itself" ? arena.inout("c", rows(M, N), matrix) : arena.output("c", rows(M, N));
  // A is read float by float, so its rows may start anywhere and have canaries right behind them.
  const placedA = shape.isTransposed
    ? { operand: arena.input("a", strided(K, M, M + 3, 1), transposed(a, M, K)), stride: 1, step: M + 3 }
    : { operand: arena.input("a", strided(M, K, K + 2, 3), a), stride: K + 2, step: 1 };
  return { c, start: placeStart(arena, shape, c, panels), a: placedA, panels, wPanel: (1 + K) * 16 };
}

function placeStart(arena: Arena, shape: Problem, c: Operand, panels: Operand): Operands["start"] {
  const { M, N, K, init, matrix } = shape;
  if (init === "bias") return { operand: panels, stride: 0, panel: (1 + K) * 16 };
  if (init === "itself") return { operand: c, stride: c.stride, panel: 16 };
  if (init === "zeros") return { operand: arena.input("zeros", flat(16), new Float64Array(16)), stride: 0, panel: 0 };
  const operand = arena.input("init", rows(M, N), matrix);
  return { operand, stride: operand.stride, panel: 16 };
}

/** Rows from `first` on. */
function run(kernels: Kernels, operands: Operands, { N, K }: Problem, tile: number, first: number, M: number): void {
  const { c, start, a, panels, wPanel } = operands;
  const init = start.operand.address + first * start.stride * 4;
  const aRow = a.operand.address + first * a.stride * 4;
  kernels.gemm(
    ...([c.row(first), c.stride, init, start.stride, start.panel] as const),
    ...([aRow, a.stride, a.step, panels.address + 64, wPanel] as const),
    ...([M, K, N, tile] as const),
  );
}

const label = ({ M, N, K, init, isTransposed }: Case) => `M ${M} N ${N} K ${K} ${init}${isTransposed ? " A^T" : ""}`;

describeVariants((_variant, kernels, arena) => {
  test("gemm: |error| <= (K + 8) * 2^-24 * (|init| + sum |a b|), nothing else written", () => {
    for (const shape of PROBLEMS) {
      for (const tile of TILES) {
        const memory = arena();
        const operands = place(memory, shape);
        run(kernels, operands, shape, tile, 0, shape.M);
        const worst = worstRatio(operands.c.values(), shape.expected, shape.bound);
        expect(worst, `tile ${tile} ${label(shape)}`).toBeLessThanOrEqual(1);
        expect(memory.violations(), `tile ${tile} ${label(shape)}`).toEqual([]);
      }
    }
  });

  test("gemm: all tiles, and one row at a time, give the same bits", () => {
    for (const shape of PROBLEMS) {
      const bits = (tile: number, height: number) => {
        const operands = place(arena(), shape);
        for (let m = 0; m < shape.M; m += height) run(kernels, operands, shape, tile, m, height);
        return operands.c.words();
      };
      const wide = bits(TILE_2X16, shape.M);
      for (const tile of [TILE_4X8, TILE_6X8]) {
        expect(firstDifference(bits(tile, shape.M), wide), `tile ${tile}, ${label(shape)}`).toBe(-1);
      }
      expect(firstDifference(bits(TILE_2X16, 1), wide), `rows, ${label(shape)}`).toBe(-1);
    }
  });

  test("gemm: no rows, nothing written", () => {
    const memory = arena();
    const c = memory.output("c", rows(1, 16));
    const [a, w] = [memory.input("a", flat(4), floats(1, 4)), memory.input("w", flat(64), floats(2, 64))];
    kernels.gemm(c.address, 16, w.address, 0, 64, a.address, 4, 1, w.address, 64, 0, 4, 16, TILE_2X16);
    expect([...c.values()]).toEqual(new Array(16).fill(Number.NaN));
  });

  test("panelProduct: exactly the 4, 8, 12 or 16 wanted columns, with the bits of gemm", () => {
    for (const { M, K, columns, tile } of PANEL_CASES) {
      const memory = arena();
      const panel = memory.input("w", flat(panelLength(K, 16)), floats(K, K * 16));
      const a = memory.input("a", strided(M, K, K + 1, 2), floats(M, M * K));
      const init = memory.input("init", strided(M, 16, 20), floats(columns, M * 16));
      const c = memory.output("c", strided(M, columns, 24));
      const wanted = memory.output("by gemm", strided(M, columns, 20));
      const [cRow, initRow, aRow] = [c.stride * 4, init.stride * 4, a.stride * 4];
      kernels.panelProduct(
        ...([c.address, cRow, init.address, initRow, a.address, aRow, 4, panel.address] as const),
        ...([M, K, columns, tile] as const),
      );
      kernels.gemm(
        ...([wanted.address, wanted.stride, init.address, init.stride, 16, a.address, a.stride, 1] as const),
        ...([panel.address, K * 16, M, K, columns, TILE_2X16] as const),
      );
      expect(firstDifference(c.words(), wanted.words()), `M ${M} K ${K} columns ${columns} tile ${tile}`).toBe(-1);
      expect(memory.violations()).toEqual([]);
    }
  });
});
