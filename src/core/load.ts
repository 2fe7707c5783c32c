/** From options to the running core: variant -> binary -> instance. */
import { OptionError, OutOfMemoryError, StateError, UnsupportedError } from "../errors.ts";
import { integer, knownOptions, oneOf, refuse } from "../options.ts";
import { loadBinary } from "./binaries.ts";
import { type CoreInfo, setCore, type Variant } from "./context.ts";
import { engine } from "./engine.ts";
import { chooseTile, hasRelaxedSimd, hasSimd, hasWebAssembly, relaxedFuses } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { Memory, PAGE, Region } from "./memory.ts";

const MOST_BYTES = 65536 * PAGE;
/** As `variant()` of assembly/simd/f32x4.ts numbers them. */
const VARIANTS = ["simd", "relaxed", "debug"] as const;
const OPTIONS = ["numerics", "module", "bytes", "maxMemory"];
const FORBIDDEN = /content.?security|\bCSP\b|unsafe-eval|disallowed by embedder/i;

/** A WebAssembly.Module, where the program's types know it: those of the DOM do, those of Node alone do not. */
export type CompiledModule = typeof globalThis extends {
  readonly WebAssembly: { readonly Module: { readonly prototype: infer Module } };
}
  ? Module
  : object;

/** How the core is loaded; give at most one of `module` and `bytes`. */
export interface InitOptions {
  /**
   * "strict" promises the same bits on every engine; "fast", the default, allows fused multiply-add where the engine
   * has it. A given binary must keep the promise.
   */
  readonly numerics?: "strict" | "fast" | undefined;
  /** A compiled binary, for engines that forbid compiling bytes. */
  readonly module?: CompiledModule | undefined;
  /** A binary to compile. */
  readonly bytes?: ArrayBuffer | ArrayBufferView | undefined;
  /** Most bytes of the core's memory, from 65,536 to 2^32; rounded down to pages of 65,536. */
  readonly maxMemory?: number | undefined;
}

/** What decides about the core: two calls with the same request share one. */
interface Request {
  readonly numerics: "strict" | "fast";
  readonly module: CompiledModule | undefined;
  readonly bytes: BufferSource | undefined;
  readonly maxMemory: number | undefined;
  readonly override: Variant | undefined;
}

interface Loading {
  readonly request: Request;
  /** Undefined while an `init` is under way. */
  info?: CoreInfo;
  readonly promise: Promise<CoreInfo>;
}

let loading: Loading | undefined;

/**
 * Loads the core, once for the whole program. A second call with the same options answers the same; after a failure
 * it tries again. The environment variable GATEFOLD_VARIANT (simd, relaxed or debug) overrides the choice of the
 * binary unless one is given. Throws OptionError; StateError when loaded with other options; UnsupportedError when
 * the engine lacks WebAssembly SIMD or forbids compiling; OutOfMemoryError.
 *
 * ```ts
 * const { variant, engine } = await init({ numerics: "strict" });
 * ```
 */
export async function init(options: InitOptions = {}): Promise<CoreInfo> {
  const request = readRequest("init()", options);
  if (loading !== undefined) {
    requireSame("init()", loading.request, request);
    return loading.promise;
  }
  const mine: Loading = { request, promise: load(request) };
  loading = mine;
  try {
    mine.info = await mine.promise;
    return mine.info;
  } catch (error) {
    if (loading === mine) loading = undefined;
    throw error;
  }
}

/** `init` without waiting, for a given `module` or `bytes`; throws the same errors. */
export function initSync(options: InitOptions): CoreInfo {
  const request = readRequest("initSync()", options);
  if ((request.module ?? request.bytes) === undefined) {
    throw new OptionError("initSync() needs the option module or bytes: only init() can load a binary by itself.");
  }
  if (loading !== undefined) {
    requireSame("initSync()", loading.request, request);
    if (loading.info !== undefined) return loading.info;
    throw new StateError("initSync() came while init() was loading: await init() instead.");
  }
  const memory = createMemory(request.maxMemory);
  const info = start("initSync()", instantiateSync(request, memory), memory, request);
  loading = { request, info, promise: Promise.resolve(info) };
  return info;
}

function readRequest(owner: string, options: InitOptions): Request {
  knownOptions(owner, options, OPTIONS);
  const { module, bytes, maxMemory } = options;
  const numerics = oneOf(owner, "numerics", options.numerics ?? "fast", ["strict", "fast"]);
  if (module !== undefined && bytes !== undefined) throw new OptionError(`${owner} takes module or bytes, not both.`);
  if (maxMemory !== undefined) integer(owner, "maxMemory", maxMemory, PAGE, MOST_BYTES);
  if (!hasWebAssembly())
    throw new UnsupportedError(`gatefold needs WebAssembly, which this engine (${engine()}) lacks.`);
  // By tag and not by `instanceof`: bundlers, test runners and frames hand over modules of another realm.
  if (module !== undefined && tag(module) !== "[object WebAssembly.Module]") {
    refuse(owner, "module", "a WebAssembly.Module", module);
  }
  if (bytes !== undefined && !ArrayBuffer.isView(bytes) && tag(bytes) !== "[object ArrayBuffer]") {
    refuse(owner, "bytes", "an ArrayBuffer or a view on one", bytes);
  }
  const isGiven = module !== undefined || bytes !== undefined;
  return {
    numerics,
    module,
    bytes: bytes as BufferSource | undefined,
    maxMemory,
    override: isGiven ? undefined : readOverride(),
  };
}

