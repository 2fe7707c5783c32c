/** Options of models beside those of `fit`. */
import { vi } from "vitest";
import { requireCore } from "../../src/core/context.ts";
import {
  Dense,
  Dropout,
  input,
  LSTM,
  load,
  Model,
  Sequential,
  SimpleRNN,
  type SymbolicTensor,
} from "../../src/index.ts";
import { labels, numbers, type Observe, outcome, type Part, type Row, rows } from "./walk-row.ts";

const ROWS = 40;
const x = () => numbers(ROWS, 4, 2);
const y = () => labels(2, ROWS, 1);

/** A compiled model, its first layer's calls counted with the rows and steps of each. */
export function watched(compile: Part = {}): { readonly model: Sequential; readonly runs: () => readonly string[] } {
  const first = new SimpleRNN({ units: 2 });
  const run = vi.spyOn(first, "run");
  const model = new Sequential([first, new Dense({ units: 1 })], { inputShape: [null, 2], seed: 3 });
  model.compile({ optimizer: { name: "sgd", learningRate: 0.5 }, loss: "mse", ...compile });
  return { model, runs: () => run.mock.calls.map(([, { rows: { B, T, N } }]) => `${B} x ${T} (${N})`) }; // biome-ignore format: one record
}

const lengths = [undefined, Int32Array.from({ length: ROWS }, (_, n) => 1 + (n % 4))] as const;

/** Options that belong to the data. */
export const data: Readonly<Record<string, readonly [unknown, unknown]>> = {
  lengths,
  sampleWeight: [undefined, Float32Array.from({ length: ROWS }, (_, n) => n % 3)],
  classWeight: [undefined, { 1: 3 }],
} as const;

/** A call on a model with data, the batches that it ran and the weights after it. */
const called = (call: (model: Sequential, part: Part) => unknown): Observe => {
  return async (part) => {
    const { model, runs } = watched();
    return [await call(model, part), runs(), model.getWeights()];
  };
};

const evaluated = called((model, part) => model.evaluate(x(), y(), part));
const predicted = called((model, part) => model.predict(x(), part));

const warmed: Observe = (part) => {
  const { model, runs } = watched();
  model.warmup(part);
  return runs()[0];
};

const streamed: Observe = (part) => {
  const stream = watched().model.stream(part);
  return [stream.rows, stream.step(numbers(2 * stream.rows).data).slice()];
};

const saved: Observe = (part) => {
  const { model } = watched();
  model.trainOnBatch(x(), y());
  const again = load(model.save(part));
  return [again.optimizer.iterations, again.progress, new TextDecoder("latin1").decode(model.save(part))];
};

