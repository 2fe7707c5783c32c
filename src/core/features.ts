/** What the engine can do. Nothing here throws: a missing object or a forbidden call is an answer too. */
import type { Variant } from "./context.ts";
import { v8Major } from "./engine.ts";
import { TILE_2X16, TILE_4X8, TILE_6X8, TILE_6X16 } from "./tiles.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
// biome-ignore format: one section or group of instructions a line
const SIMD = [...HEADER, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, // () -> v128
  10, 10, 1, 8, 0, 0x41, 0, 0xfd, 15, 0xfd, 98, 11]; // i8x16.splat(0), i8x16.popcnt
// biome-ignore format: one section or group of instructions a line
const MADD = [...HEADER, 1, 8, 1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d, 3, 2, 1, 0, // (f32, f32, f32) -> f32
  7, 5, 1, 1, 0x66, 0, 0, // export "f"
  10, 22, 1, 20, 0, 0x20, 0, 0xfd, 19, 0x20, 1, 0xfd, 19, 0x20, 2, 0xfd, 19, // f32x4.splat of each
  0xfd, 0x85, 2, 0xfd, 31, 0, 11]; // f32x4.relaxed_madd, f32x4.extract_lane 0

export const hasWebAssembly = (): boolean => typeof WebAssembly === "object" && WebAssembly !== null;
export const hasSimd = (): boolean => validates(SIMD);
export const hasRelaxedSimd = (): boolean => validates(MADD);

/** Whether relaxed multiply-add rounds once: Bun validates the instruction, but multiplies and then adds. */
export function relaxedFuses(): boolean {
  if (!hasRelaxedSimd()) return false;
  try {
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(MADD))).exports;
    // (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24, which rounding the product loses. Arguments cannot be folded.
    return (f as (...abc: number[]) => number)(1.000244140625, 1.000244140625, -1.00048828125) !== 0;
  } catch {
    // Compiling is forbidden, as in workerd: V8 fuses on every processor that such hosts run on.
    return v8Major() > 0;
  }
}

/**
 * The fastest tile measured for this engine, see docs/kernels.md: V8 before 13 (Node 22, Chrome 129) loads all operands
 * of an unrolled tile first and spills them. Without fused multiply-add tiles are not unrolled. Turbo has a tile of its
 * own.
 */
export function chooseTile(variant: Variant, turbo = false): number {
  if (turbo) return TILE_6X16;
  if (variant !== "relaxed" || v8Major() === 0) return TILE_2X16;
  return v8Major() < 13 ? TILE_4X8 : TILE_6X8;
}

function validates(bytes: number[]): boolean {
  try {
    return WebAssembly.validate(Uint8Array.from(bytes));
  } catch {
    return false;
  }
}
