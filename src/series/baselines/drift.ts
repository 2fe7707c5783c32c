import { type ImmediateBaseline, stepwise } from "./baseline.ts";

/** The line through the first and the last value, drawn on: y_T + h (y_T - y_1) / (T - 1). Of one value, that value. */
export function drift(): ImmediateBaseline {
  return stepwise("drift", 1, (values, origin) => {
    const last = values[origin - 1] ?? NaN;
    const slope = origin === 1 ? 0 : (last - (values[0] ?? NaN)) / (origin - 1);
    return (step) => last + (step + 1) * slope;
  });
}
