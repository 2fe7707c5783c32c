import { beforeAll, expect, test } from "vitest";
import { Dense, Embedding, LSTM, Random, Sequential, SGD } from "../../src/index.ts";
import type { WeightedLayer } from "../../src/layers/weighted.ts";
import { expectSameBits, f32, loadCore } from "../support/layers.ts";

const [V, T] = [7, 6];

beforeAll(async () => {
  await loadCore();
});

/** What a stream gives for all steps of a sequence of ids, and what `predict` does. */
function both(model: Sequential, stream: ReturnType<Sequential["stream"]>, ids: readonly number[]) {
  stream.reset();
  const streamed = f32(
    ids.flatMap((id) => [...stream.step(id)]),
    T,
    3,
  );
  const predicted = model.predict(f32(ids, 1, T));
  return { streamed, predicted: f32(predicted.data, T, 3) };
}

test("a stream goes on with the weights as they change: trained, set, and moved to another place", () => {
  const random = new Random(4);
  const layers = [
    new Embedding({ inputDim: V, outputDim: 5 }),
    new LSTM({ units: 9, returnSequences: true }),
    new Dense({ units: 3, activation: "softmax" }),
  ] as const;
  const model = new Sequential([...layers], { seed: 2 });
  const stream = model.stream();
  const ids = Array.from({ length: T }, () => random.integer(V));
  const check = (what: string) => {
    const { streamed, predicted } = both(model, stream, ids);
    expectSameBits(streamed, predicted, what);
    return streamed;
  };
  const before = check("as made");
  model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: "sparseCategoricalCrossentropy" });
  model.trainOnBatch(f32(ids, 1, T), f32([0, 1, 2, 0, 1, 2], 1, T));
  const trained = check("trained");
  expect([...trained.data]).not.toEqual([...before.data]);
  const copy = new Sequential([new LSTM({ units: 2, inputSize: 2 })]);
  for (const layer of layers as readonly WeightedLayer[]) {
    const block = layer.requireBlock();
    const keeper = layer.keeper ?? copy;
    // A block of its own for each layer, as another model would give it.
    const spare = new Dense({ units: 40, inputSize: 40 });
    const { parameters, gradients } = spare.requireBlock();
    layer.moveTo(keeper, { parameters, gradients, floats: block.floats });
  }
  check("moved");
});
