import { beforeAll, describe, expect, test } from "vitest";
import {
  type BatchArrays,
  Dense,
  input,
  type LossFunction,
  LSTM,
  Model,
  Random,
  Sequential,
  SGD,
  type Tensor,
  type ValidationData,
} from "../../src/index.ts";
import { at } from "../reference/elements.ts";
import { expectClose, expectSameNamedBits, f32, loadCore, randomTensor } from "../support/layers.ts";

beforeAll(async () => {
  await loadCore();
});

const random = new Random(71);
const CLOSE = { absolute: 1e-6, relative: 1e-6 };

/** A Dense whose loss notes the rows that it was trained on, by their first target. */
function watched(seed = 1): { readonly model: Sequential; readonly seen: number[][] } {
  const model = new Sequential([new Dense({ units: 1, inputSize: 1 })], { seed });
  const seen: number[][] = [];
  const loss: LossFunction = (prediction, target) => {
    seen.push([...target.data]);
    return { value: 0, gradient: { data: new Float32Array(prediction.data.length), shape: prediction.shape } };
  };
  model.compile({ optimizer: "sgd", loss });
  return { model, seen };
}

const rows = (count: number) => f32(Float32Array.from({ length: count }, (_, n) => n), count, 1); // biome-ignore format: short
const quiet = { verbose: 0 } as const;

describe("which rows are trained on", () => {
  test("every row once an epoch, in an order that the seed decides and that differs between epochs", async () => {
    const [one, same, other] = [watched(1), watched(1), watched(2)];
    for (const { model } of [one, same, other])
      await model.fit(rows(10), rows(10), { epochs: 2, batchSize: 4, ...quiet });
    expect(one.seen.map(({ length }) => length)).toEqual([4, 4, 2, 4, 4, 2]);
    const epochs = [one.seen.slice(0, 3).flat(), one.seen.slice(3).flat()];
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual([...rows(10).data]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(same.seen).toEqual(one.seen);
    expect(other.seen).not.toEqual(one.seen);
  });

  test("in their own order without shuffle; stepsPerEpoch cuts an epoch", async () => {
    const { model, seen } = watched();
    await model.fit(rows(5), rows(5), { batchSize: 2, shuffle: false, ...quiet });
    await model.fit(rows(5), rows(5), { batchSize: 2, shuffle: false, stepsPerEpoch: 1, epochs: 2, ...quiet });
    expect(seen).toEqual([[0, 1], [2, 3], [4], [0, 1], [0, 1]]);
  });

  test("validationSplit takes the last rows, never trains on them and does not shuffle them", async () => {
    const { model, seen } = watched();
    await model.fit(rows(10), rows(10), {
      validationSplit: 0.3,
      epochs: 2,
      batchSize: 7,
      validationBatchSize: 2,
      ...quiet,
    });
    const [train, a, b, next] = [seen[0] ?? [], seen[1], seen[2], seen[3]];
    expect([...train].sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([a, b]).toEqual([[7, 8], [9]]);
    expect(next?.some((row) => row > 6)).toBe(false);
    await expect(model.fit(rows(2), rows(2), { validationSplit: 0.9, ...quiet })).rejects.toThrow(
      "leaves 0 of 2 to train",
    );
  });

  test("every form of validationData gives the same numbers, every second epoch when asked", async () => {
    const model = new Sequential([new Dense({ units: 1, inputSize: 2 })], { seed: 3 });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: ["meanAbsoluteError"] });
    const [x, y, w] = [randomTensor(random, 6, 2), randomTensor(random, 6, 1), [1, 2, 0, 1, 1, 1]] as const;
    const start = model.getWeights();
    const run = async (validationData: ValidationData) => {
      model.setWeights(start);
      const { history } = await model.fit(x, y, {
        validationData,
        epochs: 4,
        validationFrequency: 2,
        shuffle: false,
        ...quiet,
      });
      return { history, evaluated: model.evaluate(x, y) };
    };
    const { history, evaluated } = await run([x, y]);
    expect(history.val_loss?.map(Number.isNaN)).toEqual([true, false, true, false]);
    expect([history.val_loss?.[3], history.val_meanAbsoluteError?.[3]]).toEqual(Object.values(evaluated));
    expect((await run({ x, y })).history).toEqual(history);
    const weighted = (await run([x, y, w])).history;
    expect((await run({ x, y, sampleWeight: w })).history).toEqual(weighted);
    expect(weighted.val_loss?.[3]).toBe(model.evaluate(x, y, { sampleWeight: w }).loss);
    expect(weighted.val_loss?.[3]).not.toBe(history.val_loss?.[3]);
  });
});

