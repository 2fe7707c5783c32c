import { beforeAll, describe, expect, test } from "vitest";
import {
  Dense,
  input,
  LSTM,
  Model,
  Random,
  Sequential,
  SGD,
  type SymbolicTensor,
  type Tensor,
} from "../../src/index.ts";
import {
  expectClose,
  expectSameBits,
  expectSameNamedBits,
  f32,
  loadCore,
  mayBeStrict,
  randomTensor,
} from "../support/layers.ts";
import { CLOSE } from "../support/models.ts";

beforeAll(async () => {
  await loadCore({ numerics: mayBeStrict ? "strict" : "fast" });
});

const random = new Random(51);
const [B, F] = [2, 3];

function steps({ data, shape: [rows = 0, all = 0, features = 0] }: Tensor, from: number, to: number): Tensor {
  const parts = Array.from({ length: rows }, (_, b) => [
    ...data.subarray((b * all + from) * features, (b * all + to) * features),
  ]);
  return f32(parts.flat(), rows, to - from, features);
}

function modelOf(stateful: boolean): Sequential {
  const layers = [
    new LSTM({ units: 4, stateful, returnSequences: true }),
    new LSTM({ units: 3, stateful }),
    new Dense({ units: 2 }),
  ];
  return new Sequential(layers, { inputShape: [null, F], seed: 6 });
}

describe("stateful layers", () => {
  test("batch after batch is one long sequence, until resetStates: to the bit where strict", () => {
    const [kept, whole] = [modelOf(true), modelOf(false)];
    const x = randomTensor(random, B, 12, F);
    for (let round = 0; round < 2; round++) {
      for (const [from, to] of [
        [0, 5],
        [5, 6],
        [6, 12],
      ] as const) {
        // biome-ignore format: short
        const [actual, expected] = [kept.predict(steps(x, from, to)), whole.predict(steps(x, 0, to))];
        if (mayBeStrict) expectSameBits(actual, expected, `to ${to}`);
        else expectClose(actual.data, expected.data, `to ${to}`, CLOSE);
      }
      kept.resetStates();
    }
  });

  test("rows that end early, or are masked as a whole, go on from where they ended", () => {
    const [kept, whole] = [modelOf(true), modelOf(false)];
    const x = randomTensor(random, B, 6, F);
    kept.predict(steps(x, 0, 3), { lengths: [3, 1] });
    const { data } = kept.predict(steps(x, 3, 6), { lengths: [1, 3] });
    const row = (b: number, keep: readonly number[]) =>
      f32(
        keep.flatMap((t) => [...x.data.subarray((b * 6 + t) * F, (b * 6 + t + 1) * F)]),
        1,
        keep.length,
        F,
      );
    expectClose(data.slice(0, 2), whole.predict(row(0, [0, 1, 2, 3])).data, "row 0", CLOSE);
    expectClose(data.slice(2), whole.predict(row(1, [0, 3, 4, 5])).data, "row 1", CLOSE);
  });

  test("training carries values, not gradients, and shares the states with predict", () => {
    const [kept, whole] = [modelOf(true), modelOf(false)];
    const [x, y] = [randomTensor(random, B, 6, F), randomTensor(random, B, 2)];
    for (const model of [kept, whole]) {
      model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: "meanSquaredError" });
    }
    kept.trainOnBatch(steps(x, 0, 4), y);
    expectClose(kept.predict(steps(x, 4, 6)).data, whole.predict(x).data, "after training", CLOSE);
    kept.resetStates();
    kept.evaluate(steps(x, 0, 2), y);
    kept.trainOnBatch(steps(x, 2, 5), y);
    expectClose(kept.predict(steps(x, 5, 6)).data, whole.predict(x).data, "after evaluate", CLOSE);
  });

  test("another number of rows is a StateError, and warmup leaves the states as they were", () => {
    const [kept, whole] = [modelOf(true), modelOf(false)];
    const x = randomTensor(random, B, 6, F);
    kept.predict(steps(x, 0, 3));
    kept.warmup({ batchSize: 1, steps: 4 });
    expect(() => kept.predict(randomTensor(random, 3, 2, F))).toThrow("hold the states of 2 rows, got a batch of 3");
    expect(() => kept.predict(randomTensor(random, 3, 2, F), { batchSize: 2 })).toThrow();
    kept.resetStates();
    kept.predict(steps(x, 0, 3));
    kept.warmup();
    expectClose(kept.predict(steps(x, 3, 6)).data, whole.predict(x).data, "after warmup", CLOSE);
  });

  test("an initial state that is given comes before the kept one", () => {
    const [x, h, c] = [input({ shape: [null, F] }), input({ shape: [3], name: "h" }), input({ shape: [3], name: "c" })];
    const models = [true, false].map((stateful) => {
      const lstm = new LSTM({ units: 3, stateful, seed: 1 });
      return new Model<SymbolicTensor>({
        inputs: [x, h, c],
        outputs: lstm.apply(x, { initialState: { hidden: h, cell: c } }),
      });
    });
    for (let call = 0; call < 2; call++) {
      const given = [randomTensor(random, B, 4, F), randomTensor(random, B, 3), randomTensor(random, B, 3)];
      const [kept, plain] = models.map((model) => model.predict(given));
      expectSameBits(kept as Tensor, plain as Tensor, `call ${call}`);
    }
  });
});

test("gradientAccumulationSteps: 3 batches of 4 make the update of one batch of 12, to 1e-6", async () => {
  const [x, y] = [randomTensor(random, 12, 5, F), randomTensor(random, 12, 2)];
  const [parts, whole] = [modelOf(false), modelOf(false)];
  for (const model of [parts, whole]) model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const options = { epochs: 3, shuffle: false, verbose: 0 } as const;
  const small = await parts.fit(x, y, { ...options, batchSize: 4, gradientAccumulationSteps: 3 });
  const large = await whole.fit(x, y, { ...options, batchSize: 12 });
  expect(parts.optimizer.iterations).toBe(3);
  expectClose(small.history.loss ?? [], large.history.loss ?? [], "loss", { absolute: 1e-6, relative: 1e-6 });
  for (const [name, { data }] of Object.entries(whole.getWeights())) {
    expectClose(parts.getWeights()[name]?.data ?? [], data, name, { absolute: 1e-6, relative: 1e-6 });
  }
  // Batches that are left at the end of an epoch make an update of their own.
  await parts.fit(x, y, { ...options, epochs: 1, batchSize: 5, gradientAccumulationSteps: 2 });
  expect(parts.optimizer.iterations).toBe(5);
  const before = parts.getWeights();
  parts.evaluate(x, y);
  expectSameNamedBits(parts.getWeights(), before);
});
