import { beforeAll, expect, test } from "vitest";
import { Dense, LSTM, Random, Sequential, tensor } from "../../src/index.ts";
import { loadCore } from "../support/layers.ts";

/** What every user of Keras has written, in the words of this library. */
beforeAll(async () => {
  await loadCore();
});

test("two LSTM(50) and a Dense(1) learn the next value of a sine, in batches of 64", async () => {
  const series = Float32Array.from({ length: 228 }, (_, t) => Math.sin(t / 4));
  const x = Array.from({ length: 200 }, (_, i) => Array.from(series.subarray(i, i + 28), (value) => [value]));
  const y = Array.from({ length: 200 }, (_, i) => [series[i + 28] ?? 0]);

  const model = new Sequential(
    [new LSTM({ units: 50, returnSequences: true }), new LSTM({ units: 50 }), new Dense({ units: 1 })],
    { seed: 1 },
  );
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const { history } = await model.fit(x, y, { epochs: 12, batchSize: 64, verbose: 0 });

  expect(history.loss?.[0]).toBeGreaterThan(0.1);
  expect(history.loss?.at(-1)).toBeLessThan(0.05);
  const next = model.predict(x.slice(0, 3));
  expect(next.shape).toEqual([3, 1]);
  expect(model.evaluate(x, y).loss).toBeLessThan(0.05);
});

test("LSTM(128) over [10, 50, 100] gives [10, 128]", () => {
  const model = new Sequential([new LSTM({ units: 128 })]);
  const output = model.predict(tensor(new Float32Array(10 * 50 * 100).fill(0.5), [10, 50, 100]));
  expect(output.shape).toEqual([10, 128]);
  expect(output.data).toHaveLength(1280);
  expect(output.data.every(Number.isFinite)).toBe(true);
  expect(model.parameterCount).toBe(4 * 128 * (100 + 128 + 1));
});

test("LSTM and Dense softmax tell three kinds of sequences apart, categoricalCrossentropy and accuracy", async () => {
  const random = new Random(7);
  const kinds = Array.from({ length: 240 }, () => random.integer(3));
  const x = kinds.map((kind) =>
    Array.from({ length: 12 }, (_, t) => [Math.sin((kind + 1) * t * 0.5) + random.uniform(-0.2, 0.2)]),
  );
  const y = kinds.map((kind) => [0, 1, 2].map((one) => (one === kind ? 1 : 0)));

  const model = new Sequential([new LSTM({ units: 24 }), new Dense({ units: 3, activation: "softmax" })], {
    inputShape: [12, 1],
    seed: 1,
  });
  model.compile({
    optimizer: { name: "adam", learningRate: 0.02 },
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const { history } = await model.fit(x, y, { epochs: 12, batchSize: 32, validationSplit: 0.25, verbose: 0 });

  expect(Object.keys(history)).toEqual(["loss", "accuracy", "val_loss", "val_accuracy"]);
  expect(history.val_accuracy?.at(-1)).toBeGreaterThan(0.95);
  const [first] = y.map((row) => row.indexOf(1));
  const { data } = model.predict(x.slice(0, 1));
  expect(data.indexOf(Math.max(...data))).toBe(first);
});
