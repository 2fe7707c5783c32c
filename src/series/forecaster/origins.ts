/** Which rows are forecast from: all of a part, or fewer where there are very many. */
import type { Span } from "../split.ts";

/** Origins whose first `steps` rows lie in the part and whose window lies in the series. */
export function originsOf(part: Span, window: number, steps: number): Span {
  const from = Math.max(part.from, window);
  return { from, to: Math.max(from, part.to - steps + 1) };
}

/** The share of a stride that the place in each moves on by: of all numbers the golden ratio is farthest from fractions. */
const GOLDEN = 0.618033988749895;

/**
 * One origin of each `stride` in the span, each at another place in it (Weyl's sequence): every 24th hour would always be the
 * same hour of the day.
 */
export function thinned({ from, to }: Span, stride: number): Int32Array {
  const origins = Int32Array.from({ length: Math.ceil((to - from) / stride) }, (_, k) => {
    const turns = k * GOLDEN;
    return from + k * stride + Math.floor((turns - Math.floor(turns)) * stride);
  });
  const isWhole = (origins.at(-1) ?? -1) < to;
  return isWhole ? origins : origins.subarray(0, -1);
}
