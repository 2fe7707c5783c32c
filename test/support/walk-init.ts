/** Options of `init` and `initSync`, each in a program of its own. */
import { readFileSync } from "node:fs";
import { vi } from "vitest";
import { type Observe, outcome, type Part, type Row, rows } from "./walk-row.ts";

const bytesOf = (name: string) => readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
const simd = bytesOf("core");
const relaxed = bytesOf("core.relaxed");

/** Looks at the clock that only choosing a tile by it takes. */
const MANY_LOOKS = 20;

/** What the core says of itself, and whether it has room for 64 MB. Missing threads, and a missing turbo, are warned of. */
const started = (method: "init" | "initSync", base: Part = {}): Observe => {
  return (part) =>
    outcome(async () => {
      vi.resetModules();
      const api = { ...(await import("../../src/index.ts")), ...(await import("../../src/core/context.ts")) };
      const warn = vi.spyOn(console, "warn").mockReturnValue();
      const clock = vi.spyOn(performance, "now");
      const { variant, numerics, fused, threads, turbo } = await api[method]({ ...base, ...part });
      const warnings = warn.mock.calls.length;
      warn.mockRestore();
      const isTuned = clock.mock.calls.length > MANY_LOOKS;
      clock.mockRestore();
      const { memory, pool } = api.requireCore();
      const room = await outcome(() => memory.allocate(2 ** 26) > 0);
      pool?.close();
      return [variant, numerics, fused, threads, turbo, warnings, room, isTuned];
    });
};

export const INIT_ROWS: readonly Row[] = [
  ...rows("init", started("init"), { numerics: ["fast", "strict"], maxMemory: [undefined, 2 ** 20], threads: [1, 2] }), // biome-ignore format: one call
  ...rows("init", started("init"), { turbo: [false, true], autotune: [false, true] }),
  ...rows("init", started("init", { threads: 2 }), { workerUrl: [undefined, "nowhere.js"] }),
  ...rows("init", started("init"), { module: [undefined, new WebAssembly.Module(simd)], bytes: [undefined, simd] }),
  ...rows("initSync", started("initSync", { bytes: relaxed }), { numerics: ["fast", "strict"], maxMemory: [undefined, 2 ** 20], threads: [1, 2], workerUrl: [undefined, "worker.js"], turbo: [false, true], autotune: [false, true] }), // biome-ignore format: one call
  ...rows("initSync", started("initSync"), { module: [undefined, new WebAssembly.Module(simd)], bytes: [undefined, simd] }), // biome-ignore format: one call
];
