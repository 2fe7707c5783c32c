/** The choice of the matmul tile by the clock, of this engine on this processor. Loaded only when asked for. */
import type { Core } from "./context.ts";
import { engine } from "./engine.ts";
import { place } from "./plan.ts";
import { type TileName, tileNumber, tilesFor } from "./tiles.ts";

/** All of it, the engine's own optimising included. */
const MOST_MS = 120;
/** One look at a tile: clocks of browsers may stand still for a millisecond. */
const LOOK_MS = 2.5;
/** A clock that stands still for so many products, some milliseconds, does not run at all: workers on some hosts have that. */
const MOST_CALLS = 2000;
/** Another tile than the table's must be faster by more than noise. */
const LEAST_GAIN = 1.03;

/** A product of the size that a layer of 128 units has, which stays in the caches. */
const [M, K, N] = [24, 128, 64] as const;

type Clock = () => number;

/**
 * The tile for this core: the one that was chosen by the engine's name, unless another is faster. No tile changes a bit of any
 * result. Where the clock does not run nothing is changed.
 */
export function fastestTile(core: Core, clock: Clock = () => performance.now()): TileName {
  const chosen = core.info.tile;
  const tiles = tilesFor(core.info.turbo);
  if (tiles.length < 2 || engine() === "workerd") return chosen;
  const product = productOf(core);
  const best = new Map<TileName, number>();
  const end = clock() + MOST_MS;
  do {
    for (const tile of tiles) {
      const time = timeOf(() => product(tileNumber(tile)), clock);
      if (time === undefined) return chosen;
      best.set(tile, Math.min(best.get(tile) ?? Infinity, time));
    }
  } while (clock() < end);
  const [fastest = chosen] = [...tiles].sort((a, b) => (best.get(a) ?? 0) - (best.get(b) ?? 0));
  const gain = (best.get(chosen) ?? Infinity) / (best.get(fastest) ?? Infinity);
  return gain > LEAST_GAIN ? fastest : chosen;
}

/** Milliseconds a call; undefined where the clock stands still. */
function timeOf(call: () => void, clock: Clock): number | undefined {
  const start = clock();
  for (let calls = 1; calls <= MOST_CALLS; calls++) {
    call();
    const spent = clock() - start;
    if (spent >= LOOK_MS) return spent / calls;
  }
  return undefined;
}

function productOf(core: Core): (tile: number) => void {
  const { kernels, memory, scratch } = core;
  const [aRow, cRow, panel] = [kernels.rowStride(K), kernels.rowStride(N), K * 16];
  const at = place(scratch, { a: M * aRow, c: M * cRow, w: kernels.panelFloats(K, N), zeros: 16 });
  memory.f32(at.a, M * aRow).fill(0.5);
  memory.f32(at.w, kernels.panelFloats(K, N)).fill(0.25);
  memory.f32(at.zeros, 16).fill(0);
  return (tile) => kernels.gemm(at.c, cRow, at.zeros, 0, 0, at.a, aRow, 1, at.w, panel, M, K, N, tile);
}
