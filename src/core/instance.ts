/** Variant -> binary -> instance -> core. */
import { OptionError, OutOfMemoryError, UnsupportedError } from "../errors.ts";
import { loadBinary } from "./binaries.ts";
import { type CoreInfo, requireCore, setCore, VARIANTS, type Variant } from "./context.ts";
import { engine } from "./engine.ts";
import { chooseTile, hasRelaxedSimd, hasSimd, relaxedFuses } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { Memory, PAGE, Region } from "./memory.ts";
import type { Pool } from "./pool.ts";
import type { Request } from "./request.ts";
import { tileName } from "./tiles.ts";

/** The chosen binary, or the given one. */
export async function instantiate(
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
    const { explain } = await import("./explain.ts");
    throw explain("init()", request, error);
  }
}

/** Never another one than asked for: a missing capability is an error, the probes alone decide about `fast`. */
export function chooseVariant({ numerics, override }: Request): Variant {
  const variant = override ?? (numerics === "fast" && relaxedFuses() ? "relaxed" : "simd");
  if (variant === "relaxed" ? hasRelaxedSimd() : hasSimd()) return variant;
  const feature = variant === "relaxed" ? "relaxed SIMD" : "SIMD";
  throw new UnsupportedError(`The ${variant} binary needs WebAssembly ${feature}, which ${engine()} lacks.`);
}

/** Memory of one thread. */
export function createMemory(maxMemory: number | undefined): WebAssembly.Memory {
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

/** Makes an instance the core of the program. */
export function start(
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
