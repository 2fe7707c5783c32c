import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hasRelaxedSimd, relaxedFuses } from "../../src/core/features.ts";

type Api = typeof import("../../src/core/load.ts") &
  typeof import("../../src/core/load-sync.ts") &
  typeof import("../../src/core/context.ts");
type Variant = "simd" | "relaxed" | "debug";

const PAGE = 65536;
const files: Record<Variant, string> = { simd: "core", relaxed: "core.relaxed", debug: "core.debug" };
const bytesOf = (variant: Variant) =>
  Uint8Array.from(readFileSync(new URL(`../../build/${files[variant]}.wasm`, import.meta.url)));
const moduleOf = (variant: Variant) => new WebAssembly.Module(bytesOf(variant));
/** A module without imports and exports. */
const foreign = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

/** The facade as a new program sees it: nothing loaded. */
async function fresh(): Promise<Api> {
  vi.resetModules();
  return {
    ...(await import("../../src/core/load.ts")),
    ...(await import("../../src/core/load-sync.ts")),
    ...(await import("../../src/core/context.ts")),
  };
}

/** Error classes of a fresh registry are new ones too, so they are told by name. */
async function failure(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return String(error);
  }
  throw new Error("nothing was thrown");
}

beforeEach(() => {
  vi.stubEnv("GATEFOLD_VARIANT", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.doUnmock("../../src/core/features.ts");
});

describe("init: which variant runs", () => {
  it("is relaxed where the engine fuses, else simd", async () => {
    const { init, requireCore } = await fresh();
    const info = await init();
    expect(info.variant).toBe(relaxedFuses() ? "relaxed" : "simd");
    expect(info.fused).toBe(relaxedFuses());
    expect(info.numerics).toBe(relaxedFuses() ? "fast" : "strict");
    expect(["simd", "relaxed", "debug"][requireCore().kernels.variant()]).toBe(info.variant);
    expect(requireCore().info).toBe(info);
    expect(info.engine).toMatch(/\d/);
    expect(info.threads).toBe(1);
  });

  it("is simd for numerics strict", async () => {
    const { init, requireCore } = await fresh();
    expect(await init({ numerics: "strict" })).toMatchObject({ variant: "simd", numerics: "strict", fused: false });
    expect(requireCore().kernels.variant()).toBe(0);
  });

  it("is simd where relaxed SIMD validates without fusing", async () => {
    vi.doMock("../../src/core/features.ts", async (original) => ({ ...(await original()), relaxedFuses: () => false }));
    const { init } = await fresh();
    expect((await init()).variant).toBe("simd");
  });

  it.each(["simd", "debug"] as const)("is %s when GATEFOLD_VARIANT says so", async (variant) => {
    vi.stubEnv("GATEFOLD_VARIANT", variant);
    const { init } = await fresh();
    expect(await init()).toMatchObject({ variant, numerics: "strict", fused: false });
  });

  it.runIf(hasRelaxedSimd())("is relaxed when GATEFOLD_VARIANT says so, also for numerics strict", async () => {
    vi.stubEnv("GATEFOLD_VARIANT", "relaxed");
    const { init } = await fresh();
    expect(await init({ numerics: "strict" })).toMatchObject({ variant: "relaxed", numerics: "fast" });
  });

  it("is never another than GATEFOLD_VARIANT's: an engine that lacks it gives UnsupportedError", async () => {
    vi.stubEnv("GATEFOLD_VARIANT", "relaxed");
    vi.doMock("../../src/core/features.ts", async (original) => ({
      ...(await original()),
      hasRelaxedSimd: () => false,
      relaxedFuses: () => false,
    }));
    const { init, requireCore } = await fresh();
    expect(await failure(() => init())).toMatch(/^UnsupportedError: The relaxed binary needs WebAssembly relaxed SIMD/);
    expect(await failure(requireCore)).toMatch(/^StateError/);
  });

  it("is no other than the three: OptionError", async () => {
    vi.stubEnv("GATEFOLD_VARIANT", "fast");
    const { init } = await fresh();
    expect(await failure(() => init())).toBe(
      'OptionError: The environment needs GATEFOLD_VARIANT to be "simd", "relaxed" or "debug", got "fast".',
    );
  });

  it("does not depend on an environment that is missing or may not be read", async () => {
    const guarded = {
      get env() {
        throw new Error("Requires env access");
      },
    };
    for (const process of [undefined, {}, guarded]) {
      const { init } = await fresh();
      vi.stubGlobal("process", process);
      const loaded = init({ numerics: "strict" });
      vi.unstubAllGlobals();
      expect((await loaded).variant).toBe("simd");
    }
  });

  it("asks Deno for the permission's state and never reads without", async () => {
    const read = vi.fn(() => "debug");
    const state = { state: "prompt" };
    for (const expected of ["simd", "debug"]) {
      const { init } = await fresh();
      vi.stubGlobal("Deno", { permissions: { querySync: () => state }, version: { deno: "2", v8: "15.0" } });
      vi.stubGlobal("process", { env: { get GATEFOLD_VARIANT() { return read(); } } }); // biome-ignore format: short
      const loaded = init({ numerics: "strict" });
      vi.unstubAllGlobals();
      expect((await loaded).variant).toBe(expected);
      expect(read.mock.calls.length > 0).toBe(state.state === "granted");
      state.state = "granted";
    }
  });
});

describe("init: once for the program", () => {
  it("answers the same to later and to concurrent calls, and compiles once", async () => {
    const compile = vi.spyOn(WebAssembly, "compile");
    const { init } = await fresh();
    const [first, second] = await Promise.all([init(), init({ numerics: "fast" })]);
    expect(second).toBe(first);
    expect(await init({})).toBe(first);
    expect(compile).toHaveBeenCalledTimes(1);
  });

  it("refuses other options by name, and keeps the core", async () => {
    const { init, requireCore } = await fresh();
    const info = await init({ maxMemory: 10 * PAGE });
    expect(await failure(() => init({ maxMemory: 11 * PAGE }))).toBe(
      "StateError: init() differs from the earlier call in maxMemory: load the core once, at the program's start.",
    );
    expect(await failure(() => init({ numerics: "strict", maxMemory: 10 * PAGE }))).toContain("in numerics");
    vi.stubEnv("GATEFOLD_VARIANT", "debug");
    expect(await failure(() => init({ maxMemory: 10 * PAGE }))).toContain("in GATEFOLD_VARIANT");
    expect(requireCore().info).toBe(info);
  });

  it("can be tried again after it failed; all concurrent callers see the failure", async () => {
    const { init, requireCore } = await fresh();
    vi.spyOn(WebAssembly, "compile").mockRejectedValueOnce(new WebAssembly.CompileError("at offset 3"));
    const both = await Promise.all([failure(() => init()), failure(() => init())]);
    expect(both[0]).toMatch(/^UnsupportedError: .+ cannot run the binary: CompileError: at offset 3/);
    expect(both[1]).toBe(both[0]);
    expect(await failure(requireCore)).toBe(
      "StateError: The core is not loaded: call `await init()` before using a layer.",
    );
    const info = await init({ numerics: "strict" });
    expect(requireCore().info).toBe(info);
  });
});

describe("init: a given binary", () => {
  it.each(["simd", "debug"] as const)("tells that a module is %s, whatever GATEFOLD_VARIANT says", async (variant) => {
    vi.stubEnv("GATEFOLD_VARIANT", "relaxed");
    const { init } = await fresh();
    expect((await init({ module: moduleOf(variant) })).variant).toBe(variant);
  });

  it.runIf(hasRelaxedSimd())("tells that a module is relaxed, and refuses it for numerics strict", async () => {
    const { init, requireCore } = await fresh();
    const module = moduleOf("relaxed");
    expect(await failure(() => init({ module, numerics: "strict" }))).toMatch(
      /^OptionError: init\(\) needs the simd binary/,
    );
    expect(await failure(requireCore)).toMatch(/^StateError/);
    expect((await init({ module })).variant).toBe("relaxed");
  });

  it("takes a module of another realm", async () => {
    const module = runInNewContext("new WebAssembly.Module(bytes)", { bytes: bytesOf("simd") });
    expect(module).not.toBeInstanceOf(WebAssembly.Module);
    expect((await (await fresh()).init({ module })).variant).toBe("simd");
    expect((await fresh()).initSync({ module }).variant).toBe("simd");
  });

  it("takes bytes as an array or a buffer", async () => {
    expect((await (await fresh()).init({ bytes: bytesOf("simd") })).variant).toBe("simd");
    expect((await (await fresh()).init({ bytes: bytesOf("debug").buffer })).variant).toBe("debug");
    expect((await fresh()).initSync({ bytes: bytesOf("simd") }).variant).toBe("simd");
  });

  it("refuses what is no binary of ours", async () => {
    const { init, initSync } = await fresh();
    const wrong = { exports: {} } as unknown as WebAssembly.Module;
    expect(await failure(() => init({ module: wrong }))).toBe(
      "OptionError: init() needs module to be a WebAssembly.Module, got an object.",
    );
    expect(await failure(() => initSync({ module: foreign }))).toMatch(
      /^OptionError: initSync\(\) needs a gatefold binary/,
    );
    expect(await failure(() => init({ bytes: Uint8Array.of(1, 2, 3) }))).toMatch(/^OptionError: init\(\) needs bytes/);
    expect(await failure(() => initSync({ bytes: Uint8Array.of(1, 2, 3) }))).toMatch(
      /^OptionError: initSync\(\) needs/,
    );
    const foreignBytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(await failure(() => initSync({ bytes: foreignBytes }))).toMatch(
      /^OptionError: initSync\(\) needs a gatefold/,
    );
    expect(await failure(() => init({ bytes: "AGFzbQ" as unknown as Uint8Array<ArrayBuffer> }))).toMatch(
      /^OptionError/,
    );
    expect(await failure(() => init({ module: foreign, bytes: foreignBytes }))).toContain("module or bytes, not both");
  });
});

describe("initSync", () => {
  it("shares the core with init", async () => {
    const { init, initSync, requireCore } = await fresh();
    const module = moduleOf("simd");
    const info = initSync({ module });
    expect(initSync({ module })).toBe(info);
    expect(await init({ module })).toBe(info);
    expect(requireCore().info).toBe(info);
    expect(await failure(() => init())).toMatch(/^StateError: init\(\) differs from the earlier call in module/);
  });

  it("refuses to overtake an init under way, and to work without a binary", async () => {
    const { init, initSync } = await fresh();
    const module = moduleOf("simd");
    const loaded = init({ module });
    expect(await failure(() => initSync({ module }))).toMatch(
      /^StateError: initSync\(\) came while init\(\) was loading/,
    );
    const info = await loaded;
    expect(initSync({ module })).toBe(info);
    expect(await failure(() => initSync({}))).toMatch(/^OptionError: initSync\(\) needs the option module or bytes/);
  });
});

describe("init: memory", () => {
  it("shows the memory's size at the moment of reading, one page at first", async () => {
    const { init, requireCore } = await fresh();
    const info = await init();
    expect(info.memoryBytes).toBe(PAGE);
    requireCore().memory.allocate(10 * PAGE);
    expect(info.memoryBytes).toBe(11 * PAGE);
    expect(requireCore().scratch.ensure(100) % 64).toBe(0);
  });

  it("rounds maxMemory down to pages and grows no further", async () => {
    const { init, requireCore } = await fresh();
    const info = await init({ maxMemory: 3 * PAGE + 5 });
    const { memory } = requireCore();
    expect(await failure(() => memory.allocate(3 * PAGE))).toMatch(/^OutOfMemoryError/);
    memory.allocate(2 * PAGE);
    expect(info.memoryBytes).toBeLessThanOrEqual(3 * PAGE);
  });

  it.each([0, PAGE - 1, 2 ** 32 + 1, 1e5 + 0.5, NaN, "1GB"])("refuses maxMemory %s", async (maxMemory) => {
    const { init } = await fresh();
    expect(await failure(() => init({ maxMemory: maxMemory as number }))).toMatch(
      /^OptionError: init\(\) needs maxMemory/,
    );
  });

  it("turns an engine's refusal of another memory into OutOfMemoryError", async () => {
    vi.spyOn(WebAssembly, "Memory").mockImplementation(function memory() {
      throw new RangeError("WebAssembly.Memory(): could not allocate memory");
    });
    const { init } = await fresh();
    expect(await failure(() => init())).toMatch(/^OutOfMemoryError/);
  });
});

describe("init: engines and options that do not fit", () => {
  it("names a misspelt option", async () => {
    const { init } = await fresh();
    expect(await failure(() => init({ maxmemory: 1 } as object))).toBe(
      'OptionError: init() has no option "maxmemory": did you mean "maxMemory"?',
    );
    expect(await failure(() => init({ numerics: "exact" as "fast" }))).toMatch(/to be "strict" or "fast", got "exact"/);
  });

  it("throws UnsupportedError without WebAssembly, and without SIMD", async () => {
    const { init, initSync } = await fresh();
    vi.stubGlobal("WebAssembly", undefined);
    expect(await failure(() => init())).toMatch(/^UnsupportedError: gatefold needs WebAssembly, which this engine/);
    expect(await failure(() => initSync({ bytes: Uint8Array.of() }))).toMatch(/^UnsupportedError/);
    vi.unstubAllGlobals();
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    expect(await failure(() => init())).toMatch(/^UnsupportedError: The simd binary needs WebAssembly SIMD/);
  });

  it.each([
    "WebAssembly.compile(): Compiling or instantiating WebAssembly module violates the following Content Security policy",
    "call to WebAssembly.compile() blocked by CSP",
    "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source",
    "WebAssembly.compile(): Wasm code generation disallowed by embedder",
  ])("names 'wasm-unsafe-eval' when the engine says %j", async (message) => {
    const { init } = await fresh();
    vi.spyOn(WebAssembly, "compile").mockRejectedValue(new WebAssembly.CompileError(message));
    expect(await failure(() => init())).toMatch(/^UnsupportedError: .+'wasm-unsafe-eval'.+ or pass a compiled module/);
  });
});
