import { beforeEach, describe, expect, test, vi } from "vitest";
import { fastestTile } from "../../src/core/autotune.ts";
import type { Core } from "../../src/core/context.ts";
import { requireCore } from "../../src/core/context.ts";
import { type TileName, tileName, tileNumber } from "../../src/core/tiles.ts";
import { loadCore } from "../support/layers.ts";

beforeEach(async () => {
  await loadCore();
});

/** The core with tiles of which each product takes so many milliseconds of the clock. */
function timed(chosen: TileName, milliseconds: Readonly<Record<string, number>>, turbo = false) {
  const core = requireCore();
  let now = 0;
  const gemm = vi.fn((...args: number[]) => {
    now += milliseconds[tileName(args.at(-1) ?? 0)] ?? Number.NaN;
  });
  const tuned: Core = {
    ...core,
    pool: undefined,
    kernels: { ...core.kernels, gemm },
    tile: tileNumber(chosen),
    info: { ...core.info, tile: chosen, turbo },
  };
  return { tuned, clock: () => now, gemm };
}

describe("fastestTile", () => {
  test("takes the fastest one, whichever was chosen by the engine's name", () => {
    for (const chosen of ["2x16", "4x8"] as const) {
      const { tuned, clock } = timed(chosen, { "2x16": 0.02, "4x8": 0.01, "6x8": 0.02 });
      expect(fastestTile(tuned, clock)).toBe("4x8");
    }
  });

  test("keeps the chosen one when another is not 3 % faster", () => {
    const { tuned, clock } = timed("2x16", { "2x16": 0.0102, "4x8": 0.01, "6x8": 0.01 });
    expect(fastestTile(tuned, clock)).toBe("2x16");
  });

  test("tries the tile of 256-bit code with turbo only", () => {
    const times = { "2x16": 0.02, "4x8": 0.02, "6x8": 0.02, "6x16": 0.01 };
    const usual = timed("2x16", times);
    expect(fastestTile(usual.tuned, usual.clock)).toBe("2x16");
    const turbo = timed("2x16", times, true);
    expect(fastestTile(turbo.tuned, turbo.clock)).toBe("6x16");
  });

  test("changes nothing where the clock stands still, after at most 2,000 products", () => {
    const { tuned, gemm } = timed("4x8", { "2x16": 0, "4x8": 0, "6x8": 0 });
    expect(fastestTile(tuned, () => 7)).toBe("4x8");
    expect(gemm.mock.calls.length).toBeLessThanOrEqual(2000);
  });

  test("ends within 150 ms of the clock, however slow a product is", () => {
    for (const time of [0.001, 1, 10]) {
      const { tuned, clock } = timed("2x16", { "2x16": time, "4x8": time, "6x8": time });
      fastestTile(tuned, clock);
      expect(clock()).toBeLessThanOrEqual(150);
    }
  });

  test("by the real clock gives a tile that the core has", () => {
    expect(["2x16", "4x8", "6x8", "6x16"]).toContain(fastestTile(requireCore()));
  });
});

test("init({ autotune: true }) says which tile it took; initSync refuses", async () => {
  vi.resetModules();
  const { init, initSync } = await import("../../src/index.ts");
  expect(() => initSync({ bytes: new Uint8Array(8), autotune: true })).toThrow("await init() instead");
  const info = await init({ autotune: true });
  expect(["2x16", "4x8", "6x8"]).toContain(info.tile);
});
