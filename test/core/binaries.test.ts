import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeText } from "../../scripts/binary-text.js";
import { loadBinary } from "../../src/core/binaries.ts";

const FILES = { simd: "core.wasm", relaxed: "core.relaxed.wasm", debug: "core.debug.wasm" } as const;

test.each(
  Object.entries(FILES) as [keyof typeof FILES, string][],
)("the %s binary in text is %s", async (variant, file) => {
  const bytes = readFileSync(new URL(`../../build/${file}`, import.meta.url));
  expect(Buffer.from(await loadBinary(variant)).equals(bytes)).toBe(true);
});

test("the text is of printable characters that neither strings nor pages escape", () => {
  const text = encodeText(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  expect(text).toMatch(/^[ !#-;=-[\]-~]+$/);
  expect(text).toHaveLength(90 + 2 * 166);
});
