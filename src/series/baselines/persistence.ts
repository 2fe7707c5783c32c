import { type ImmediateBaseline, stepwise } from "./baseline.ts";

/** The last value, for every step. */
export function persistence(): ImmediateBaseline {
  return stepwise("persistence", 1, (values, origin) => {
    const last = values[origin - 1] ?? NaN;
    return () => last;
  });
}
