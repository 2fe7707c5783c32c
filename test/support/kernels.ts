/** The binaries of build/, each on a memory of its own, and suites that run once for each. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Variant } from "../../src/core/context.ts";
import { engine } from "../../src/core/engine.ts";
import { hasRelaxedSimd, hasSimd } from "../../src/core/features.ts";
import type { Kernels } from "../../src/core/kernels.ts";
import { Arena } from "./kernels-arena.ts";

/** Ordered by the number that `variant()` answers. */
export const VARIANTS: readonly Variant[] = ["simd", "relaxed", "debug"];
const FILES = { simd: "core.wasm", relaxed: "core.relaxed.wasm", debug: "core.debug.wasm" };

export function binaryOf(variant: Variant): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(`../../build/${FILES[variant]}`, import.meta.url)));
}

export interface Instance {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
}

export function instantiate(variant: Variant): Instance {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binaryOf(variant)), { env: { memory } });
  return { kernels: exports as unknown as Kernels, memory };
}

/** The twin for threads of a binary, which has the tile for turbo, too. */
export function twinOf(variant: Variant): Uint8Array<ArrayBuffer> {
  const file = FILES[variant].replace(".wasm", ".threads.wasm");
  return Uint8Array.from(readFileSync(new URL(`../../build/${file}`, import.meta.url)));
}

export function instantiateTwin(variant: Variant): Instance {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(twinOf(variant)), { env: { memory } });
  return { kernels: exports as unknown as Kernels, memory };
}

/** Tests of one variant; `arena()` gives every test a fresh arena and withdraws the one before. */
export type Suite = (variant: Variant, kernels: Kernels, arena: () => Arena) => void;

/**
 * Runs the suite for every variant. One that the engine lacks is skipped under a title that says so, and fails where the
 * environment variable GATEFOLD_REQUIRE_VARIANTS, as in "simd,relaxed,debug", lists it.
 */
export function describeVariants(suite: Suite): void {
  for (const variant of VARIANTS) {
    if (variant === "relaxed" ? hasRelaxedSimd() : hasSimd()) describeRunning(variant, suite);
    else describeMissing(variant);
  }
}

function describeRunning(variant: Variant, suite: Suite): void {
  describe(variant, () => {
    const { kernels, memory } = instantiate(variant);
    test("the binary is the variant it is named after", () => {
      expect(VARIANTS[kernels.variant()]).toBe(variant);
    });
    suite(variant, kernels, () => new Arena(kernels, memory));
  });
}

function describeMissing(variant: Variant): void {
  const required = process.env.GATEFOLD_REQUIRE_VARIANTS?.split(",").includes(variant) ?? false;
  describe(variant, () => {
    const title = `needs instructions that ${engine()} lacks`;
    if (required) test(title, () => expect.unreachable(`GATEFOLD_REQUIRE_VARIANTS asks for the ${variant} binary.`));
    else test.skip(title);
  });
}
