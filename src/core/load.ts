/** From options to the running core: variant -> binary -> instance. */
import { OptionError, OutOfMemoryError, StateError, UnsupportedError } from "../errors.ts";
import { loadBinary } from "./binaries.ts";
import { type CoreInfo, requireCore, setCore, VARIANTS, type Variant } from "./context.ts";
import { engine } from "./engine.ts";
import { chooseTile, hasRelaxedSimd, hasSimd, relaxedFuses } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { Memory, PAGE, Region } from "./memory.ts";
import type { Pool } from "./pool.ts";
import { type InitOptions, type Request, readRequest, requireSame } from "./request.ts";
import { tileName, tileNumber } from "./tiles.ts";

const FORBIDDEN = /content.?security|\bCSP\b|unsafe-eval|disallowed by embedder/i;

interface Loading {
  readonly request: Request;
  /** Undefined while an `init` is under way. */
  info?: CoreInfo;
  readonly promise: Promise<CoreInfo>;
}

let loading: Loading | undefined;

/** See src/init.ts, which loads what models need beside the core. */
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

/** See src/init-sync.ts. */
export function initSync(options: InitOptions): CoreInfo {
  const request = readRequest("initSync()", options);
  if ((request.module ?? request.bytes) === undefined) {
    throw new OptionError("initSync() needs the option module or bytes: only init() can load a binary by itself.");
  }
  if (request.threads !== 1 || request.workerUrl !== undefined) {
    throw new OptionError("initSync() cannot wait for threads to start: await init() instead.");
  }
  if (request.autotune) {
    throw new OptionError("initSync() cannot load what autotune needs: await init() instead.");
  }
  if (loading !== undefined) {
    requireSame("initSync()", loading.request, request);
    if (loading.info !== undefined) return loading.info;
    throw new StateError("initSync() came while init() was loading: await init() instead.");
  }
  const memory = createMemory(request.maxMemory);
  const info = start("initSync()", request, instantiateSync(request, memory), { memory, maxBytes: request.maxMemory });
  loading = { request, info, promise: Promise.resolve(info) };
  return info;
}

async function load(request: Request): Promise<CoreInfo> {
  const info = await loadCore(request);
  if (!request.autotune) return info;
  const [{ fastestTile }, core] = [await import("./autotune.ts"), requireCore()];
  core.tile = tileNumber(fastestTile(core));
  return info;
}

async function loadCore(request: Request): Promise<CoreInfo> {
  if (request.threads !== 1 || request.turbo) {
    const info = await loadShared(request);
    if (info !== undefined) return info;
  }
  const memory = createMemory(request.maxMemory);
  const { instance } = await instantiate(request, memory, false);
  return start("init()", request, instance, { memory, maxBytes: request.maxMemory });
}

/**
 * With a binary for threads, which turbo takes for one thread, too; undefined when neither can be had. A given binary has a
 * shared memory in any case.
 */
async function loadShared(request: Request): Promise<CoreInfo | undefined> {
  const { createSharedMemory, threadsHere, tryPool } = await import("./threads.ts");
  const threads = threadsHere(request.threads);
  const turboModule = request.turbo ? await compileForTurbo(request) : undefined;
  const isGiven = request.module !== undefined || request.bytes !== undefined;
  const turbo = turboModule !== undefined;
  if (threads === 1 && !isGiven && !turbo) return undefined;
  const room = createSharedMemory(request.maxMemory);
  if (room === undefined) {
    if (isGiven) throw new OutOfMemoryError("The engine refuses memory that is shared: give a binary without threads.");
    return undefined;
  }
  const { memory } = room;
  const { module, instance } = await instantiate({ ...request, module: turboModule ?? request.module }, memory, true);
  const shared = { threads, module, memory, exports: instance.exports };
  const pool = threads > 1 ? await tryPool(shared, request.workerUrl) : undefined;
  return pool || isGiven || turbo ? start("init()", request, instance, { ...room, pool, turbo }) : undefined;
}

async function compileForTurbo(request: Request): Promise<WebAssembly.Module | undefined> {
  const { compileTurbo } = await import("./turbo.ts");
  return compileTurbo(await loadBinary(chooseVariant(request), true));
}

async function instantiate(
  request: Request,
  memory: WebAssembly.Memory,
  isShared: boolean,
): Promise<{ readonly module: WebAssembly.Module; readonly instance: WebAssembly.Instance }> {
  const { bytes } = request;
  const imports = { env: { memory } };
  try {
    if (bytes === undefined) {
      const module = request.module ?? (await WebAssembly.compile(await loadBinary(chooseVariant(request), isShared)));
      return { module, instance: await WebAssembly.instantiate(module, imports) };
    }
    // Bytes that a program brings are the loader's work. It is twice as long as this file, so that others do not download
    // it, and tests modules with `instanceof`, which those of another realm fail.
    const loader = await import("@assemblyscript/loader");
    return await loader.instantiate(bytes, imports);
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

function explain(owner: string, { module, bytes, threads }: Request, cause: unknown): Error {
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

function createMemory(maxMemory: number | undefined): WebAssembly.Memory {
  try {
    const maximum = maxMemory === undefined ? {} : { maximum: Math.floor(maxMemory / PAGE) };
    return new WebAssembly.Memory({ initial: 1, ...maximum });
  } catch (cause) {
    throw new OutOfMemoryError("The engine refuses another memory: use one core for all models.", { cause });
  }
}

/** What an instance works with. */
interface Means {
  readonly memory: WebAssembly.Memory;
  readonly maxBytes: number | undefined;
  readonly pool?: Pool | undefined;
  readonly turbo?: boolean | undefined;
}

function start(
  owner: string,
  request: Request,
  { exports }: WebAssembly.Instance,
  { memory, maxBytes, pool, turbo = false }: Means,
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
  const blocks = new Memory(memory, kernels.heapBase() >>> 0, maxBytes);
  const fused = variant === "relaxed" && relaxedFuses();
  const core = { kernels, memory: blocks, scratch: new Region(blocks), tile: chooseTile(variant, turbo) };
  const info: CoreInfo = {
    variant,
    numerics: variant === "relaxed" ? "fast" : "strict",
    fused,
    get threads() {
      return pool?.threads ?? 1;
    },
    turbo,
    get tile() {
      return tileName(requireCore().tile);
    },
    engine: engine(),
    get memoryBytes() {
      return blocks.byteLength;
    },
  };
  setCore({
    ...core,
    info,
    get pool() {
      return info.threads > 1 ? pool : undefined;
    },
  });
  return info;
}
