import { beforeAll, describe, expect, test } from "vitest";
import {
  Activation,
  type ActivationName,
  Add,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  input,
  LayerNormalization,
  LSTM,
  Masking,
  Model,
  Multiply,
  Random,
  Sequential,
  SimpleRNN,
  type SymbolicTensor,
  TimeDistributed,
} from "../../src/index.ts";
import { type TwinArray, twinOutputs, twinWeights } from "../support/graph-twin.ts";
import { expectClose, expectSameBits, loadCore, named, randomTensor } from "../support/layers.ts";
import { backpropagate, CLOSE, drawWeights, expectTwin, weightedSum } from "../support/models.ts";

beforeAll(async () => {
  await loadCore();
});

const random = new Random(11);
const array = (...shape: number[]): TwinArray => ({
  data: Float64Array.from(randomTensor(random, ...shape).data),
  shape,
});

/** Predictions and gradients of a graph with random weights, against the float64 twin. */
function expectGraph(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  x: readonly TwinArray[],
  lengths?: readonly (readonly number[] | undefined)[],
): void {
  const model = new Model({ inputs, outputs });
  model.compile({ loss: weightedSum });
  drawWeights(random, model);
  const feed = lengths === undefined ? { inputs: x } : { inputs: x, lengths };
  const shapes = twinOutputs(model, twinWeights(model), feed);
  expectTwin(model, feed, shapes.map(({ shape }) => array(...shape)), "graph"); // biome-ignore format: short
  model.dispose();
}

describe("predictions and gradients of whole graphs are those of the float64 twin", () => {
  test("a value that is read three times and given out, by Add, Multiply and Concatenate", () => {
    const x = input({ shape: [null, 3] });
    const a = new Dense({ units: 4, activation: "tanh" }).apply(x);
    const sum = new Add().apply([a, a, new Activation({ activation: "sigmoid" }).apply(a)]);
    const product = new Multiply().apply([a, sum, a]);
    const joined = new Concatenate().apply([product, a, sum]);
    expectGraph([x], [a, new Dense({ units: 2 }).apply(joined)], [array(2, 3, 3)]);
  });

  test("one LSTM and one Dense used twice, with other steps and with its own output", () => {
    const [a, b] = [input({ shape: [null, 3], name: "a" }), input({ shape: [null, 3], name: "b" })];
    const lstm = new LSTM({ units: 3, returnSequences: true });
    const dense = new Dense({ units: 3, activation: "tanh" });
    const last = new SimpleRNN({ units: 3 });
    const first = lstm.apply(dense.apply(lstm.apply(a)));
    const outputs = [new Add().apply([last.apply(first), dense.apply(last.apply(lstm.apply(b)))])];
    expectGraph([a, b], outputs, [array(4, 5, 3), array(4, 2, 3)], [[5, 1, 2, 4], undefined]);
  });

  test("an encoder's states start a decoder of another length", () => {
    const source = input({ shape: [null], dtype: "int32", name: "source" });
    const target = input({ shape: [null, 2], name: "target" });
    const encoder = new LSTM({ units: 4, returnState: true });
    const encoded = encoder.apply(new Embedding({ inputDim: 6, outputDim: 3, maskZero: true }).apply(source));
    const initialState = { hidden: encoded.hidden as SymbolicTensor, cell: encoded.cell as SymbolicTensor };
    const decoder = new LSTM({ units: 4, returnSequences: true, returnState: true });
    const decoded = decoder.apply(target, { initialState });
    const outputs = [new Dense({ units: 5, activation: "softmax" }).apply(decoded), decoded.cell as SymbolicTensor];
    const tokens = { data: Float64Array.of(1, 2, 0, 3, 0, 0, 5, 0, 4, 4, 4, 4), shape: [3, 4] };
    expectGraph([source, target], outputs, [tokens, array(3, 6, 2)], [undefined, [6, 2, 1]]);
  });

  test("a reader of inner sequences, TimeDistributed(LSTM) over [batch, steps, inner steps, features]", () => {
    const x = input({ shape: [null, null, 2] });
    const hidden = new TimeDistributed({ layer: new LSTM({ units: 3 }) }).apply(x);
    const inner = new TimeDistributed({ layer: new LSTM({ units: 2, returnSequences: true, goBackwards: true }) });
    const deep = new TimeDistributed({ layer: new TimeDistributed({ layer: new Dense({ units: 3 }) }) });
    const outputs = [new LSTM({ units: 4, returnSequences: true }).apply(hidden), deep.apply(inner.apply(x))];
    expectGraph([x], outputs, [array(2, 3, 4, 2)]);
  });

  test("backwards through rows that end early, and their last states", () => {
    const x = input({ shape: [null, 3] });
    const there = new LSTM({ units: 3, returnSequences: true }).apply(x);
    const back = new LSTM({ units: 3, returnSequences: true, goBackwards: true }).apply(there);
    const last = new SimpleRNN({ units: 2, goBackwards: true, activation: "relu" }).apply(back);
    expectGraph([x], [back, last], [array(5, 6, 3)], [[2, 6, 1, 6, 3]]);
  });

  const activations: readonly ActivationName[] = [
    ...(["linear", "tanh", "sigmoid", "hardSigmoid", "relu", "relu6", "leakyRelu", "elu", "selu", "softplus"] as const),
    ...(["softsign", "exponential", "softmax"] as const),
  ];

  test.each(activations)("Dense with %s after rows and after sequences", (activation) => {
    const [x, row] = [input({ shape: [null, 3] }), input({ shape: [2] })];
    const outputs = [new Dense({ units: 5, activation }).apply(x), new Dense({ units: 4, activation }).apply(row)];
    expectGraph([x, row], outputs, [array(3, 4, 3), array(3, 2)], [[1, 4, 2], undefined]);
  });

  test.each(["LSTM", "SimpleRNN"])("%s with other activations of its own", (kind) => {
    const x = input({ shape: [null, 3] });
    for (const activation of ["softsign", "elu", "hardSigmoid"] as const) {
      const layer =
        kind === "LSTM"
          ? new LSTM({ units: 3, activation, recurrentActivation: "hardSigmoid" })
          : new SimpleRNN({ units: 3, activation });
      expectGraph([x], [layer.apply(x)], [array(3, 4, 3)]);
    }
  });

  test("layers that do nothing, at every place", () => {
    const x = input({ shape: [null, 3] });
    const nothing = (symbol: SymbolicTensor) => {
      const idle = new Activation({ activation: "linear" }).apply(new Dropout({ rate: 0 }).apply(symbol));
      return new TimeDistributed({ layer: new Dropout({ rate: 0 }) }).apply(idle);
    };
    const masked = nothing(new Masking({ maskValue: 0.5 }).apply(x));
    const states = nothing(new LSTM({ units: 3, returnSequences: true }).apply(masked));
    expectGraph([x], [states, nothing(new Add().apply([states, masked, nothing(states)]))], [array(2, 4, 3)], [[4, 2]]);
  });

  test("layer normalisation between layers", () => {
    const x = input({ shape: [null, 4] });
    const normal = () => new LayerNormalization({ epsilon: 0.01 });
    const states = new LSTM({ units: 5, returnSequences: true }).apply(normal().apply(x));
    const outputs = [normal().apply(new LSTM({ units: 3 }).apply(normal().apply(states)))];
    expectGraph([x], outputs, [array(3, 4, 4)], [[4, 1, 3]]);
  });
});

