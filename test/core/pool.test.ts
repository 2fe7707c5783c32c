import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Core } from "../../src/core/context.ts";
import type { Pool } from "../../src/core/pool.ts";

type Api = typeof import("../../src/core/load.ts") & typeof import("../../src/core/context.ts");

const PAGE = 65536;
const opened: Pool[] = [];

/** The facade as a new program sees it: nothing loaded. */
async function fresh(): Promise<Api> {
  vi.resetModules();
  return { ...(await import("../../src/core/load.ts")), ...(await import("../../src/core/context.ts")) };
}

/** A core with so many threads. */
async function start(threads: number): Promise<Core & { readonly pool: Pool }> {
  const { init, requireCore } = await fresh();
  const info = await init({ threads, numerics: "strict" });
  expect(info.threads).toBe(threads);
  const core = requireCore();
  if (core.pool === undefined) throw new Error("There is no pool.");
  opened.push(core.pool);
  return { ...core, pool: core.pool };
}

beforeEach(() => {
  vi.stubEnv("GATEFOLD_VARIANT", undefined);
  vi.stubEnv("GATEFOLD_THREADS", undefined);
});

afterEach(() => {
  for (const pool of opened.splice(0)) pool.close();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a pool", () => {
  it.each([2, 3, 5])("of %i threads does thousands of jobs, each thread its own", async (threads) => {
    const { memory, pool } = await start(threads);
    expect(pool.threads).toBe(threads);
    const address = memory.allocate(threads * 64);
    const calls = Array.from({ length: threads }, (_, n) => [address + 64 * n, address + 64 * n, 16, 1, 1]);
    memory.f32(address, threads * 16).fill(1);
    const rounds = 3000;
    // x = x + x would overflow: halved in every second round.
    const halve = calls.map(([x = 0]) => [x, 16, 0.5]);
    for (let round = 0; round < rounds; round++) {
      pool.run("blend", calls);
      pool.run("scale", halve);
    }
    pool.run("blend", calls);
    expect([...memory.f32(address, threads * 16)]).toEqual(Array.from({ length: threads * 16 }, () => 2));
  });

  it("takes fewer calls than it has threads, and refuses more", async () => {
    const { memory, pool } = await start(2);
    const address = memory.allocate(64);
    memory.f32(address, 16).fill(1);
    pool.run("scale", [[address, 16, 3]]);
    pool.run("scale", []);
    expect(memory.f32(address, 1)[0]).toBe(3);
    const call = [address, 16, 3];
    expect(() => pool.run("scale", [call, call, call])).toThrow("3 parts of scale were given to 2 threads.");
  });

  it("throws what traps in a worker or in the caller, when all have ended, and goes on", async () => {
    const { memory, pool } = await start(2);
    const address = memory.allocate(4 * PAGE);
    const outside = [2 ** 32 - 64, 1024, 1];
    const x = memory.f32(address, PAGE);
    x.fill(1);
    const long = [address, PAGE, 2];
    expect(() => pool.run("scale", [long, outside])).toThrow(
      /^scale failed in thread 2: RuntimeError: .*out of bounds/,
    );
    expect(() => pool.run("scale", [outside, long])).toThrow(WebAssembly.RuntimeError);
    expect(x.every((value) => value === 4)).toBe(true);
    expect(pool.threads).toBe(2);
    pool.run("scale", [long, [address, 0, 1]]);
    expect(x[PAGE - 1]).toBe(8);
  });

  it("sees memory that has grown since it started", async () => {
    const { memory, pool } = await start(2);
    const before = memory.f32(memory.allocate(64), 16);
    for (let round = 0; round < 5; round++) {
      const address = memory.allocate(20 * PAGE);
      const x = memory.f32(address, 5 * PAGE).fill(1);
      const half = 2.5 * PAGE;
      pool.run("scale", [[address, half, 3], [address + half * 4, half, 3]]); // biome-ignore format: one call
      expect(x.every((value) => value === 3)).toBe(true);
    }
    expect(before.length).toBe(16);
  });
});
