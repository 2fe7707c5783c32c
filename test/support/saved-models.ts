/** Models that together have every kind of layer, loss, metric and optimizer, some of them in the middle of training. */
import {
  Activation,
  Adagrad,
  Adam,
  Add,
  Concatenate,
  CosineDecay,
  Dense,
  Dropout,
  Embedding,
  input,
  LayerNormalization,
  LSTM,
  Masking,
  Model,
  Multiply,
  Nadam,
  Random,
  RMSprop,
  Sequential,
  SGD,
  SimpleRNN,
  type Tensor,
  TimeDistributed,
  tensor,
} from "../../src/index.ts";

export type AnyModel = Sequential | Model;

/** A model and the data it is trained on: 12 rows of 6 steps. */
export interface Example {
  readonly model: AnyModel;
  readonly x: readonly Tensor[];
  readonly y: readonly Tensor[];
}

const ROWS = 12;
const STEPS = 6;

export function numbers(seed: number, ...shape: number[]): Tensor<Float32Array> {
  const random = new Random(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return tensor(
    Float32Array.from({ length }, () => random.uniform(-1, 1)),
    shape,
  );
}

export function ids(seed: number, most: number, ...shape: number[]): Tensor<Int32Array> {
  const random = new Random(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  return { data: Int32Array.from({ length }, () => random.integer(most)), shape };
}

/** All layers of a chain of numbers. */
function chain(): Example {
  const layers = [
    new Masking({ maskValue: 0.5 }),
    new LSTM({ units: 5, returnSequences: true, dropout: 0.1, recurrentDropout: 0.2 }),
    new LayerNormalization({ epsilon: 1e-4 }),
    new TimeDistributed({ layer: new Dense({ units: 4, activation: "relu" }) }),
    new Dropout({ rate: 0.25, seed: 5 }),
    new SimpleRNN({ units: 3, stateful: true }),
    new Activation({ activation: "tanh" }),
    new Dense({ units: 2, useBias: false }),
  ];
  const model = new Sequential(layers, { inputShape: [null, 3], name: "chain", seed: 7 });
  const schedule = new CosineDecay({ initialLearningRate: 0.01, decaySteps: 20 });
  model.compile({
    optimizer: new Adam({ learningRate: schedule, amsgrad: true, useEma: true, emaMomentum: 0.9 }),
    loss: { name: "huber", delta: 0.5 },
    metrics: ["mae", { kind: "binaryAccuracy", threshold: 0.25 }],
  });
  return { model, x: [numbers(1, ROWS, STEPS, 3)], y: [numbers(2, ROWS, 2)] };
}

/** Tokens to classes. */
function tokens(): Example {
  const layers = [
    new Embedding({ inputDim: 11, outputDim: 3, maskZero: true, seed: 3 }),
    new LSTM({ units: 4, goBackwards: true, doubleBias: true, unitForgetBias: false }),
    new Dense({ units: 5, activation: "softmax" }),
  ];
  const model = new Sequential(layers, { seed: 11 });
  model.compile({
    optimizer: new RMSprop({ centered: true, momentum: 0.5 }),
    loss: { name: "sparseCategoricalCrossentropy", ignoreIndex: -1, classWeights: [1, 2, 3, 4, 5] },
    metrics: [
      "accuracy",
      { kind: "sparseTopKCategoricalAccuracy", k: 2 },
      "perplexity",
      { kind: "f1Score", average: "macro" },
    ],
    onNonFinite: "skip",
  });
  return { model, x: [ids(1, 11, ROWS, STEPS)], y: [ids(2, 5, ROWS)] };
}

/** Two inputs, two outputs, branches, layers used twice, states handed on. */
function branches(): Example {
  const [a, b] = [input({ shape: [null, 3], name: "a" }), input({ shape: [null, 3], name: "b" })];
  const shared = new LSTM({ units: 4, returnSequences: true, returnState: true, name: "shared" });
  const [first, second] = [shared.apply(a), shared.apply(b)];
  const { hidden, cell } = first;
  if (hidden === undefined || cell === undefined) throw new RangeError("returnState gives states.");
  const decoder = new LSTM({ units: 4, recurrentActivation: "hardSigmoid" });
  const decoded = decoder.apply(second, { initialState: { hidden, cell } });
  const dense = new Dense({ units: 4, name: "twice" });
  const [left, right] = [dense.apply(decoded), dense.apply(hidden)];
  const sum = new Add({ name: "sum" }).apply([left, right, decoded]);
  const product = new Multiply().apply([sum, cell]);
  const sides = new Concatenate().apply([new TimeDistributed({ layer: dense }).apply(first), first]);
  const outputs = [
    new Dense({ units: 1 }).apply(product),
    new SimpleRNN({ units: 2, activation: "relu" }).apply(sides),
  ];
  const model = new Model({ inputs: [a, b], outputs, name: "branches", seed: 13 });
  model.compile({
    optimizer: new SGD({ learningRate: 0.05, momentum: 0.9, nesterov: true, clipValue: 0.5 }),
    loss: [{ name: "binaryCrossentropy", fromLogits: true }, "mae"],
    lossWeights: [1, 0.5],
    metrics: [["auc", "precision"], ["rmse"]],
  });
  const x = [numbers(1, ROWS, STEPS, 3), numbers(2, ROWS, STEPS, 3)];
  return { model, x, y: [tensor(Float32Array.from(ids(3, 2, ROWS, 1).data), [ROWS, 1]), numbers(4, ROWS, 2)] };
}

/** Steps in steps: characters of words. */
function nested(): Example {
  const words = input({ shape: [null, 4, 2], name: "words" });
  const read = new TimeDistributed({ layer: new LSTM({ units: 3, name: "reader" }), name: "each.word" });
  const outputs = [new LSTM({ units: 2, stateful: true, returnSequences: true }).apply(read.apply(words))];
  const model = new Model({ inputs: words, outputs, name: "nested", seed: 17 });
  model.compile({ optimizer: new Adagrad({ weightDecay: 0.01, preset: "pytorch" }), loss: "mse" });
  return { model, x: [numbers(1, ROWS, STEPS, 4, 2)], y: [numbers(2, ROWS, STEPS, 2)] };
}

/** The smallest model, whose learning rate was changed. */
function line(): Example {
  const model = new Sequential([new Dense({ units: 1, inputSize: 2, name: "__proto__" })], { seed: 1 });
  model.compile({ optimizer: new Nadam({ globalClipNorm: null }), loss: "logCosh" });
  model.optimizer.learningRate = 0.125;
  return { model, x: [numbers(1, ROWS, 2)], y: [numbers(2, ROWS, 1)] };
}

export const EXAMPLES: Readonly<Record<string, () => Example>> = { chain, tokens, branches, nested, line };

/** The array of a single one, as `fit` and `predict` take it. */
export const only = (tensors: readonly Tensor[]): Tensor | readonly Tensor[] =>
  tensors.length === 1 ? (tensors[0] as Tensor) : tensors;

/** Of all examples. */
export const FIT = { batchSize: 3, gradientAccumulationSteps: 2, verbose: 0 } as const;

/** The file of an example after three of the four batches of an epoch: a gradient waits for its update. */
export async function checkpointOf({ model, x, y }: Example): Promise<Uint8Array> {
  const files: Uint8Array[] = [];
  const onStepEnd = () => void files.push(model.save({ optimizer: true }));
  await model.fit(only(x), only(y), { ...FIT, callbacks: [{ onStepEnd }] });
  return files[2] as Uint8Array;
}