describe("history", () => {
  test("holds the means over all rows of an epoch: with a rate of 0 what evaluate gives, for any batch size", async () => {
    const a = input({ shape: [null, 3] });
    const states = new LSTM({ units: 4, returnSequences: true }).apply(a);
    const outputs = [
      new Dense({ units: 2, name: "each" }).apply(states),
      new Dense({ units: 1, name: "last" }).apply(new LSTM({ units: 2 }).apply(states)),
    ];
    const model = new Model({ inputs: a, outputs, seed: 4 });
    const metrics = [["meanAbsoluteError"], ["rootMeanSquaredError"]] as const;
    model.compile({
      optimizer: { name: "sgd", learningRate: 0 },
      loss: "meanSquaredError",
      lossWeights: [1, 0.5],
      metrics,
    });
    const x = randomTensor(random, 7, 5, 3);
    const y = [randomTensor(random, 7, 5, 2), randomTensor(random, 7, 1)];
    const lengths = [5, 1, 1, 2, 3, 4, 1];
    const evaluated = model.evaluate(x, y, { lengths });
    for (const batchSize of [2, 3, 7]) {
      const { history } = await model.fit(x, y, { lengths, batchSize, ...quiet });
      expect(Object.keys(history)).toEqual([
        "loss",
        "each_loss",
        "each_meanAbsoluteError",
        "last_loss",
        "last_rootMeanSquaredError",
      ]);
      expectClose(Object.values(history).flat(), Object.values(evaluated), `batches of ${batchSize}`, CLOSE);
    }
  });
});

describe("weights of rows, steps and classes", () => {
  const model = () => {
    const one = new Sequential([new LSTM({ units: 3, returnSequences: true }), new Dense({ units: 2 })], {
      inputShape: [null, 2],
      seed: 5,
    });
    one.compile({ optimizer: "sgd", loss: "meanSquaredError", metrics: ["meanAbsoluteError"] });
    return one;
  };
  const [x, y] = [randomTensor(random, 3, 4, 2), randomTensor(random, 3, 4, 2)];

  /** Sum of weight * squared error over the number of rows; metrics divide by the sum of weights. */
  function expected(prediction: Tensor, weightOf: (b: number, t: number) => number): readonly number[] {
    let [squares, errors, total] = [0, 0, 0];
    for (let n = 0; n < 24; n++) {
      const weight = weightOf(Math.floor(n / 8), Math.floor(n / 2) % 4);
      const e = at(prediction.data, n) - at(y.data, n);
      [squares, errors, total] = [squares + weight * e * e, errors + weight * Math.abs(e), total + weight];
    }
    return [squares / 24, errors / total];
  }

  test("sampleWeight of each row and of each step", () => {
    const one = model();
    const predicted = one.predict(x);
    const perRow = [0.5, 0, 2];
    expectClose(
      Object.values(one.evaluate(x, y, { sampleWeight: perRow, batchSize: 2 })),
      expected(predicted, (b) => at(perRow, b)),
      "rows",
      CLOSE,
    );
    const perStep = randomTensor(random, 3, 4).data.map(Math.abs);
    const sampleWeight = f32(perStep, 3, 4);
    expectClose(
      Object.values(one.evaluate(x, y, { sampleWeight })),
      expected(predicted, (b, t) => at(perStep, 4 * b + t)),
      "steps",
      CLOSE,
    );
  });

  test("a row of weight 0 trains as if it were not there but for the divisor, with shuffle and lengths too", async () => {
    const [all, some] = [model(), model()];
    const loud = f32(y.data.map((value, n) => (n >= 16 ? 100 : value)), 3, 4, 2); // biome-ignore format: short
    await all.fit(x, loud, { sampleWeight: [1, 3, 0], lengths: [4, 2, 3], epochs: 2, ...quiet });
    const factor = 6 / 9;
    const two = (data: Tensor["data"], width: number) => f32(data.slice(0, 8 * width), 2, 4, width);
    await some.fit(two(x.data, 2), two(y.data, 2), {
      sampleWeight: [factor, 3 * factor],
      lengths: [4, 2],
      epochs: 2,
      ...quiet,
    });
    for (const [name, { data }] of Object.entries(some.getWeights()))
      expectClose(all.getWeights()[name]?.data ?? [], data, name, CLOSE);
  });

  test("classWeight is the sampleWeight of each row's class: labels, one-hot rows and 0 or 1", async () => {
    const labels = [0, 2, 1, 2, 0, 1];
    const features = randomTensor(random, 6, 3);
    const classWeight = { 0: 1, 1: 0.5, 2: 3 };
    const sampleWeight = labels.map((label) => [1, 0.5, 3][label] ?? 0);
    const oneHot = labels.map((label) => [0, 1, 2].map((one) => (one === label ? 1 : 0)));
    for (const [loss, target] of [
      ["sparseCategoricalCrossentropy", labels],
      ["categoricalCrossentropy", oneHot],
    ] as const) {
      // biome-ignore format: short
      const both = [{ classWeight }, { sampleWeight }].map(async (options) => {
        const one = new Sequential([new Dense({ units: 3, inputSize: 3, activation: "softmax" })], { seed: 6 });
        one.compile({ optimizer: "sgd", loss, metrics: ["accuracy"] });
        return { logs: await one.fit(features, target, { epochs: 2, batchSize: 4, ...options, ...quiet }), weights: one.getWeights() };
      });
      const [byClass, byRow] = await Promise.all(both);
      expect(byClass?.logs.history).toEqual(byRow?.logs.history);
      expectSameNamedBits(byClass?.weights ?? {}, byRow?.weights ?? {});
    }
    const binary = new Sequential([new Dense({ units: 1, inputSize: 3, activation: "sigmoid" })], { seed: 6 });
    binary.compile({ loss: "binaryCrossentropy" });
    const target = [0, 1, 1, 0, 1, 0];
    const weighted = binary.evaluate(features, target, { classWeight: { 1: 4 } });
    expect(weighted).toEqual(
      binary.evaluate(features, target, { sampleWeight: target.map((one) => (one === 1 ? 4 : 1)) }),
    );
  });
});

