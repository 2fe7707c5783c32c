/** Why a binary cannot run. */
import { OptionError, UnsupportedError } from "../errors.ts";
import { engine } from "./engine.ts";
import type { Request } from "./request.ts";

const FORBIDDEN = /content.?security|\bCSP\b|unsafe-eval|disallowed by embedder/i;

/** The error to throw when compiling or instantiating has failed. */
export function explain(owner: string, { module, bytes, threads }: Request, cause: unknown): Error {
  if (cause instanceof UnsupportedError) return cause;
  if (FORBIDDEN.test(String(cause))) {
    return new UnsupportedError(
      "Compiling WebAssembly is forbidden here: allow 'wasm-unsafe-eval' in script-src of the Content-Security-Policy, or pass a compiled module.",
      { cause },
    );
  }
  if (module === undefined && bytes === undefined) {
    return new UnsupportedError(`${engine()} cannot run the binary: ${String(cause)}.`, { cause });
  }
  const option = module === undefined ? "bytes" : "module";
  const names = threads === 1 ? "core.wasm or core.relaxed.wasm" : "core.threads.wasm or core.relaxed.threads.wasm";
  return new OptionError(
    `${owner} needs ${option} to be ${names} of gatefold, which ${engine()} must be able to run: ${String(cause)}.`,
    { cause },
  );
}
