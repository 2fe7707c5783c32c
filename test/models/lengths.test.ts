import { beforeAll, describe, expect, test } from "vitest";
import {
  Dense,
  Embedding,
  input,
  type Layer,
  LSTM,
  Masking,
  Model,
  Random,
  Sequential,
  SimpleRNN,
  type Tensor,
} from "../../src/index.ts";
import { at } from "../reference/elements.ts";
import { expectClose, expectSameBits, f32, loadCore, mayBeStrict, randomTensor } from "../support/layers.ts";
import { backpropagate, drawWeights, weightedSum } from "../support/models.ts";

beforeAll(async () => {
  await loadCore({ numerics: mayBeStrict ? "strict" : "fast" });
});

const random = new Random(23);
const LENGTHS = [3, 6, 1, 4, 6];
const [B, T, F] = [LENGTHS.length, 6, 3];

/** Row `b` of x [B, T, F] cut to its first steps. */
function cut({ data, shape: [, steps = 0, features = 0] }: Tensor, b: number, length: number): Tensor {
  const start = b * steps * features;
  return f32(data.slice(start, start + length * features), 1, length, features);
}

const sequences = () => [
  new LSTM({ units: 5, returnSequences: true }),
  new Dense({ units: 4, activation: "tanh" }),
  new SimpleRNN({ units: 3, returnSequences: true, goBackwards: true }),
];
const rows = () => [...sequences(), new LSTM({ units: 2 }), new Dense({ units: 2, activation: "softmax" })];

function modelOf(layers: readonly Layer[]): Sequential {
  const model = new Sequential(layers, { inputShape: [null, F], seed: 4 });
  drawWeights(random, model);
  return model;
}

describe.skipIf(!mayBeStrict)("a row of a ragged batch has the bits that it has alone, cut to its length", () => {
  test("outputs of every step, zero after the end", () => {
    const model = modelOf(sequences());
    const x = randomTensor(random, B, T, F);
    const { data, shape } = model.predict(x, { lengths: LENGTHS });
    expect(shape).toEqual([B, T, 3]);
    for (const [b, length] of LENGTHS.entries()) {
      const alone = model.predict(cut(x, b, length));
      const padded = f32([...alone.data, ...new Float32Array((T - length) * 3)], T, 3);
      expectSameBits(f32(data.subarray(b * T * 3, (b + 1) * T * 3), T, 3), padded, `row ${b}`);
    }
  });

  test("the last output, whatever stands in the padding", () => {
    const model = modelOf(rows());
    const x = randomTensor(random, B, T, F);
    for (const [b, length] of LENGTHS.entries()) x.data.fill(Number.NaN, (b * T + length) * F, (b + 1) * T * F);
    const { data } = model.predict(x, { lengths: Int32Array.from(LENGTHS), batchSize: 2 });
    for (const [b, length] of LENGTHS.entries()) {
      expectSameBits(f32(data.slice(b * 2, b * 2 + 2), 1, 2), model.predict(cut(x, b, length)), `row ${b}`);
    }
  });

  test("a masked row is the row without its masked steps, wherever they are", () => {
    const model = modelOf([new Masking({ maskValue: 9 }), ...sequences()]);
    const x = randomTensor(random, B, T, F);
    const holes = [[0], [1, 4], [0, 1, 5], [], [2, 3, 4]];
    for (const [b, steps] of holes.entries())
      for (const t of steps) x.data.fill(9, (b * T + t) * F, (b * T + t + 1) * F);
    const { data } = model.predict(x);
    for (const [b, steps] of holes.entries()) {
      const kept = Array.from({ length: T }, (_, t) => t).filter((t) => !steps.includes(t));
      const short = kept.flatMap((t) => [...x.data.subarray((b * T + t) * F, (b * T + t + 1) * F)]);
      const alone = model.predict(f32(short, 1, kept.length, F)).data;
      let last = new Float32Array(3);
      for (let t = 0; t < T; t++) {
        const place = kept.indexOf(t);
        if (place >= 0) last = alone.slice(place * 3, place * 3 + 3);
        expectSameBits(f32(data.slice((b * T + t) * 3, (b * T + t + 1) * 3), 3), f32(last, 3), `row ${b}, step ${t}`);
      }
    }
  });

  test("lengths and a mask together: the mask repeats, and nothing is read after the end", () => {
    const model = modelOf([new Masking({ maskValue: 9 }), new LSTM({ units: 3, returnSequences: true })]);
    const x = randomTensor(random, 2, 4, F);
    x.data.fill(9, F, 2 * F);
    const both = model.predict(x, { lengths: [3, 4] }).data;
    const alone = model.predict(f32([...x.data.slice(0, F), ...x.data.slice(2 * F, 3 * F)], 1, 2, F)).data;
    const [first, second] = [alone.slice(0, 3), alone.slice(3)];
    expectSameBits(f32(both.slice(0, 12), 4, 3), f32([...first, ...first, ...second, ...second], 4, 3), "row 0");
  });
});

