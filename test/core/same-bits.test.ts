import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SHARED, train } from "../engines/shared-training.ts";

beforeEach(() => {
  vi.stubEnv("GATEFOLD_VARIANT", undefined);
  vi.stubEnv("GATEFOLD_THREADS", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Trains as a program with so many threads does: its result, and which kernels the threads have shared. */
async function trainWith(threads: number): Promise<{ readonly hash: string; readonly shared: readonly string[] }> {
  vi.resetModules();
  const gatefold = await import("../../src/index.ts");
  const { requireCore } = await import("../../src/core/context.ts");
  expect((await gatefold.init({ numerics: "strict", threads })).threads).toBe(threads);
  const { pool } = requireCore();
  const run = pool && vi.spyOn(pool, "run");
  const hash = await train(gatefold);
  pool?.close();
  return { hash, shared: [...new Set(run?.mock.calls.map(([kernel]) => kernel))].sort() };
}

interface OneRow {
  readonly results: readonly string[];
  readonly shared: ReadonlySet<string>;
}

/** A layer on one sequence, alone and as a stream: its units are shared, and do not divide by the threads. */
async function oneRow(threads: number, doubleBias: boolean): Promise<OneRow> {
  vi.resetModules();
  const { init, LSTM, Random, Sequential, tensor } = await import("../../src/index.ts");
  const { requireCore } = await import("../../src/core/context.ts");
  await init({ numerics: "strict", threads });
  const { pool } = requireCore();
  const run = pool && vi.spyOn(pool, "run");
  const [steps, features, units] = [70, 90, 150];
  const random = new Random(7);
  const draw = (...shape: number[]) =>
    tensor(
      Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => random.uniform() - 0.5),
      shape,
    );
  const options = { units, inputSize: features, doubleBias, seed: 2 };
  const lstm = new LSTM({ ...options, returnSequences: true });
  const initialState = { hidden: draw(1, units), cell: draw(1, units) };
  const x = draw(1, steps, features);
  const predicted = lstm.forward(x, { initialState });
  const { output, hidden, cell } = lstm.forward(x, { training: true, initialState });
  const d = lstm.backward({ output: draw(1, steps, units), hidden: draw(1, units), cell: draw(1, units) });
  const gradients = Object.values(lstm.getGradients());
  const stream = new Sequential([new LSTM({ ...options, inputSize: undefined })], {
    inputShape: [null, features],
    seed: 1,
  }).stream();
  const streamed = Array.from({ length: 20 }, (_, t) =>
    stream.step(x.data.subarray(t * features, (t + 1) * features)).slice(),
  );
  const tensors = [...Object.values(predicted), output, hidden, cell, d.input, d.hidden, d.cell, ...gradients];
  const results = [...tensors.map(({ data }) => data as Float32Array), ...streamed].map(hashOf);
  const shared = new Set(run?.mock.calls.map(([kernel]) => kernel));
  pool?.close();
  return { results, shared };
}

function hashOf({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
}

describe("training in strict numerics", () => {
  test("ends in the same bits with 1, 2, 3 and 4 threads, which share the work of every kernel that can be split", async () => {
    const alone = await trainWith(1);
    expect(alone.shared).toEqual([]);
    for (const threads of [2, 3, 4]) {
      const { hash, shared } = await trainWith(threads);
      expect(hash).toBe(alone.hash);
      expect(shared).toEqual(SHARED);
    }
  });

  test.each([false, true])("and of one row, whose units are shared, two biases: %s", async (doubleBias) => {
    const alone = await oneRow(1, doubleBias);
    for (const threads of [2, 3, 4]) {
      const { results, shared } = await oneRow(threads, doubleBias);
      expect(results).toEqual(alone.results);
      expect([...shared]).toEqual(expect.arrayContaining(["lstmForwardUnits", "lstmBackwardUnits"]));
    }
  });
});
