import { beforeAll, describe, expect, test } from "vitest";
import {
  Dense,
  Dropout,
  type Layer,
  type LossFunction,
  LSTM,
  Random,
  Sequential,
  SimpleRNN,
  type Tensor,
} from "../../src/index.ts";
import { at } from "../reference/elements.ts";
import { expectClose, expectSameNamedBits, f32, loadCore, named, randomTensor } from "../support/layers.ts";
import { backpropagate, drawWeights, weightedSum } from "../support/models.ts";

beforeAll(async () => {
  await loadCore();
});

const random = new Random(61);
const ones = (...shape: number[]): Tensor => f32(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), ...shape);

/** A model that trains nothing, and what its last call gave out: rows [steps][rows of the batch][features]. */
function watched(layers: readonly Layer[], F: number, seed: number) {
  const model = new Sequential(layers, { inputShape: [null, F], seed });
  let seen = new Float32Array();
  const loss: LossFunction = ({ data, shape }) => {
    seen = Float32Array.from(data);
    return { value: 0, gradient: { data: new Float32Array(data.length), shape } };
  };
  model.compile({ optimizer: { name: "sgd", learningRate: 0 }, loss });
  const outputs = (train: boolean, x: Tensor, lengths?: readonly number[]): Float32Array => {
    const [rows = 0, steps = 0] = x.shape;
    const H = model.outputPorts[0]?.shape.at(-1) ?? 0;
    const y = ones(rows, steps, H);
    if (train) model.trainOnBatch(x, y, { lengths });
    else model.testOnBatch(x, y, { lengths });
    return seen;
  };
  return { model, outputs };
}

/** Gives out what it reads: no bias, input weights of the identity, no recurrent weights. */
function mirror(units: number, options: object): SimpleRNN {
  const rnn = new SimpleRNN({ units, activation: "linear", returnSequences: true, ...options });
  const identity = Float32Array.from({ length: units * units }, (_, n) => (n % (units + 1) === 0 ? 1 : 0));
  const zeros = new Float32Array(units * units);
  const bias = f32(new Float32Array(units), units);
  rnn.setWeights({
    weight_ih: f32(identity, units, units),
    weight_hh: f32(zeros, units, units),
    bias_ih: bias,
    bias_hh: bias,
  });
  return rnn;
}

test("dropout of a recurrent layer: one mask a row for all steps, new ones for each batch, none in evaluation", () => {
  const { outputs } = watched([mirror(8, { dropout: 0.5 })], 8, 1);
  const x = ones(4, 5, 8);
  const [first, second] = [outputs(true, x), outputs(true, x)];
  for (const seen of [first, second]) {
    expect(new Set(seen)).toEqual(new Set([0, 2]));
    for (let n = 0; n < seen.length; n++) expect(seen[n]).toBe(seen[n % 32]);
  }
  expect(second).not.toEqual(first);
  // Rows of a batch have masks of their own.
  expect(first.subarray(0, 8)).not.toEqual(first.subarray(8, 16));
  expect(new Set(outputs(false, x))).toEqual(new Set([1]));
});

test("recurrentDropout: h goes to the next step through one mask for all steps", () => {
  const rnn = new SimpleRNN({ units: 6, activation: "linear", returnSequences: true, recurrentDropout: 0.5 });
  const { outputs, model } = watched([rnn], 1, 2);
  const identity = Float32Array.from({ length: 36 }, (_, n) => (n % 7 === 0 ? 1 : 0));
  const zeros = f32(new Float32Array(6), 6);
  rnn.setWeights({ weight_ih: ones(6, 1), weight_hh: f32(identity, 6, 6), bias_ih: zeros, bias_hh: zeros });
  const pulse = f32([1, 0, 0, 1, 0, 0], 2, 3, 1);
  const seen = outputs(true, pulse);
  for (let n = 0; n < 12; n++) {
    expect(seen[n]).toBe(1);
    expect([0, 2]).toContain(seen[12 + n]);
    expect(seen[24 + n]).toBe(at(seen, 12 + n) ** 2);
  }
  expect(new Set(seen.subarray(12, 24)).size).toBe(2);
  expect([...model.predict(pulse).data]).toEqual(Array(36).fill(1));
});

test("the masks of dropout and recurrentDropout of one layer are two", () => {
  const rnn = mirror(16, { dropout: 0.5, recurrentDropout: 0.5 });
  rnn.setWeights({ ...rnn.getWeights(), weight_hh: named(rnn.getWeights(), "weight_ih") });
  const { outputs } = watched([rnn], 16, 4);
  const pulse = f32([...new Float32Array(16).fill(1), ...new Float32Array(16)], 1, 2, 16);
  const seen = outputs(true, pulse);
  const pairs = new Set(Array.from({ length: 16 }, (_, j) => `${seen[j]} ${seen[16 + j]}`));
  expect(pairs).toEqual(new Set(["0 0", "2 0", "2 4"]));
});

