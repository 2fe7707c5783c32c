/**
 * What models leave in the JavaScript heap, measured in a program of its own, `node --expose-gc`. The arguments say what
 * runs, and how many bytes a step are none; the answer is JSON on the standard output: numbers that should be about 0.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { argv, memoryUsage } from "node:process";
import { setTimeout } from "node:timers/promises";
import {
  Activation,
  Add,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  init,
  input,
  type Layer,
  LayerNormalization,
  LSTM,
  load,
  Masking,
  Model,
  Multiply,
  Sequential,
  SimpleRNN,
  type Stream,
  TimeDistributed,
} from "../../src/index.ts";

const collect = (globalThis as { readonly gc?: () => void }).gc ?? (() => {});

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ["gc"] });

/** Bytes of the heap, what nothing refers to left out. */
async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) {
    collect();
    await setTimeout(5);
  }
  return memoryUsage().heapUsed;
}

/** Bytes that stay from each cycle of create, train, stream, save, load and dispose: the least of three attempts. */
async function cycles(): Promise<Record<string, number>> {
  const x = { data: new Float32Array(4 * 5 * 2).fill(0.5), shape: [4, 5, 2] };
  const y = { data: new Float32Array(4), shape: [4, 1] };
  const cycle = async () => {
    const model = new Sequential([new LSTM({ units: 4 }), new Dropout({ rate: 0.1 }), new Dense({ units: 1 })]);
    model.compile({ loss: "mse", metrics: ["mae"] });
    await model.fit(x, y, { verbose: 0, epochs: 2, validationSplit: 0.5 });
    const stream = model.stream();
    stream.step([1, 2]);
    const loaded = load(model.save({ optimizer: true }));
    loaded.predict(x);
    for (const one of [loaded, stream, model]) one.dispose();
  };
  const count = 100;
  for (let n = 0; n < count; n++) await cycle();
  const attempts: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = await settledHeap();
    for (let n = 0; n < count; n++) await cycle();
    attempts.push(((await settledHeap()) - before) / count);
  }
  return { "bytes a cycle": Math.min(...attempts) };
}

const bound = Number(argv[3]);

/** Bytes that each of many steps allocates, and collections meanwhile: the least of three attempts, if three it takes. */
async function measure(stream: Stream, x: ArrayLike<number> | number, steps: number) {
  const run = (count: number) => {
    for (let n = 0; n < count; n++) stream.step(x);
  };
  // Engines compile in the background.
  for (let round = 0; round < 10; round++) {
    run(5000);
    await setTimeout(5);
  }
  const attempts: (readonly [bytes: number, collections: number])[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    await settledHeap();
    collections = 0;
    const before = memoryUsage().heapUsed;
    run(steps);
    const bytes = (memoryUsage().heapUsed - before) / steps;
    await setTimeout(20);
    attempts.push([bytes, collections]);
    if (bytes < bound && collections === 0) break;
  }
  return attempts.sort(([a, n], [b, m]) => n - m || a - b)[0] ?? [Number.NaN, Number.NaN];
}

const sequences = { returnSequences: true } as const;

/** A model over steps of 3 features whose layer or layers come from `make`. */
function around(make: () => readonly Layer[]): Sequential {
  return new Sequential([new Masking(), new SimpleRNN({ units: 3, ...sequences }), ...make()], {
    inputShape: [null, 3],
  });
}

function merged(merge: Add | Multiply | Concatenate): Model {
  const x = input({ shape: [null, 3] });
  const states = new LSTM({ units: 3, ...sequences, returnState: true }).apply(x);
  return new Model({ inputs: x, outputs: merge.apply([states, x, states]) });
}

async function streams(): Promise<Record<string, number>> {
  const deep = [
    new LSTM({ units: 8, ...sequences }),
    new LSTM({ units: 8 }),
    new Dense({ units: 3, activation: "softmax" }),
  ];
  const perStep = new TimeDistributed({ layer: new Dense({ units: 2, activation: "relu" }) });
  const models: Readonly<Record<string, () => Sequential | Model>> = {
    Dense: () => around(() => [perStep, new Dense({ units: 2 })]),
    rows: () =>
      around(() => [new LayerNormalization(), new Activation({ activation: "relu" }), new Dropout({ rate: 0.5 })]),
    Add: () => merged(new Add()),
    Multiply: () => merged(new Multiply()),
    Concatenate: () => merged(new Concatenate()),
  };
  const results: Record<string, number> = {};
  const x = Float32Array.of(0.1, 0.2, 0.3);
  const lstm = new Sequential(deep, { inputShape: [null, 3] });
  const tokens = new Sequential([new Embedding({ inputDim: 5, outputDim: 4, maskZero: true }), new LSTM({ units: 8 })]);
  const cases: [string, Stream, ArrayLike<number> | number, number][] = [
    ["LSTM", lstm.stream(), x, 200_000],
    ["LSTM of a plain array", lstm.stream(), [...x], 200_000],
    ["LSTM of three rows", lstm.stream({ rows: 3 }), new Float32Array(9).fill(0.5), 100_000],
    ["Embedding", tokens.stream(), 3, 100_000],
    ...Object.entries(models).map(([name, make]): (typeof cases)[number] => [name, make().stream(), x, 100_000]),
  ];
  for (const [name, stream, step, count] of cases) {
    const [bytes, times] = await measure(stream, step, count);
    results[`bytes a step of ${name}`] = bytes;
    results[`collections of ${name}`] = times;
  }
  return results;
}

await init();
console.log(JSON.stringify(await (argv[2] === "cycles" ? cycles() : streams())));
