import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.stubEnv("GATEFOLD_VARIANT", undefined);
  vi.stubEnv("GATEFOLD_THREADS", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Kernels that the training below has for threads. */
const SPLIT = [
  "activationBackward",
  "activationForward",
  "adam",
  "blend",
  "denseBackward",
  "denseForward",
  "denseGradients",
  "gatherRows",
  "lstmBackward",
  "lstmForward",
  "recurrentGradients",
  "scale",
  "scatterAddRows",
  "softmaxBackward",
  "softmaxForward",
];

interface Trained {
  /** What must have the same bits. */
  readonly results: { readonly losses: readonly number[]; readonly file: string; readonly predicted: string };
  /** Kernels that the threads have shared. */
  readonly shared: ReadonlySet<string>;
}

/** A model of every layer whose work is split, large enough to be, as a program with so many threads trains it. */
async function train(threads: number): Promise<Trained> {
  vi.resetModules();
  const { Adam, Concatenate, Dense, Embedding, init, input, LSTM, Model, Random, tensor } = await import(
    "../../src/index.ts"
  );
  const { requireCore } = await import("../../src/core/context.ts");
  const { threads: started } = await init({ numerics: "strict", threads });
  expect(started).toBe(threads);
  const { pool } = requireCore();
  const run = pool && vi.spyOn(pool, "run");
  const [batch, steps, classes] = [48, 11, 70];
  const table = { inputDim: classes, outputDim: 70 };
  const tokens = input({ shape: [steps], dtype: "int32" });
  // An LSTM looks up its embedding by itself; a Dense is given the rows.
  const states = new LSTM({ units: 36, returnSequences: true }).apply(new Embedding(table).apply(tokens));
  const rows = new Dense({ units: 90, activation: "tanh" }).apply(new Embedding(table).apply(tokens));
  const second = new LSTM({ units: 33, returnSequences: true }).apply(new Concatenate().apply([states, rows]));
  const outputs = new Dense({ units: classes, activation: "softmax" }).apply(second);
  const model = new Model({ inputs: tokens, outputs, seed: 3 });
  const random = new Random(5);
  const draw = () =>
    tensor(
      Int32Array.from({ length: batch * steps }, () => random.integer(classes)),
      [batch, steps],
    );
  const [x, y] = [draw(), draw()];
  const optimizer = new Adam({ learningRate: 0.01, weightDecay: 0.01, globalClipNorm: 0.01 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy" });
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 40, verbose: 0 });
  const results = {
    losses: history.loss ?? [],
    file: hashOf(model.save({ optimizer: true })),
    predicted: hashOf(model.predict(x).data as Float32Array),
  };
  const shared = new Set(run?.mock.calls.map(([kernel]) => kernel));
  pool?.close();
  return { results, shared };
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
    const alone = await train(1);
    expect(alone.shared.size).toBe(0);
    for (const threads of [2, 3, 4]) {
      const { results, shared } = await train(threads);
      expect(results).toEqual(alone.results);
      expect([...shared].sort()).toEqual(SPLIT);
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