describe("iterables", () => {
  const batch = (from: number, to: number): BatchArrays => {
    const part = f32(rows(20).data.slice(from, to), to - from, 1);
    return { x: part, y: part };
  };
  async function* three(): AsyncGenerator<BatchArrays> {
    for (const from of [0, 4, 8]) yield batch(from, Math.min(10, from + 4));
  }

  test("a function is called for each epoch: the bits of arrays in the same batches", async () => {
    const models = [1, 2].map(() => new Sequential([new Dense({ units: 1, inputSize: 1 })], { seed: 9 }));
    for (const model of models)
      model.compile({ optimizer: { name: "sgd", learningRate: 1e-3 }, loss: "meanSquaredError" });
    const [arrays, iterable] = models as [Sequential, Sequential];
    const first = f32(rows(10).data, 10, 1);
    const expected = await arrays.fit(first, first, { batchSize: 4, epochs: 3, shuffle: false, ...quiet });
    const { history, epoch } = await iterable.fit(three, { epochs: 3, ...quiet });
    expect(epoch).toEqual([0, 1, 2]);
    expect(history).toEqual(expected.history);
    expectSameNamedBits(iterable.getWeights(), arrays.getWeights());
  });

  test("an endless one goes on where the last epoch stopped, and is closed at the end", async () => {
    const { model, seen } = watched();
    let isClosed = false;
    const endless = function* () {
      try {
        for (let n = 0; ; n++) yield batch(n, n + 1);
      } finally {
        isClosed = true;
      }
    };
    await model.fit(endless, { stepsPerEpoch: 3, epochs: 2, ...quiet });
    expect(seen.flat()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(isClosed).toBe(true);
  });

  test("one that ends just where an epoch does starts anew in the next", async () => {
    const { model, seen } = watched();
    await model.fit(three, { stepsPerEpoch: 3, epochs: 2, ...quiet });
    expect(seen.flat()).toEqual([...rows(10).data, ...rows(10).data]);
    const again = watched();
    await again.model.fit(three, { stepsPerEpoch: 2, epochs: 3, ...quiet });
    expect(again.seen.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("one that was read already is refused with the way out", async () => {
    const { model } = watched();
    await expect(model.fit(three(), { epochs: 2, ...quiet })).rejects.toThrow("give a function that makes one");
    const lazy = new Sequential([new Dense({ units: 1 })]);
    lazy.compile({ loss: "meanSquaredError" });
    await expect(lazy.fit(three, quiet)).rejects.toThrow("give inputShape");
    await expect(model.fit(three, { validationSplit: 0.5, ...quiet })).rejects.toThrow("give validationData");
  });

  test("batches of several inputs with lengths and weights of their own", async () => {
    const [a, b] = [input({ shape: [null, 2], name: "a" }), input({ shape: [1], name: "b" })];
    const joined = new LSTM({ units: 3 }).apply(a);
    const model = new Model({
      inputs: [a, b],
      outputs: [new Dense({ units: 1, name: "p" }).apply(joined), new Dense({ units: 1, name: "q" }).apply(b)],
    });
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: "meanSquaredError" });
    const x = [randomTensor(random, 4, 3, 2), randomTensor(random, 4, 1)];
    const y = [randomTensor(random, 4, 1), randomTensor(random, 4, 1)];
    const options = { lengths: [[3, 1, 2, 3], undefined], sampleWeight: [1, 2, 3, 4] } as const;
    const { history } = await model.fit(function* () { yield { x, y, ...options }; }, quiet); // biome-ignore format: short
    expectClose(Object.values(history).flat(), Object.values(model.evaluate(x, y, options)), "logs", CLOSE);
  });
});