function readOverride(): Variant | undefined {
  const value = environmentVariable("GATEFOLD_VARIANT");
  return value ? oneOf("The environment", "GATEFOLD_VARIANT", value, VARIANTS) : undefined;
}

function environmentVariable(name: string): string | undefined {
  try {
    const { Deno, process } = globalThis as unknown as {
      Deno?: { permissions: { querySync(query: { name: "env"; variable: string }): { state: string } } };
      process?: { env?: Record<string, string | undefined> };
    };
    // Deno asks the user at the terminal when a program reads without permission, so look first.
    if (Deno && Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return undefined;
    return process?.env?.[name];
  } catch {
    return undefined;
  }
}

function requireSame(owner: string, first: Request, second: Request): void {
  const keys = Object.keys(first) as (keyof Request)[];
  const different = keys.find((key) => first[key] !== second[key]);
  if (different === undefined) return;
  const name = different === "override" ? "GATEFOLD_VARIANT" : different;
  throw new StateError(
    `${owner} differs from the earlier call in ${name}: load the core once, at the program's start.`,
  );
}

async function load(request: Request): Promise<CoreInfo> {
  const memory = createMemory(request.maxMemory);
  return start("init()", await instantiate(request, memory), memory, request);
}

async function instantiate(request: Request, memory: WebAssembly.Memory): Promise<WebAssembly.Instance> {
  const { module } = request;
  const imports = { env: { memory } };
  try {
    // The loader tests modules with `instanceof`, which those of another realm fail.
    if (module !== undefined) return await WebAssembly.instantiate(module, imports);
    const source = request.bytes ?? (await loadBinary(chooseVariant(request)));
    // Imported late: it makes a UTF-16 TextDecoder, and engines without one may still use a compiled module.
    const loader = await import("@assemblyscript/loader");
    return (await loader.instantiate(source, imports)).instance;
  } catch (error) {
    throw explain("init()", request, error);
  }
}

function instantiateSync(request: Request, memory: WebAssembly.Memory): WebAssembly.Instance {
  try {
    const module = request.module ?? new WebAssembly.Module(request.bytes ?? new Uint8Array());
    return new WebAssembly.Instance(module, { env: { memory } });
  } catch (error) {
    throw explain("initSync()", request, error);
  }
}

/** Never another one than asked for: a missing capability is an error, the probes alone decide about `fast`. */
function chooseVariant({ numerics, override }: Request): Variant {
  const variant = override ?? (numerics === "fast" && relaxedFuses() ? "relaxed" : "simd");
  if (variant === "relaxed" ? hasRelaxedSimd() : hasSimd()) return variant;
  const feature = variant === "relaxed" ? "relaxed SIMD" : "SIMD";
  throw new UnsupportedError(`The ${variant} binary needs WebAssembly ${feature}, which ${engine()} lacks.`);
}

function explain(owner: string, { module, bytes }: Request, cause: unknown): Error {
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
  return new OptionError(
    `${owner} needs ${option} to be a gatefold binary that ${engine()} can run: ${String(cause)}.`,
    { cause },
  );
}

function createMemory(maxMemory: number | undefined): WebAssembly.Memory {
  try {
    const maximum = maxMemory === undefined ? {} : { maximum: Math.floor(maxMemory / PAGE) };
    return new WebAssembly.Memory({ initial: 1, ...maximum });
  } catch (cause) {
    throw new OutOfMemoryError("The engine refuses another memory: use one core for all models.", { cause });
  }
}

function start(
  owner: string,
  { exports }: WebAssembly.Instance,
  memory: WebAssembly.Memory,
  request: Request,
): CoreInfo {
  const kernels = exports as unknown as Kernels;
  const variant = "variant" in exports && "heapBase" in exports ? VARIANTS[kernels.variant()] : undefined;
  if (variant === undefined) {
    const names = Object.keys(exports).slice(0, 3).join(", ");
    throw new OptionError(`${owner} needs a gatefold binary of this version, got one that exports [${names}].`);
  }
  if (variant === "relaxed" && request.numerics === "strict" && request.override === undefined) {
    throw new OptionError(`${owner} needs the simd binary to be strict in its numerics, got the relaxed one.`);
  }
  const blocks = new Memory(memory, kernels.heapBase() >>> 0, request.maxMemory);
  const fused = variant === "relaxed" && relaxedFuses();
  const info: CoreInfo = {
    variant,
    numerics: variant === "relaxed" ? "fast" : "strict",
    fused,
    threads: 1,
    engine: engine(),
    get memoryBytes() {
      return blocks.byteLength;
    },
  };
  setCore({ kernels, memory: blocks, scratch: new Region(blocks), tile: chooseTile(variant), info });
  return info;
}

function tag(value: unknown): string {
  return Object.prototype.toString.call(value);
}
