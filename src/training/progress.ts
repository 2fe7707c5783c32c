import type { Callback } from "./callback.ts";
export function progressBar(): Callback {
  return { onEpochEnd: (epoch, logs) => console.log(epoch, logs) };
}
