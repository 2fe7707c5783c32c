import { beforeAll, describe, expect, test } from "vitest";
import {
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
  Random,
  Sequential,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from "../../src/index.ts";
import { expectSameBits, expectSameNamedBits, f32, loadCore, mayBeStrict, randomTensor } from "../support/layers.ts";
import { backpropagate, drawWeights } from "../support/models.ts";

describe.skipIf(!mayBeStrict)("strict", () => {
  beforeAll(async () => {
    await loadCore({ numerics: "strict" });
  });

  const random = new Random(31);

  function branched(): Model<SymbolicTensor> {
    const x = input({ shape: [null, 3] });
    const first = new LSTM({ units: 5, returnSequences: true }).apply(x);
    const normal = new LayerNormalization().apply(new Dropout({ rate: 0.5 }).apply(first));
    const second = new SimpleRNN({ units: 5, returnSequences: true }).apply(normal);
    const sum = new Add().apply([first, second, first]);
    const joined = new Concatenate().apply([new TimeDistributed({ layer: new Dense({ units: 2 }) }).apply(sum), x]);
    const model = new Model({
      inputs: x,
      outputs: new Dense({ units: 3, activation: "softmax" }).apply(joined),
      seed: 8,
    });
    drawWeights(random, model);
    return model;
  }

  function chained(): Sequential {
    const layers = [
      new Embedding({ inputDim: 9, outputDim: 7 }),
      new LSTM({ units: 5, returnSequences: true, dropout: 0.3, recurrentActivation: "hardSigmoid" }),
      new LSTM({ units: 17, returnSequences: true, activation: "softsign" }),
      new Dense({ units: 9 }),
    ];
    const model = new Sequential(layers, { seed: 8 });
    drawWeights(random, model);
    return model;
  }

  /** Steps of rows, as [rows, steps, ...]. */
  const ids = (rows: number, steps: number): Tensor => f32(Float32Array.from({ length: rows * steps }, () => random.integer(9)), rows, steps); // biome-ignore format: short

  test("predict has the same bits for every batch size, and whatever ran before", () => {
    for (const [model, x] of [
      [branched(), randomTensor(random, 33, 6, 3)],
      [chained(), ids(33, 6)],
    ] as const) {
      // biome-ignore format: short
      const expected = model.predict(x, { batchSize: 32 });
      const lengths = Array.from({ length: 33 }, (_, b) => 1 + (b % 6));
      const ragged = model.predict(x, { lengths });
      for (const batchSize of [1, 3, 33, 1000]) {
        expectSameBits(model.predict(x, { batchSize }), expected, `batches of ${batchSize}`);
        expectSameBits(model.predict(x, { batchSize, lengths }), ragged, `batches of ${batchSize}, with lengths`);
      }
    }
  });

  test("the order of the rows of a batch changes no bit of any", () => {
    const model = branched();
    const x = randomTensor(random, 5, 4, 3);
    const turned = f32([4, 2, 0, 1, 3].flatMap((b) => [...x.data.subarray(b * 12, b * 12 + 12)]), 5, 4, 3); // biome-ignore format: short
    const [a, b] = [
      model.predict(x, { lengths: [4, 1, 2, 4, 3] }).data,
      model.predict(turned, { lengths: [3, 2, 4, 1, 4] }).data,
    ];
    for (const [to, from] of [4, 2, 0, 1, 3].entries()) {
      expectSameBits(
        f32(b.slice(to * 12, to * 12 + 12), 12),
        f32(a.slice(from * 12, from * 12 + 12), 12),
        `row ${from}`,
      );
    }
  });

  test("gradients are the same bits every time, after other batches of other sizes", () => {
    const model = branched();
    model.compile({ loss: "meanSquaredError" });
    const [x, y] = [randomTensor(random, 6, 5, 3), randomTensor(random, 6, 5, 3)];
    const before = { ...model.progress };
    const first = backpropagate(model, x, y).gradients;
    backpropagate(model, randomTensor(random, 2, 9, 3), randomTensor(random, 2, 9, 3));
    model.predict(randomTensor(random, 40, 7, 3));
    expect(model.progress).toEqual(before);
    expectSameNamedBits(backpropagate(model, x, y).gradients, first);
    const lengths = [1, 5, 2, 5, 3, 1];
    const ragged = backpropagate(model, x, y, { lengths }).gradients;
    model.evaluate(x, y);
    expectSameNamedBits(backpropagate(model, x, y, { lengths }).gradients, ragged);
  });

  describe("a stream gives, step by step, the bits of predict", () => {
    const step = ({ data, shape: [rows = 0, steps = 0, F = 1] }: Tensor, t: number): Float32Array =>
      Float32Array.from(
        { length: rows * F },
        (_, n) => data[(Math.floor(n / F) * steps + t) * F + (n % F)] ?? Number.NaN,
      );

    test.each([
      1, 3, 5,
    ])("Model with branches and Sequential of token ids, %i rows, states saved in the middle", (rows) => {
      for (const [model, x] of [
        [branched(), randomTensor(random, rows, 7, 3)],
        [chained(), ids(rows, 7)],
      ] as const) {
        // biome-ignore format: short
        const expected = model.predict(x);
        const F = expected.shape.at(-1) ?? 0;
        const stream = model.stream({ rows });
        const other = model.stream({ rows });
        let saved: Uint8Array = stream.state;
        let active = stream;
        for (let t = 0; t < 7; t++) {
          const output = active.step(step(x, t), new Float32Array(rows * F));
          expectSameBits(f32(output, rows, F), f32(step(expected, t), rows, F), `step ${t}`);
          if (t !== 3) continue;
          saved = active.state;
          active.step(step(x, 0));
          active.reset();
          [active, active.state] = [other, saved];
          other.state = saved;
        }
        stream.reset();
        expectSameBits(f32(stream.step(step(x, 0)), rows, F), f32(step(expected, 0), rows, F), "after reset");
      }
    });

    test("one number, one token id, and what comes between two steps", async () => {
      const alone = new Sequential([new LSTM({ units: 3, returnSequences: true }), new Dense({ units: 2 })], {
        inputShape: [null, 1],
        seed: 2,
      });
      alone.compile({ loss: "meanSquaredError" });
      const x = randomTensor(random, 1, 4, 1);
      const expected = alone.predict(x);
      const stream = alone.stream();
      for (let t = 0; t < 4; t++) {
        const given = t % 2 === 0 ? (x.data[t] ?? 0) : [x.data[t] ?? 0];
        expectSameBits(f32(stream.step(given), 2), f32(expected.data.slice(2 * t, 2 * t + 2), 2), `step ${t}`);
        alone.predict(randomTensor(random, 40, 9, 1));
        backpropagate(alone, randomTensor(random, 3, 50, 1), randomTensor(random, 3, 50, 2));
      }
      const tokens = chained();
      const stream2 = tokens.stream();
      const y = tokens.predict([[4, 8]]);
      expectSameBits(f32(stream2.step(4), 9), f32(y.data.slice(0, 9), 9), "id");
      expectSameBits(f32(stream2.step([8]), 9), f32(y.data.slice(9), 9), "ids");
    });

    test("an input that one branch masks and another does not", () => {
      const ids = input({ shape: [null], dtype: "int32" });
      const masked = new Embedding({ inputDim: 5, outputDim: 3, maskZero: true }).apply(ids);
      const plain = new Embedding({ inputDim: 6, outputDim: 3 }).apply(ids);
      const joined = new Concatenate().apply([
        new LSTM({ units: 3 }).apply(masked),
        new LSTM({ units: 2 }).apply(plain),
      ]);
      const model = new Model({ inputs: ids, outputs: joined, seed: 1 });
      const stream = model.stream();
      for (let t = 1; t <= 3; t++) {
        const prefix = [[1, 4, 2].slice(0, t)];
        expectSameBits(f32(stream.step(prefix[0]?.at(-1) ?? 0), 5), f32(model.predict(prefix).data, 5), `step ${t}`);
      }
      expect(() => stream.step(0)).toThrow("masks: leave it out");
      expect(() => stream.step(5)).toThrow("ids from 0 to 4");
    });

    test("a step of mask values is refused also where float32 rounds them, and no state has changed", () => {
      const layers = [new Masking({ maskValue: 0.1 }), new LSTM({ units: 3, returnSequences: true })];
      const model = new Sequential(layers, { inputShape: [null, 2], seed: 1 });
      const stream = model.stream({ rows: 2 });
      stream.step([1, 2, 3, 4]);
      const before = stream.state;
      expect(() => stream.step([1, 2, 0.1, 0.1])).toThrow("masks: leave it out");
      expect(stream.state).toEqual(before);
      stream.step([1, 0.1, 0.1, 2]);
    });
  });
});