const summarised: Observe = (part) => {
  const lines: unknown[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
  watched().model.summary(part);
  log.mockRestore();
  return lines;
};

/** Initial weights, shuffles and noise of a model, all from its seed. */
const sequential: Observe = (part) =>
  outcome(async () => {
    const model = new Sequential([new Dense({ units: 2 }), new Dropout({ rate: 0.5 }), new Dense({ units: 1 })], part);
    const built = model.isBuilt;
    const { seed, label, inputShape } = model;
    model.compile({ loss: "mse" });
    const { history } = await model.fit(numbers(8, 3), labels(2, 8, 1), { batchSize: 3, verbose: 0 });
    return [built, seed, label, inputShape, history, model.getWeights()];
  });

const symbols = () => {
  const a = input({ shape: [2], name: "a" });
  const b = input({ shape: [2], name: "b" });
  const dense = new Dense({ units: 1 });
  return { a, b, y: dense.apply(a), z: new Dense({ units: 3 }).apply(a), dense };
};

/** `inputs` and `outputs` name symbols here. */
const graph: Observe = ({ inputs = "a", outputs = "y", ...part }) =>
  outcome(() => {
    const made = symbols();
    const of = (names: string) => names.split("").map((name) => made[name as "a" | "b" | "y" | "z"]);
    const [first] = of(outputs) as [SymbolicTensor];
    const model = new Model({ inputs: of(inputs), outputs: outputs.length > 1 ? of(outputs) : first, ...part });
    return [model.predict(numbers(2, 2)), model.label, model.seed];
  });

/** Two updates of a model with two outputs, one of which knows no number. */
const compiled: Observe = (part) => {
  const made = symbols();
  const model = new Model({ inputs: made.a, outputs: [made.y, made.z], seed: 1 });
  model.compile({ loss: ["mse", "mae"], ...part });
  const targets = [labels(2, 4, 1), labels(2, 4, 3)];
  const logs = [1, 2].map(() => model.trainOnBatch(numbers(4, 2), targets));
  return [logs, model.getWeights(), model.optimizer.config()];
};

/** A batch whose loss is not finite, between two others. */
const nonFinite: Observe = (part) =>
  outcome(async () => {
    const model = new Sequential([new Dense({ units: 1 })], { inputShape: [1], seed: 1 });
    model.compile({ optimizer: "sgd", loss: "mse", ...part });
    const options = { batchSize: 1, shuffle: false, verbose: 0 } as const;
    const { history } = await model.fit([[1], [2], [3]], [[1], [Number.NaN], [3]], options);
    return [history, model.getWeights()];
  });

/** What a batch of a long sequence takes of the core. */
const budgeted: Observe = (part) =>
  outcome(() => {
    const { memory } = requireCore();
    const model = new Sequential([new SimpleRNN({ units: 16 })], { inputShape: [null, 1], seed: 1 });
    model.compile({ optimizer: "sgd", loss: "mse", ...part });
    const before = memory.usedBytes;
    model.trainOnBatch(numbers(2, 5000, 1), numbers(2, 16));
    const used = memory.usedBytes - before;
    const weights = model.getWeights();
    model.dispose();
    return [used, weights];
  });

const symbolic: Observe = (part) =>
  outcome(() => {
    const symbol = input({ shape: [null, 2], ...part } as never);
    return [symbol.shape, symbol.dtype, new Model({ inputs: symbol, outputs: new LSTM({ units: 2 }).apply(symbol) }).summary({ print: null })]; // biome-ignore format: one list
  });

const named = { name: [undefined, "other"] } as const;

export const MODEL_ROWS: readonly Row[] = [
  ...rows("input", symbolic, { name: ["input", "other"], dtype: ["float32", "int32"], shape: [[null, 2], [5, 2]] }), // biome-ignore format: one call
  ...rows("Sequential", sequential, { ...named, seed: [undefined, 2], inputShape: [undefined, [3]] }),
  ...rows("Model", graph, { ...named, seed: [undefined, 2], inputs: ["a", "ab"], outputs: ["y", "yz"] }),
  ...rows("BaseModel.compile", compiled, {
    optimizer: ["adam", "sgd"],
    loss: [["mse", "mae"], "mse"],
    lossWeights: [
      [1, 1],
      [1, 0.5],
    ],
    metrics: [undefined, [[], ["mse"]]],
  }),
  ...rows("BaseModel.compile", nonFinite, { onNonFinite: ["throw", "skip"] }),
  ...rows("BaseModel.compile", nonFinite, { onNonFinite: ["throw", "ignore"] }),
  ...rows("BaseModel.compile", budgeted, { memoryBudget: [undefined, 2 ** 20] }),
  ...rows("BaseModel.evaluate", evaluated, { ...data, batchSize: [32, 7] }),
  ...rows(
    "BaseModel.trainOnBatch",
    called((model, part) => model.trainOnBatch(x(), y(), part)),
    data,
  ),
  ...rows(
    "BaseModel.testOnBatch",
    called((model, part) => model.testOnBatch(x(), y(), part)),
    data,
  ),
  ...rows("BaseModel.save", saved, { optimizer: [false, true], metadata: [undefined, { author: "somebody" }] }),
  ...rows("Network.predict", predicted, { batchSize: [32, 7], lengths }),
  ...rows("Network.stream", streamed, { rows: [1, 3] }),
  ...rows("Network.warmup", warmed, { batchSize: [1, 2], steps: [16, 3] }),
  ...rows("Network.summary", summarised, { print: [undefined, null] }),
];
