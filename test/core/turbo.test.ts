import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { engine, v8Major } from "../../src/core/engine.ts";

type Api = typeof import("../../src/index.ts") & typeof import("../../src/core/context.ts");

/** Where turbo is tried at all. That the processor gains by it is for the trial to find. */
const isTried = engine().startsWith("node ") && v8Major() >= 13 && process.arch === "x64";

let warn: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  vi.stubEnv("GATEFOLD_VARIANT", undefined);
  vi.stubEnv("GATEFOLD_THREADS", undefined);
  warn = vi.spyOn(console, "warn").mockReturnValue();
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.doUnmock("../../src/core/turbo-trial.ts");
  vi.doUnmock("../../src/core/thread.ts");
});

/** The facade as a new program sees it: nothing loaded. */
async function fresh(): Promise<Api> {
  vi.resetModules();
  return { ...(await import("../../src/index.ts")), ...(await import("../../src/core/context.ts")) };
}

/** Puts `setFlagsFromString` in the place of V8's. */
function replaceFlags(setFlagsFromString: (flags: string) => void): void {
  vi.doMock("../../src/core/thread.ts", async (original) => {
    const real = await original<typeof import("../../src/core/thread.ts")>();
    const builtin = (name: "node:v8") => (name === "node:v8" ? { setFlagsFromString } : real.builtin(name));
    return { ...real, builtin };
  });
}

/** Expects a working core without turbo, and one warning. */
async function expectFallback(reason: RegExp): Promise<void> {
  const { init, requireCore } = await fresh();
  const info = await init({ turbo: true });
  expect(info).toMatchObject({ turbo: false, threads: 1 });
  expect(requireCore().kernels.rowStride(5)).toBe(8);
  expect(warn.mock.calls).toEqual([[expect.stringMatching(reason)]]);
}

describe("turbo is off", () => {
  test("unless asked for", async () => {
    const { init } = await fresh();
    expect((await init()).turbo).toBe(false);
    expect(warn).not.toHaveBeenCalled();
  });

  test.skipIf(isTried)("on engines that have none, with one warning that names the engine", () =>
    expectFallback(/^gatefold runs without turbo: it needs Node 24 or newer, and this is /),
  );

  test.runIf(isTried)("on other processors, with one warning that names theirs", async () => {
    vi.spyOn(process, "arch", "get").mockReturnValue("arm64");
    await expectFallback(/V8 has 256-bit code for x64 only, and this is arm64\.$/);
  });

  test.runIf(isTried)("when V8 does not know the flag any more, because nothing is gained", async () => {
    replaceFlags(() => {});
    await expectFallback(/^gatefold runs without turbo: this processor gains nothing by it \([\d.]+ times/);
  });

  test.runIf(isTried)("when the trial finds other results", async () => {
    const findFault = () => "the results differ";
    vi.doMock("../../src/core/turbo-trial.ts", () => ({ findFault }));
    await expectFallback(/^gatefold runs without turbo: the results differ\.$/);
  });

  test.runIf(isTried)("when flags may not be set", async () => {
    replaceFlags(() => {
      throw new Error("Flags are frozen");
    });
    await expectFallback(/^gatefold runs without turbo: Flags are frozen\.$/);
  });
});

test("turbo is true or false, never with a given binary, and the same in every call", async () => {
  const { init, initSync } = await fresh();
  await expect(init({ turbo: 1 as unknown as boolean })).rejects.toThrow(
    /^init\(\) needs turbo to be true or false, got 1/,
  );
  const bytes = new Uint8Array(8);
  const message = "compiles a binary itself for turbo: leave out module and bytes.";
  await expect(init({ turbo: true, bytes })).rejects.toThrow(`init() ${message}`);
  expect(() => initSync({ turbo: true, bytes })).toThrow(`initSync() ${message}`);
  await init();
  await expect(init({ turbo: true })).rejects.toThrow(/^init\(\) differs from the earlier call in turbo/);
});

/** Losses, weights and predictions of a small model. */
async function train(turbo: boolean, threads: number): Promise<{ readonly hash: string; readonly turbo: boolean }> {
  const { Adam, Dense, init, LSTM, Sequential, tensor, ...api } = await fresh();
  const info = await init({ numerics: "strict", turbo, threads });
  const [rows, steps, features] = [23, 7, 5];
  const model = new Sequential(
    [new LSTM({ units: 37, returnSequences: true }), new LSTM({ units: 20 }), new Dense({ units: 3 })],
    {
      inputShape: [steps, features],
      seed: 11,
    },
  );
  const wave = (length: number, step: number) => Float32Array.from({ length }, (_, n) => ((n * step) % 64) / 32 - 1);
  const x = tensor(wave(rows * steps * features, 37), [rows, steps, features]);
  const y = tensor(wave(rows * 3, 29), [rows, 3]);
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: "meanSquaredError" });
  const { history } = await model.fit(x, y, { epochs: 4, batchSize: 10, verbose: 0 });
  const hash = createHash("sha256").update(JSON.stringify(history)).update(model.save());
  hash.update(model.predict(x).data);
  api.requireCore().pool?.close();
  return { hash: hash.digest("hex"), turbo: info.turbo };
}

test.runIf(isTried)("turbo gives the bits of the usual code in strict numerics, with one thread and two", async () => {
  const usual = await train(false, 1);
  const turbo = await train(true, 1);
  const threaded = await train(true, 2);
  expect(usual.turbo).toBe(false);
  // A processor without 256-bit multiply-adds runs the usual code, and was told so.
  expect([turbo.turbo, threaded.turbo]).toEqual(warn.mock.calls.length === 0 ? [true, true] : [false, false]);
  expect([turbo.hash, threaded.hash]).toEqual([usual.hash, usual.hash]);
});

test.runIf(isTried)("V8's flags are as they were after init, the revectorisation included", async () => {
  const flags: string[] = [];
  const { setFlagsFromString } = await import("node:v8");
  replaceFlags((flag) => {
    flags.push(flag);
    setFlagsFromString(flag);
  });
  const { init } = await fresh();
  await init({ turbo: true });
  const state = new Map(flags.map((flag) => [flag.replace(/^--(no-)?/, ""), !flag.startsWith("--no-")]));
  expect(Object.fromEntries(state)).toEqual({
    liftoff: true,
    "wasm-lazy-compilation": true,
    "experimental-wasm-revectorize": false,
  });
});
