import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeText } from "../../scripts/binary-text.js";
import { loadBinary } from "../../src/core/binaries.ts";

test.each([
  ["simd", false, "core.wasm"],
  ["relaxed", false, "core.relaxed.wasm"],
  ["debug", false, "core.debug.wasm"],
  ["simd", true, "core.threads.wasm"],
  ["relaxed", true, "core.relaxed.threads.wasm"],
  ["debug", true, "core.debug.threads.wasm"],
] as const)("the %s binary (for shared memory: %s) in text is %s", async (variant, isShared, file) => {
  const bytes = readFileSync(new URL(`../../build/${file}`, import.meta.url));
  expect(Buffer.from(await loadBinary(variant, isShared)).equals(bytes)).toBe(true);
});

test("the text is of printable characters that neither strings nor pages escape", () => {
  const text = encodeText(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  expect(text).toMatch(/^[ !#-;=-[\]-~]+$/);
  expect(text).toHaveLength(90 + 2 * 166);
});
