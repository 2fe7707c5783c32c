/** Where the binaries come from: one module each, loaded when chosen. Entries without inline binaries replace this file. */
import type { Variant } from "./context.ts";

const modules: Readonly<Record<Variant | `${Variant}.threads`, () => Promise<{ readonly default: string }>>> = {
  simd: () => import("../../build/binaries/simd.js"),
  relaxed: () => import("../../build/binaries/relaxed.js"),
  debug: () => import("../../build/binaries/debug.js"),
  "simd.threads": () => import("../../build/binaries/simd.threads.js"),
  "relaxed.threads": () => import("../../build/binaries/relaxed.threads.js"),
  "debug.threads": () => import("../../build/binaries/debug.threads.js"),
};

/** The bytes of a variant's binary, or of its twin for memory that threads share. */
export async function loadBinary(variant: Variant, isShared: boolean): Promise<Uint8Array<ArrayBuffer>> {
  return decodeText((await modules[isShared ? (`${variant}.threads` as const) : variant]()).default);
}

/**
 * What scripts/binary-text.js has written: a byte is a digit in base 92, or two from 90 on. Digits begin at "#", and
 * what strings and pages would escape is replaced: a backslash by a space, "<" by "!".
 */
function decodeText(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replaceAll(" ", "\\").replaceAll("!", "<");
  const bytes = new Uint8Array(digits.length);
  let size = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 35;
    const value = digit < 90 ? digit : 90 + 92 * (digit - 90) + digits.charCodeAt(++i) - 35;
    bytes[size++] = value - 3;
  }
  return bytes.slice(0, size);
}
