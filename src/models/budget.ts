/** Which layers of a batch run in segments, so that it takes no more memory than it may. */
import type { Core } from "../core/context.ts";
import type { Extent } from "../layers/work.ts";
import type { Step } from "./graph.ts";

/** A step of a batch in training. */
export interface Planned {
  readonly step: Step;
  readonly extent: Extent;
}

/**
 * For each step that can run in segments the rows of one, where a batch that takes `bytes` without may take `most`: all
 * give up the same share of their caches.
 */
export function segmentRowsOf(
  core: Core,
  planned: readonly Planned[],
  bytes: number,
  most: number,
): ReadonlyMap<Step, number> {
  const result = new Map<Step, number>();
  const sizeOf = ({ step: { layer }, extent }: Planned) => 4 * layer.cacheFloats(core, extent, true);
  const cut = planned.filter(({ step: { layer }, extent }) => layer.segmentRows(core, extent, Infinity) !== undefined);
  let whole = cut.reduce((sum, one) => sum + sizeOf(one), 0);
  let left = most - (bytes - whole);
  for (const { step, extent } of cut) {
    const own = sizeOf({ step, extent });
    const segmentRows = step.layer.segmentRows(core, extent, Math.floor((left * own) / whole)) ?? extent.rows.N;
    result.set(step, segmentRows);
    whole -= own;
    left -= sizeOf({ step, extent: { ...extent, segmentRows } });
  }
  return result;
}