test("rows of which every step is masked give zeros, the initial state and no gradient", () => {
  const ids = input({ shape: [null], dtype: "int32" });
  const embedded = new Embedding({ inputDim: 4, outputDim: 3, maskZero: true }).apply(ids);
  const lstm = new LSTM({ units: 2, returnSequences: true, returnState: true }).apply(embedded);
  const model = new Model({ inputs: ids, outputs: [lstm, lstm.hidden ?? lstm] });
  model.compile({ loss: weightedSum });
  drawWeights(random, model);
  for (const tokens of [
    [[0, 0, 0]],
    [
      [0, 0, 0],
      [1, 0, 2],
    ],
  ]) {
    // biome-ignore format: short
    const [sequence, hidden] = model.predict(tokens);
    expect([...(sequence?.data.subarray(0, 6) ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...(hidden?.data.subarray(0, 2) ?? [])]).toEqual([0, 0]);
  }
  const targets = [randomTensor(random, 1, 3, 2), randomTensor(random, 1, 2)];
  const { loss, gradients } = backpropagate(model, [[0, 0, 0]], targets);
  expect(loss).toBe(0);
  expect(Object.values(gradients).every(({ data }) => data.every((g) => g === 0))).toBe(true);
});

describe("losses and metrics count the steps of data only", () => {
  const lengths = [2, 4, 1];
  const x = randomTensor(random, 3, 4, F);
  const y = randomTensor(random, 3, 4, 2);
  const options = { metrics: ["meanAbsoluteError", "meanSquaredError"] } as const;

  test("with lengths: the mean over 7 of 12 steps, whatever the padded targets and the batch size", async () => {
    const model = modelOf([new LSTM({ units: 4, returnSequences: true }), new Dense({ units: 2 })]);
    model.compile({ loss: "meanSquaredError", ...options });
    const predicted = model.predict(x, { lengths });
    const kept = lengths.flatMap((length, b) => Array.from({ length: length * 2 }, (_, n) => b * 8 + n));
    const errors = kept.map((n) => at(predicted.data, n) - at(y.data, n));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const expected = [mean(errors.map((e) => e * e)), mean(errors.map(Math.abs)), mean(errors.map((e) => e * e))];
    const padded = f32(y.data.map((value, n) => (kept.includes(n) ? value : 1e6)), 3, 4, 2); // biome-ignore format: short
    for (const batchSize of [1, 2, 32]) {
      const logs = model.evaluate(x, padded, { lengths, batchSize });
      expectClose(Object.values(logs), expected, `batches of ${batchSize}`, { absolute: 1e-6, relative: 1e-6 });
    }
    const fitted = await model.fit(x, padded, { lengths, verbose: 0, shuffle: false });
    expectClose([fitted.history.loss?.[0] ?? 0], expected.slice(0, 1), "fit", { absolute: 1e-6, relative: 1e-6 });
  });

  test("with maskZero: labels at padding may be any class", () => {
    const layers = [
      new Embedding({ inputDim: 5, outputDim: 3, maskZero: true }),
      new LSTM({ units: 4, returnSequences: true }),
      new Dense({ units: 3, activation: "softmax" }),
    ];
    const model = new Sequential(layers, { seed: 2 });
    model.compile({ loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const logs = [0, 1, 2].map((label) => model.evaluate([[1, 2, 0, 0]], [[1, 2, label, label]]));
    expect(logs[1]).toEqual(logs[0]);
    expect(logs[2]).toEqual(logs[0]);
    expect(model.evaluate([[1, 2]], [[1, 2]])).toEqual(logs[0]);
  });

  test("padded steps are not computed: a batch has as many rows as there are steps of data", () => {
    const model = modelOf([new LSTM({ units: 4, returnSequences: true }), new Dense({ units: 2 })]);
    const widths: number[] = [];
    const [lstm, dense] = model.layers as [LSTM, Dense];
    for (const layer of [lstm, dense]) {
      const run = layer.run.bind(layer);
      layer.run = (core, work) => {
        widths.push(work.rows.N);
        run(core, work);
      };
    }
    model.predict(x, { lengths });
    model.predict(x);
    expect(widths).toEqual([7, 7, 12, 12]);
  });
});
