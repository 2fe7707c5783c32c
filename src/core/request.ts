/** The options of `init`, checked, with what the environment says. */
import { OptionError, StateError, UnsupportedError } from "../errors.ts";
import { flag, integer, knownOptions, oneOf, refuse } from "../options.ts";
import { VARIANTS, type Variant } from "./context.ts";
import { engine } from "./engine.ts";
import { hasWebAssembly } from "./features.ts";
import { PAGE } from "./memory.ts";

const MOST_BYTES = 65536 * PAGE;
const MOST_THREADS = 64;
const OPTIONS = ["numerics", "module", "bytes", "maxMemory", "threads", "workerUrl", "turbo", "autotune"];

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
  /**
   * Threads that share the work, 1 by default: a number up to 64, or "auto" for one a core, at most 8. Where they cannot
   * be started there is one, with a warning that says why. A given binary must be one of the `threads` binaries.
   */
  readonly threads?: number | "auto" | undefined;
  /** Where the file gatefold/worker.js is, for applications that are bundled. */
  readonly workerUrl?: string | URL | undefined;
  /**
   * Whether to have V8 make 256-bit code of the core's binary, an experiment of V8's: on x64 in Node 24 and newer, about 1.5
   * times as fast, and the same bits. Where it is missing, faulty or slower the usual code runs, with a warning that
   * says why. Not with `module` and `bytes`.
   */
  readonly turbo?: boolean | undefined;
  /**
   * Whether to choose the tile of the matrix product by the clock, in at most 150 ms, instead of by the engine's name: for
   * engines and processors that docs/kernels.md has no table of. It changes no bit of any result.
   */
  readonly autotune?: boolean | undefined;
}

/** What decides about the core: two calls with the same request share one. @internal */
export interface Request {
  readonly numerics: "strict" | "fast";
  readonly module: CompiledModule | undefined;
  readonly bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer> | undefined;
  readonly maxMemory: number | undefined;
  readonly override: Variant | undefined;
  readonly threads: number | "auto";
  readonly workerUrl: string | undefined;
  readonly turbo: boolean;
  readonly autotune: boolean;
}

/** Checks the options; throws OptionError and, without WebAssembly, UnsupportedError. @internal */
export function readRequest(owner: string, options: InitOptions): Request {
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
  const { workerUrl } = options;
  if (workerUrl !== undefined && (workerUrl === "" || !["[object String]", "[object URL]"].includes(tag(workerUrl)))) {
    refuse(owner, "workerUrl", "the address of gatefold/worker.js", workerUrl);
  }
  const threads = readThreads(owner, "threads", options.threads ?? 1);
  const turbo = flag(owner, "turbo", options.turbo ?? false);
  if (turbo && isGiven)
    throw new OptionError(`${owner} compiles a binary itself for turbo: leave out module and bytes.`);
  return {
    numerics,
    module,
    bytes: bytes as Request["bytes"],
    maxMemory,
    override: isGiven ? undefined : readOverride(),
    threads: (isGiven ? undefined : readThreadsOverride()) ?? threads,
    workerUrl: workerUrl === undefined ? undefined : String(workerUrl),
    turbo,
    autotune: flag(owner, "autotune", options.autotune ?? false),
  };
}

function readOverride(): Variant | undefined {
  const value = environmentVariable("GATEFOLD_VARIANT");
  return value ? oneOf("The environment", "GATEFOLD_VARIANT", value, VARIANTS) : undefined;
}

function readThreadsOverride(): number | "auto" | undefined {
  const value = environmentVariable("GATEFOLD_THREADS");
  if (!value) return undefined;
  return readThreads("The environment", "GATEFOLD_THREADS", /^\d+$/.test(value) ? Number(value) : value);
}

function readThreads(owner: string, option: string, value: unknown): number | "auto" {
  if (value === "auto") return value;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_THREADS) return value as number;
  return refuse(owner, option, `an integer from 1 to ${MOST_THREADS} or "auto"`, value);
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

/** Throws StateError, naming an option, unless both are the same. @internal */
export function requireSame(owner: string, first: Request, second: Request): void {
  const keys = Object.keys(first) as (keyof Request)[];
  const different = keys.find((key) => first[key] !== second[key]);
  if (different === undefined) return;
  const name = different === "override" ? "GATEFOLD_VARIANT" : different;
  throw new StateError(
    `${owner} differs from the earlier call in ${name}: load the core once, at the program's start.`,
  );
}

function tag(value: unknown): string {
  return Object.prototype.toString.call(value);
}
