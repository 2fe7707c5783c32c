/**
 * Memory stays flat: over 20,000 steps of one training, and over 1,000 models that are made, trained, used and disposed of.
 * Prints bytes of the core's memory, bytes of its blocks and growth of the JavaScript heap; fails unless the first two are
 * the same before and after and the heap has grown by less than 2 MB.
 *
 *   node --expose-gc --import tsx test/long/memory.ts [--steps 20000] [--models 1000]
 */
import { parseArgs } from "node:util";
import { requireCore } from "../../src/core/context.ts";
import { Dense, Embedding, init, LSTM, load, Random, Sequential, tensor } from "../../src/index.ts";

const { values: flags } = parseArgs({
  options: { steps: { type: "string", default: "20000" }, models: { type: "string", default: "1000" } },
});
const MOST_GROWTH = 2e6;
const rows = 200;
const batchSize = 8;
const vocabulary = 20;

interface Footprint {
  readonly memory: number;
  readonly used: number;
  readonly heap: number;
}

await init();
const random = new Random(1);
const x = integers(rows * 12, vocabulary, [rows, 12]);
const y = integers(rows * 12, 5, [rows, 12]);
const lengths = Int32Array.from({ length: rows }, () => 1 + random.integer(12));

function integers(length: number, below: number, shape: readonly number[]) {
  return tensor(
    Int32Array.from({ length }, () => random.integer(below)),
    shape,
  );
}

function make(seed: number): Sequential {
  const model = new Sequential(
    [
      new Embedding({ inputDim: vocabulary, outputDim: 7 }),
      new LSTM({ units: 9, returnSequences: true, dropout: 0.1 }),
      new LSTM({ units: 6, returnSequences: true }),
      new Dense({ units: 5, activation: "softmax" }),
    ],
    { seed },
  );
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy", "perplexity"] });
  return model;
}

/** Everything a program does with a model; always the same, so that its blocks are. */
async function live(): Promise<void> {
  const model = make(1);
  await model.fit(x, y, { batchSize: 50, lengths, validationSplit: 0.2, truncatedSteps: 5, verbose: 0 });
  model.predict(x);
  const stream = model.stream({ rows: 2 });
  stream.step([1, 2]);
  stream.dispose();
  const copy = load(model.save({ optimizer: true }));
  copy.evaluate(x, y);
  for (const one of [copy, model]) one.dispose();
}

async function footprint(): Promise<Footprint> {
  // Finalizers run between tasks.
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { memory } = requireCore();
  return { memory: memory.byteLength, used: memory.usedBytes, heap: process.memoryUsage().heapUsed };
}

/** Prints the growth during `work`, and fails the program if there is any. */
async function requireFlat(what: string, work: () => Promise<void>): Promise<void> {
  const before = await footprint();
  await work();
  const after = await footprint();
  const growth = after.heap - before.heap;
  console.log(
    `${what}: memory ${before.memory} -> ${after.memory}, used ${before.used} -> ${after.used}, heap ${(growth / 1e6).toFixed(2)} MB`,
  );
  if (after.memory !== before.memory || after.used !== before.used || !(growth < MOST_GROWTH)) process.exitCode = 1;
}

if (globalThis.gc === undefined) throw new Error("Run with node --expose-gc.");
const steps = Number(flags.steps);
const models = Number(flags.models);
const stepsPerEpoch = rows / batchSize;

const model = make(1);
const train = (from: number, epochs: number) =>
  model.fit(x, y, { batchSize, initialEpoch: from, epochs: from + epochs, lengths, verbose: 0 });
// The longest batches that can come, so that room for all is there before it is measured.
await model.fit(x, y, { batchSize, verbose: 0 });
await train(0, 20);
await requireFlat(`${steps} steps`, async () => void (await train(20, Math.ceil(steps / stepsPerEpoch))));
model.dispose();

for (let i = 0; i < 100; i++) await live();
await requireFlat(`${models} models`, async () => {
  for (let i = 0; i < models; i++) await live();
});
