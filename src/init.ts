import type { CoreInfo } from "./core/context.ts";
import { isBrowser } from "./core/engine.ts";
import { init as loadCore } from "./core/load.ts";
import type { InitOptions } from "./core/request.ts";
import { loadNames } from "./training/named.ts";

/**
 * Loads the core, once for the whole program. A second call with the same options answers the same; after a failure
 * it tries again. Unless a binary is given, variables of the environment override its choice, GATEFOLD_VARIANT (simd,
 * relaxed or debug), and the number of threads, GATEFOLD_THREADS. Throws OptionError; StateError when loaded with
 * other options; UnsupportedError when the engine lacks WebAssembly SIMD or forbids compiling; OutOfMemoryError.
 *
 * ```ts
 * const { variant, engine } = await init({ numerics: "strict" });
 * ```
 */
export async function init(options: InitOptions = {}): Promise<CoreInfo> {
  // Pages load names when they ask for them: it is all that they would not need.
  const [info] = await Promise.all([loadCore(options), isBrowser() ? undefined : loadNames()]);
  return info;
}