test("lossWeights: loss and gradients are the weighted sums of those of each output; null trains nothing", () => {
  const x = input({ shape: [null, 3] });
  const states = new LSTM({ units: 4, returnSequences: true }).apply(x);
  const a = new Dense({ units: 2, name: "a" }).apply(states);
  const b = new Dense({ units: 1, name: "b" }).apply(new LSTM({ units: 3 }).apply(states));
  const model = new Model({ inputs: x, outputs: [a, b], seed: 3 });
  const data = randomTensor(random, 4, 5, 3);
  const targets = [randomTensor(random, 4, 5, 2), randomTensor(random, 4, 1)];
  const run = (lossWeights: readonly number[], loss: readonly ("meanSquaredError" | "meanAbsoluteError" | null)[]) => {
    model.compile({ loss, lossWeights });
    return backpropagate(model, data, targets);
  };
  const both = run([0.3, 2], ["meanSquaredError", "meanAbsoluteError"]);
  const first = run([1, 1], ["meanSquaredError", null]);
  const second = run([1, 1], [null, "meanAbsoluteError"]);
  expectClose([both.loss], [0.3 * first.loss + 2 * second.loss], "loss", CLOSE);
  for (const [name, { data }] of Object.entries(both.gradients)) {
    const [one, other] = [named(first.gradients, name).data, named(second.gradients, name).data];
    expectClose(
      data,
      Float64Array.from(one, (g, n) => 0.3 * g + 2 * (other[n] ?? Number.NaN)),
      name,
      CLOSE,
    );
  }
  expect(named(first.gradients, "b.weight").data.every((g) => g === 0)).toBe(true);
  const logs = model.evaluate(data, targets);
  expect(Object.keys(logs)).toEqual(["loss", "b_loss"]);
  model.compile({
    loss: ["meanSquaredError", "meanAbsoluteError"],
    lossWeights: [0.3, 2],
    metrics: [["meanAbsoluteError"], []],
  });
  const all = model.evaluate(data, targets, { batchSize: 3 });
  expect(Object.keys(all)).toEqual(["loss", "a_loss", "a_meanAbsoluteError", "b_loss"]);
  expect(all.loss).toBe(0.3 * (all.a_loss ?? 0) + 2 * (all.b_loss ?? 0));
  expectClose([all.loss ?? 0], [both.loss], "evaluated loss", CLOSE);
});

test("forward of layers on their own gives the bits of the model", () => {
  const layers = [
    new Embedding({ inputDim: 7, outputDim: 5 }),
    new LSTM({ units: 6, returnSequences: true }),
    new LayerNormalization(),
    new SimpleRNN({ units: 4, returnSequences: true, goBackwards: true }),
    new LSTM({ units: 3 }),
    new Dense({ units: 5, activation: "tanh" }),
    new Activation({ activation: "softmax" }),
  ] as const;
  const model = new Sequential(layers, { seed: 5 });
  const ids = { data: Int32Array.from({ length: 24 }, () => random.integer(7)), shape: [4, 6] };
  const lengths = [6, 1, 4, 3];
  const predicted = model.predict(ids, { lengths });
  const [embedding, first, norm, back, last, dense, softmax] = layers;
  const sequence = back.forward(norm.forward(first.forward(embedding.forward(ids), { lengths }).output), { lengths });
  const alone = softmax.forward(dense.forward(last.forward(sequence.output, { lengths }).output));
  expectSameBits(predicted, alone, "model");
});
