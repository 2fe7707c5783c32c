/** The one core of the process: set by `init`, asked for by every layer. */
import { StateError } from "../errors.ts";
import type { Kernels } from "./kernels.ts";
import type { Memory, Region } from "./memory.ts";
import type { Pool } from "./pool.ts";
import type { TileName } from "./tiles.ts";

/** As `variant()` of assembly/simd/f32x4.ts numbers them. */
export const VARIANTS = ["simd", "relaxed", "debug"] as const;

/** Which of the binaries runs: `relaxed` is the fast one, `simd` the reproducible one, `debug` checks assertions. */
export type Variant = (typeof VARIANTS)[number];

/** What `init` found and chose. */
export interface CoreInfo {
  readonly variant: Variant;
  /** `strict`: the same bits on every engine; `fast`: accuracy, not bits. Follows from the variant. */
  readonly numerics: "strict" | "fast";
  /** Multiply-add rounds once. */
  readonly fused: boolean;
  /** Threads that share the work, the caller's included: 1 unless `init` was asked for more and could start them. */
  readonly threads: number;
  /** Whether the core runs as 256-bit code: `init` was asked for it, and a trial found the usual results, faster. */
  readonly turbo: boolean;
  /** Rows and columns that the matrix product keeps in registers; it decides speed and no bit. */
  readonly tile: TileName;
  /** Name and version of the engine, as in "node 24.1.0 (v8 13.6)". */
  readonly engine: string;
  /** Size of the core's memory in bytes, at the moment of reading. */
  readonly memoryBytes: number;
}

/** A binary at work, with its memory. */
export interface Core {
  readonly kernels: Kernels;
  readonly memory: Memory;
  /** Shared by all calls, since they never interleave: valid within one call only. */
  readonly scratch: Region;
  /** The matmul tile for this engine and variant: one of the TILE constants of features.ts. */
  tile: number;
  /** The threads; undefined while there is one. */
  readonly pool: Pool | undefined;
  readonly info: CoreInfo;
}

let current: Core | undefined;

/** The core; throws StateError before `init` has finished. */
export function requireCore(): Core {
  if (current === undefined) throw new StateError("The core is not loaded: call `await init()` before using a layer.");
  return current;
}

/** Makes `core` the one that every layer uses from now on. */
export function setCore(core: Core): void {
  current = core;
}
