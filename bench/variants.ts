/** Both release binaries side by side in one process, each on a memory of its own: what `init` never does, but a bench must. */
import { readFile } from "node:fs/promises";
import { chooseTile, hasRelaxedSimd } from "../src/core/features.ts";
import type { Kernels } from "../src/core/kernels.ts";
import { Memory } from "../src/core/memory.ts";

export interface Core {
  readonly variant: "simd" | "relaxed";
  readonly kernels: Kernels;
  readonly memory: Memory;
  readonly tile: number;
}

/** Whether V8 was started to make 256-bit code of everything. */
export const isTurbo: boolean = process.execArgv.includes("--experimental-wasm-revectorize");

/** The variants that this engine can run. */
export function runnableVariants(): ("simd" | "relaxed")[] {
  return hasRelaxedSimd() ? ["relaxed", "simd"] : ["simd"];
}

export async function loadCore(variant: "simd" | "relaxed"): Promise<Core> {
  const file = variant === "simd" ? "core.wasm" : "core.relaxed.wasm";
  const bytes = await readFile(new URL(`../build/${file}`, import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const kernels = instance.exports as unknown as Kernels;
  return { variant, kernels, memory: new Memory(memory, kernels.heapBase()), tile: chooseTile(variant) };
}

/** A block of `floats` floats; filled, because pages never touched would be read from the cache as zeros. */
export function block({ memory }: Core, floats: number, scale = 0): number {
  const address = memory.allocate(floats * 4);
  const values = memory.f32(address, floats);
  for (let i = 0; i < floats; i++) values[i] = (((i * 2654435761) % 1024) / 512 - 1) * scale;
  return address;
}
