import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import type { InitOptions } from "../../src/index.ts";

type Api = typeof import("../../src/core/load.ts") &
  typeof import("../../src/core/load-sync.ts") &
  typeof import("../../src/core/context.ts");

const PAGE = 65536;
const bytesOf = (name: string) => Uint8Array.from(readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url)));
const api: Api[] = [];
let warn: MockInstance<typeof console.warn>;

/** The facade as a new program sees it: nothing loaded. */
async function fresh(): Promise<Api> {
  vi.resetModules();
  const found = {
    ...(await import("../../src/core/load.ts")),
    ...(await import("../../src/core/load-sync.ts")),
    ...(await import("../../src/core/context.ts")),
  };
  api.push(found);
  return found;
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

/** The one warning that there must have been. */
function warning(): string {
  expect(warn).toHaveBeenCalledTimes(1);
  const text = String(warn.mock.lastCall?.[0]);
  expect(text).toMatch(/^gatefold runs on one thread: .+\.$/);
  warn.mockClear();
  return text;
}

/** A worker of this text. */
const worker = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const READY = 'import { parentPort } from "node:worker_threads"; parentPort.once("message", () => parentPort.postMessage("ready"));'; // biome-ignore format: one program

beforeEach(() => {
  vi.stubEnv("GATEFOLD_VARIANT", undefined);
  vi.stubEnv("GATEFOLD_THREADS", undefined);
  warn = vi.spyOn(console, "warn").mockReturnValue();
});

afterEach(() => {
  for (const { requireCore } of api.splice(0)) {
    try {
      requireCore().pool?.close();
    } catch {}
  }
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("init: how many threads", () => {
  it("is one unless asked for, with memory that is not shared and without the file that has threads", async () => {
    const { Memory } = WebAssembly;
    const created = vi.spyOn(WebAssembly, "Memory").mockImplementation(function create(options) {
      return new Memory(options);
    });
    const { init, requireCore } = await fresh();
    expect((await init()).threads).toBe(1);
    expect(requireCore().pool).toBeUndefined();
    expect(created).toHaveBeenCalledExactlyOnceWith({ initial: 1 });
    expect(requireCore().memory.u8(0, 1).buffer).toBeInstanceOf(ArrayBuffer);
  });

  it.each([
    2, 3,
  ])("is %i when asked for, with memory that is shared, and a second init must ask for the same", async (threads) => {
    const { init, requireCore } = await fresh();
    const info = await init({ threads });
    expect([info.threads, requireCore().pool?.threads]).toEqual([threads, threads]);
    expect(requireCore().memory.u8(0, 1).buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(await init({ threads })).toBe(info);
    expect(await failure(() => init({ threads: threads + 1 }))).toMatch(/^StateError: .+ in threads: /);
    expect(await failure(() => init())).toMatch(/^StateError: .+ in threads: /);
    expect(await failure(() => init({ threads, workerUrl: "w.js" }))).toMatch(/^StateError: .+ in workerUrl: /);
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    [1, 1],
    [3, 3],
    [64, 8],
  ])('is, by "auto" and on %i cores, %i', async (cores, threads) => {
    vi.spyOn(process.getBuiltinModule("node:os"), "availableParallelism").mockReturnValue(cores);
    const { init } = await fresh();
    expect((await init({ threads: "auto" })).threads).toBe(threads);
    expect(warn).not.toHaveBeenCalled();
  });

  it("is what GATEFOLD_THREADS says, unless a binary is given", async () => {
    vi.stubEnv("GATEFOLD_THREADS", "2");
    expect((await (await fresh()).init()).threads).toBe(2);
    expect((await (await fresh()).init({ bytes: bytesOf("core") })).threads).toBe(1);
    vi.stubEnv("GATEFOLD_THREADS", "two");
    expect(await failure(async () => (await fresh()).init())).toBe(
      'OptionError: The environment needs GATEFOLD_THREADS to be an integer from 1 to 64 or "auto", got "two".',
    );
  });

  it.each([0, 65, 1.5, NaN, -1, "2", "many", {}, true])("is not %s", async (threads) => {
    const { init } = await fresh();
    expect(await failure(() => init({ threads: threads as number }))).toMatch(
      /^OptionError: init\(\) needs threads to be an integer from 1 to 64 or "auto", got .+\.$/,
    );
  });

  it.each(["", 5, null, {}])("does not come with workerUrl %j", async (workerUrl) => {
    const { init } = await fresh();
    expect(await failure(() => init({ threads: 2, workerUrl: workerUrl as string }))).toMatch(
      /^OptionError: init\(\) needs workerUrl to be the address of gatefold\/worker\.js, got .+\.$/,
    );
  });

  it("cannot be more than one without waiting", async () => {
    const { initSync } = await fresh();
    const bytes = bytesOf("core.threads");
    expect(await failure(() => initSync({ bytes, threads: 2 }))).toBe(
      "OptionError: initSync() cannot wait for threads to start: await init() instead.",
    );
  });
});

describe("init: binaries for threads", () => {
  it("are taken compiled or as bytes", async () => {
    const bytes = bytesOf("core.threads");
    expect(await (await fresh()).init({ bytes, threads: 2 })).toMatchObject({ variant: "simd", threads: 2 });
    const module = new WebAssembly.Module(bytes);
    expect(await (await fresh()).init({ module, threads: 2 })).toMatchObject({ variant: "simd", threads: 2 });
  });

  it("run on one thread, too, with their shared memory", async () => {
    const { init, requireCore } = await fresh();
    const options: InitOptions = { bytes: bytesOf("core.threads"), threads: 2, workerUrl: "nowhere.js" };
    expect((await init(options)).threads).toBe(1);
    expect(requireCore().memory.u8(0, 1).buffer).toBeInstanceOf(SharedArrayBuffer);
    warning();
  });

  it("and those for one thread are not mistaken for each other", async () => {
    const { init } = await fresh();
    expect(await failure(() => init({ bytes: bytesOf("core"), threads: 2 }))).toMatch(
      /^OptionError: init\(\) needs bytes to be core\.threads\.wasm or core\.relaxed\.threads\.wasm of gatefold, /,
    );
    const module = new WebAssembly.Module(bytesOf("core.threads"));
    expect(await failure(() => init({ module }))).toMatch(
      /^OptionError: init\(\) needs module to be core\.wasm or core\.relaxed\.wasm of gatefold, /,
    );
  });

  it("have memory up to maxMemory, or as much as the engine allows", async () => {
    const { init, requireCore } = await fresh();
    await init({ threads: 2, maxMemory: 3 * PAGE + 5 });
    const { memory } = requireCore();
    expect(await failure(() => memory.allocate(3 * PAGE))).toMatch(/^OutOfMemoryError/);
    memory.allocate(2 * PAGE);
    const { Memory } = WebAssembly;
    const asked = vi.spyOn(WebAssembly, "Memory").mockImplementation(function create(options) {
      if (options.maximum !== undefined && options.maximum > 20_000) throw new RangeError("too large");
      return new Memory(options);
    });
    const second = await fresh();
    expect((await second.init({ threads: 2 })).threads).toBe(2);
    expect(asked.mock.calls.map(([{ maximum }]) => maximum)).toEqual([65536, 32768, 16384]);
    expect(await failure(() => second.requireCore().memory.allocate(16384 * PAGE))).toContain(
      "the limit is 1073741824",
    );
  });
});

describe("init: one thread, with one warning that says why", () => {
  const withoutThreads = async (options: InitOptions = {}) => {
    const { init, requireCore } = await fresh();
    expect((await init({ threads: 2, ...options })).threads).toBe(1);
    vi.unstubAllGlobals();
    expect(requireCore().pool).toBeUndefined();
    expect(requireCore().memory.u8(0, 1).buffer).toBeInstanceOf(ArrayBuffer);
    return warning();
  };
  /** As in a browser: without Node's modules. */
  const browser = (globals: Record<string, unknown>) => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  };

  it('on the main thread of a page, where "auto" does not even warn', async () => {
    browser({ window: {}, document: {} });
    expect(await withoutThreads()).toContain("use gatefold in a Web Worker of your own");
    browser({ window: {}, document: {}, navigator: { hardwareConcurrency: 4 } });
    expect((await (await fresh()).init({ threads: "auto" })).threads).toBe(1);
    expect(warn).not.toHaveBeenCalled();
  });

  it("without shared memory, or with pages that are not isolated", async () => {
    browser({ SharedArrayBuffer: undefined });
    expect(await withoutThreads()).toContain("serve the page with the headers Cross-Origin-Opener-Policy: same-origin");
    browser({ crossOriginIsolated: false });
    expect(await withoutThreads()).toContain("Cross-Origin-Embedder-Policy: require-corp");
  });

  it("without workers", async () => {
    browser({ Worker: undefined, navigator: { userAgent: "Cloudflare-Workers" } });
    expect(await withoutThreads()).toContain("workerd has no workers here");
  });

  it("where a thread may not wait", async () => {
    vi.spyOn(Atomics, "wait").mockImplementation(() => {
      throw new TypeError("Atomics.wait cannot be called in this context");
    });
    expect(await withoutThreads()).toContain("this thread may not wait for others");
  });

  it("where the engine refuses shared memory", async () => {
    const { Memory } = WebAssembly;
    vi.spyOn(WebAssembly, "Memory").mockImplementation(function create(options) {
      if (options.shared) throw new TypeError("no shared memory");
      return new Memory(options);
    });
    expect(await withoutThreads()).toContain("the engine refuses memory that is shared (TypeError: no shared memory)");
  });

  it.each([
    ["is not there", "/nowhere/worker.js"],
    ["has no address", "http://[nowhere"],
    ["ends", worker("process.exit(3)")],
    ["throws", worker("throw new Error('no such luck')")],
  ])("when the worker's file %s", async (_what, workerUrl) => {
    const text = await withoutThreads({ workerUrl });
    expect(text).toContain(`the worker ${workerUrl} did not start (`);
    expect(text).toContain("Bundled applications copy gatefold/worker.js beside their files and give its address, init({ workerUrl })"); // biome-ignore format: one sentence
  });

  it("when a worker says nothing for ten seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { init } = await fresh();
    const loaded = init({ threads: 2, workerUrl: worker("setInterval(() => {}, 1000)") });
    await vi.waitUntil(() => vi.getTimerCount() > 0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await loaded).threads).toBe(1);
    expect(warning()).toContain("no answer within 10 s");
  });

  it("takes a worker's address as a URL or as text, and its path", async () => {
    const url = new URL("../../build/worker.js", import.meta.url);
    for (const workerUrl of [url, url.href, url.pathname]) {
      expect((await (await fresh()).init({ threads: 2, workerUrl })).threads).toBe(2);
    }
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("a worker that is lost", () => {
  it("between jobs leaves one thread, with a warning", async () => {
    const { init, requireCore } = await fresh();
    const info = await init({ threads: 2, workerUrl: worker(`${READY} setTimeout(() => process.exit(7), 300);`) });
    const { pool, memory } = requireCore();
    expect(info.threads).toBe(2);
    await vi.waitUntil(() => info.threads === 1, 5000);
    expect(warning()).toContain("a worker has ended (it ended with code 7)");
    expect(requireCore().pool).toBeUndefined();
    const address = memory.allocate(64);
    expect(await failure(() => pool?.run("scale", [[address, 4, 2], [address, 4, 2]]))).toBe("StateError: 2 parts of scale were given to 1 threads."); // biome-ignore format: short
  });

  it("within a job is an error of that call, and leaves one thread", async () => {
    const { init, requireCore } = await fresh();
    const info = await init({ threads: 2, workerUrl: worker(`${READY} setInterval(() => {}, 1000);`) });
    const { pool, memory } = requireCore();
    const address = memory.allocate(64);
    const wait = vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    expect(await failure(() => pool?.run("scale", [[address, 4, 2], [address, 4, 2]]))).toMatch(/^StateError: A thread did not end its part of scale within 10 s: /); // biome-ignore format: short
    expect(wait.mock.lastCall?.[3]).toBeGreaterThanOrEqual(10_000);
    expect(info.threads).toBe(1);
    expect(requireCore().pool).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });
});
