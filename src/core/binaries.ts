/** Where the binaries come from: one module each, loaded when chosen. Entries without inline binaries replace this file. */
import type { Variant } from "./context.ts";

const modules = {
  simd: () => import("../../build/binaries/simd.js"),
  relaxed: () => import("../../build/binaries/relaxed.js"),
  debug: () => import("../../build/binaries/debug.js"),
};

/** The bytes of a variant's binary. */
export async function loadBinary(variant: Variant): Promise<Uint8Array<ArrayBuffer>> {
  return decodeBase64((await modules[variant]()).default);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  return native.fromBase64?.(text) ?? Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