test("in pieces of a sequence a recurrent layer holds its mask, Dropout draws for each piece", async () => {
  for (const [layers, isHeld] of [
    [[mirror(16, { dropout: 0.5 })], true],
    [[new Dropout({ rate: 0.5 }), mirror(16, {})], false],
  ] as const) {
    // biome-ignore format: short
    const model = new Sequential(layers, { inputShape: [null, 16], seed: 5 });
    const seen: string[] = [];
    const loss: LossFunction = ({ data, shape }) => {
      seen.push(data.join());
      return { value: 0, gradient: { data: new Float32Array(data.length), shape } };
    };
    model.compile({ optimizer: { name: "sgd", learningRate: 0 }, loss });
    await model.fit(ones(1, 3, 16), ones(1, 3, 16), { truncatedSteps: 1, epochs: 2, verbose: 0 });
    expect(new Set(seen.slice(0, 3)).size).toBe(isHeld ? 1 : 3);
    expect(new Set(seen).size).toBe(isHeld ? 2 : 6);
  }
});

test("Dropout: each element by itself, new at each step, the same for a row whatever is padded around it", () => {
  const { outputs } = watched([new Dropout({ rate: 0.25 }), mirror(16, {})], 16, 3);
  const [twin, again] = [1, 2].map(() => watched([new Dropout({ rate: 0.25 }), mirror(16, {})], 16, 3)) as [
    ReturnType<typeof watched>,
    ReturnType<typeof watched>,
  ];
  const x = ones(3, 4, 16);
  const first = outputs(true, x);
  expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  const share = first.filter((value) => value === 0).length / first.length;
  expect(share).toBeGreaterThan(0.12);
  expect(share).toBeLessThan(0.4);
  expect(first.subarray(0, 48)).not.toEqual(first.subarray(48, 96));
  expect(outputs(true, x)).not.toEqual(first);
  // The noise of a step does not depend on which others are left out: rows 2, 1, 0 and 1, 2, 0 at step 0.
  const [one, other] = [twin.outputs(true, x, [2, 3, 4]), again.outputs(true, x, [1, 4, 3])];
  const row = (seen: Float32Array, place: number) => seen.subarray(place * 16, place * 16 + 16);
  expect([row(other, 0), row(other, 1), row(other, 2)]).toEqual([row(one, 1), row(one, 0), row(one, 2)]);
});

const noisy = () => [
  new LSTM({ units: 6, returnSequences: true, dropout: 0.3, recurrentDropout: 0.2 }),
  new Dropout({ rate: 0.4 }),
  new LSTM({ units: 5, goBackwards: true, dropout: 0.2 }),
  new Dense({ units: 2 }),
];

test("the same seed trains the same bits, another seed others", async () => {
  const [x, y] = [randomTensor(random, 8, 5, 3), randomTensor(random, 8, 2)];
  const trained = async (seed: number, start?: Sequential) => {
    const model = new Sequential(noisy(), { inputShape: [null, 3], seed });
    if (start !== undefined) model.setWeights(start.getWeights());
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    await model.fit(x, y, { epochs: 3, batchSize: 3, verbose: 0, shuffle: false });
    return model.getWeights();
  };
  const start = new Sequential(noisy(), { inputShape: [null, 3], seed: 1 });
  const first = await trained(1);
  expectSameNamedBits(await trained(1), first);
  expectSameNamedBits(await trained(1, start), first);
  const other = await trained(2, start);
  expect(named(other, "dense.weight").data).not.toEqual(named(first, "dense.weight").data);
});

describe("gradients through noise that is held", () => {
  test("are those of finite differences: 1 % of their size, float32 losses", () => {
    const model = new Sequential(noisy(), { inputShape: [null, 3], seed: 9 });
    drawWeights(random, model);
    model.compile({ loss: weightedSum });
    const [x, y] = [randomTensor(random, 6, 5, 3), randomTensor(random, 6, 2)];
    const lengths = [5, 2, 4, 1, 5, 3];
    const { gradients } = backpropagate(model, x, y, { lengths });
    const weights = model.getWeights();
    for (const [name, { data, shape }] of Object.entries(weights)) {
      if (name.endsWith("bias_hh")) continue;
      const gradient = Float64Array.from(named(gradients, name).data);
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const lossAt = (h: number) => {
        const moved = f32(data.map((w, n) => w + (h * at(gradient, n)) / norm), ...shape); // biome-ignore format: short
        model.setWeights({ ...weights, [name]: moved });
        return backpropagate(model, x, y, { lengths }).loss;
      };
      expectClose([(lossAt(1e-2) - lossAt(-1e-2)) / 2e-2], [norm], name, { absolute: 1e-3, relative: 1e-2 });
    }
  });
});
