import { beforeAll, describe, expect, test } from "vitest";
import {
  Add,
  Concatenate,
  Dense,
  Dropout,
  input,
  Model,
  Multiply,
  Sequential,
  type SymbolicTensor,
  TimeDistributed,
} from "../../src/index.ts";
import { Layer } from "../../src/layers/layer.ts";
import { LAYERS } from "../../src/models/registry.ts";
import { loadCore } from "../support/layers.ts";
import {
  type Class,
  classesOf,
  expectAllOptions,
  expectRoundTrip,
  type Options,
  optionsOf,
  trainOnce,
} from "../support/round-trip.ts";
import { ids, numbers } from "../support/saved-models.ts";

const [ROWS, STEPS] = [6, 4];

/** Options of each kind, none of them as they are when left out. */
const LAYER_OPTIONS: Readonly<Record<string, readonly Options[]>> = {
  Activation: [{ activation: "softmax", name: "of.their own" }],
  Dense: [{ units: 3, activation: "relu6", useBias: false, seed: 3 }],
  Dropout: [{ rate: 0.5, seed: 9_007_199_254_740_991 }],
  Embedding: [
    { inputDim: 7, outputDim: 3, seed: 5 },
    { inputDim: 7, outputDim: 3, maskZero: true },
  ],
  LayerNormalization: [{ epsilon: 0.5 }],
  LSTM: [
    { units: 3, returnSequences: true, returnState: true, stateful: true },
    { units: 3, goBackwards: true, activation: "relu", recurrentActivation: "hardSigmoid", unitForgetBias: false },
    { units: 3, dropout: 0.25, recurrentDropout: 0.5, doubleBias: true, seed: 1 },
    { units: 3, useBias: false },
  ],
  Masking: [{ maskValue: -0.5 }],
  SimpleRNN: [
    { units: 3, returnSequences: true, returnState: true, stateful: true },
    { units: 3, goBackwards: true, activation: "leakyRelu" },
    { units: 3, dropout: 0.25, recurrentDropout: 0.5, doubleBias: true, seed: 1 },
    { units: 3, useBias: false },
  ],
};

/** A model of one layer between others with weights, compiled and trained for a batch. */
function modelOf(layer: Layer, apply: (x: SymbolicTensor, layer: Layer) => readonly SymbolicTensor[]): void {
  const isEmbedding = layer.kind === "Embedding";
  const x = isEmbedding ? input({ shape: [null], dtype: "int32" }) : input({ shape: [null, 2] });
  const before = isEmbedding || layer.kind === "Masking" ? x : new Dense({ units: 2, name: "before" }).apply(x);
  const outputs = apply(before, layer).map((output, i) => new Dense({ units: 2, name: `after ${i}` }).apply(output));
  const model = new Model({ inputs: x, outputs, seed: 3 });
  model.compile({ optimizer: "adam", loss: "mse" });
  const data = [isEmbedding ? ids(1, 7, ROWS, STEPS) : numbers(1, ROWS, STEPS, 2)];
  const targets = model.outputPorts.map(({ shape }, i) =>
    numbers(i, ...shape.map((n, axis) => n ?? (axis ? STEPS : ROWS))),
  );
  trainOnce(model, data, targets);
  expectRoundTrip(model, data, targets).dispose();
  model.dispose();
}

beforeAll(async () => {
  await loadCore();
});

describe("a layer with its options is the same after it was saved and loaded:", () => {
  const cases = Object.entries(LAYER_OPTIONS).flatMap(([kind, list]) =>
    list.map((options) => [kind, options] as const),
  );

  test.each(cases)("%s %o", (kind, options) => {
    const Kind = LAYERS.get(kind) as unknown as Class<Layer>;
    modelOf(new Kind(options), (x, layer) => layer.connect([x]));
  });

  test.each([Add, Concatenate, Multiply])("%o of three branches", (Kind) => {
    modelOf(new Kind({ name: "join" }), (x, layer) => {
      const branch = new Dense({ units: 2, name: "branch" }).apply(x);
      return layer.connect([x, branch, x]);
    });
  });

  test.each(
    Object.keys(LAYER_OPTIONS).filter((kind) => !["Embedding", "Masking"].includes(kind)),
  )("TimeDistributed around %s", (kind) => {
    const Kind = LAYERS.get(kind) as unknown as Class<Layer>;
    const options = LAYER_OPTIONS[kind]?.at(-1) ?? {};
    const isRecurrent = kind === "LSTM" || kind === "SimpleRNN";
    const wrapped = new TimeDistributed({ layer: new Kind({ ...options, name: "inside" }), name: "around" });
    const shape = isRecurrent ? [null, 3, 2] : [null, 2];
    const x = input({ shape });
    const model = new Model({ inputs: x, outputs: new Dense({ units: 1 }).apply(wrapped.apply(x)), seed: 3 });
    model.compile({ optimizer: "adam", loss: "mse" });
    const data = [numbers(1, ROWS, STEPS, ...(shape.slice(1) as number[]))];
    const targets = [numbers(2, ROWS, STEPS, 1)];
    trainOnce(model, data, targets);
    expectRoundTrip(model, data, targets).dispose();
    model.dispose();
  });

  test("every layer that is exported can be loaded, and is above", () => {
    expect([...classesOf(Layer).keys()].sort()).toEqual([...LAYERS.keys()].sort());
    for (const [kind, Kind] of LAYERS) expect((Kind as unknown as { name: string }).name).toBe(kind);
    const tested = [...Object.keys(LAYER_OPTIONS), "Add", "Concatenate", "Multiply", "TimeDistributed"];
    expect(tested.sort()).toEqual([...LAYERS.keys()].sort());
  });

  test.each(Object.entries(LAYER_OPTIONS))("every option of %s is above", (kind, list) => {
    const Kind = LAYERS.get(kind) as unknown as Class<Layer>;
    // Names are drawn from the kind, input sizes do not stand in files.
    expectAllOptions(
      optionsOf((options) => new Kind(options)),
      list,
      ["name", "inputSize"],
    );
  });
});

test("names that begin with another layer's name and a dot", () => {
  const layers = [
    new Dense({ units: 2, name: "a" }),
    new Dense({ units: 2, name: "a.b" }),
    new Dense({ units: 2, name: "a.b.weight" }),
  ];
  const model = new Sequential(layers, { inputShape: [2], seed: 1 });
  model.compile({ optimizer: "adam", loss: "mse" });
  const [x, y] = [numbers(1, ROWS, 2), numbers(2, ROWS, 2)];
  trainOnce(model, [x], [y]);
  expectRoundTrip(model, [x], [y]).dispose();
  model.setWeights(model.getWeights());
  model.dispose();
});

test("the seed of a layer decides its noise inside of another layer too", () => {
  const losses = [1, 2, 3].map((seed) => {
    const noise = new Dropout({ rate: 0.5, seed: seed === 3 ? 8 : 7 });
    const around = new TimeDistributed({ layer: noise, name: `around ${seed}` });
    const model = new Sequential([new Dense({ units: 2, seed: 1 }), around], { inputShape: [null, 2], seed });
    model.compile({ loss: "mse" });
    const { loss } = model.trainOnBatch(numbers(1, ROWS, STEPS, 2), numbers(2, ROWS, STEPS, 2));
    model.dispose();
    return loss;
  });
  expect(losses[1]).toBe(losses[0]);
  expect(losses[2]).not.toBe(losses[0]);
});
