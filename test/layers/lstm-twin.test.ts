import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { LSTM, type NamedTensors, Random, type Tensor } from "../../src/index.ts";
import { type LstmInputs, lstmBackward, lstmForward } from "../reference/lstm.ts";
import {
  bitsOf,
  expectClose,
  expectSameNamedBits,
  f32,
  f64,
  loadCore,
  named,
  RANDOM_SHAPES,
  randomWeights,
} from "../support/layers.ts";
import { type Case, caseOfAnyShape, describeCase, layerOf, runCase } from "../support/layers-cases.ts";

/** Up to 40 steps of sums of 380 products, each of them and each sum rounded to 6e-8; 1,500 shapes needed 1.3e-6. */
const RESULTS = { absolute: 5e-6, relative: 5e-5 };

/** Sums of up to 800 terms of both signs, so the error is relative to the largest; 1,500 shapes needed 1.9e-6. */
const GRADIENT = 1e-5;

function twinInputs(lstm: LSTM, sample: Case): LstmInputs {
  const { B, T, I, H, biases, lengths, x, hidden, cell } = sample;
  const weights = lstm.getWeights();
  const weight = (name: string) => f64(named(weights, name));
  return {
    ...{ B, T, I, H, lengths, x: f64(x), h0: f64(hidden), c0: f64(cell) },
    ...{ weight_ih: weight("weight_ih"), weight_hh: weight("weight_hh") },
    ...(biases > 0 ? { bias_ih: weight("bias_ih"), bias_hh: weight("bias_hh") } : {}),
  };
}

function expectGradients(actual: NamedTensors, expected: Readonly<Record<string, Float64Array>>): void {
  for (const [name, { data }] of Object.entries(actual)) {
    const wanted = expected[name] ?? new Float64Array();
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expectClose(data, wanted, `gradient of ${name}`, { absolute: GRADIENT * largest, relative: 0 });
  }
}

function agreesWithTwin(sample: Case): void {
  const lstm = layerOf(sample);
  const { results, inputGradients } = runCase(lstm, sample);
  const inputs = twinInputs(lstm, sample);
  const { cache, ...expected } = lstmForward(inputs);
  for (const name of ["output", "hidden", "cell"] as const) {
    expectClose(results[name].data, expected[name], name, RESULTS);
  }
  const { dOutput, dHidden, dCell } = sample;
  const upstream = { dOutput: f64(dOutput), dHidden: f64(dHidden), dCell: f64(dCell) };
  const d = lstmBackward({ ...inputs, cache, ...upstream });
  const { input, hidden, cell } = inputGradients;
  expectGradients({ ...lstm.getGradients(), x: input, h0: hidden, c0: cell }, { ...d });
  lstm.dispose();
}

beforeAll(async () => {
  await loadCore();
});

describe("LSTM against the float64 twin", () => {
  test(`${RANDOM_SHAPES} random shapes, with and without lengths: results to 5e-6 + 5e-5 relative, gradients to 1e-5 of the largest`, () => {
    fc.assert(fc.property(caseOfAnyShape({ lengths: "some" }).map(describeCase), agreesWithTwin), {
      numRuns: RANDOM_SHAPES,
    });
  });
});

describe("LSTM: results and gradients that may be left out", () => {
  const x = f32([1, -2, 3, 0.5, -0.25, 4], 1, 3, 2);
  const make = (options = {}) => new LSTM({ units: 3, inputSize: 2, seed: 5, ...options });

  test("without returnSequences the output is the last step's, and so is its gradient", () => {
    const [last, all] = [make(), make({ returnSequences: true })];
    const [single, sequence] = [last.forward(x, { training: true }), all.forward(x, { training: true })];
    expect(single.output.shape).toEqual([1, 3]);
    expect(sequence.output.shape).toEqual([1, 3, 3]);
    expect([...single.output.data]).toEqual([...sequence.output.data.slice(6)]);
    const d = last.backward({ output: [[1, 2, 3]], hidden: [[1, 1, 1]] });
    expectSameNamedBits({ ...d }, { ...all.backward({ hidden: [[2, 3, 4]] }) });
    expectSameNamedBits(last.getGradients(), all.getGradients());
  });

  test("gradients left out are zeros; all left out give zeros", () => {
    const [some, given] = [make({ returnSequences: true }), make({ returnSequences: true })];
    for (const lstm of [some, given]) lstm.forward(x, { training: true });
    const zeros = f32(new Float32Array(9), 1, 3, 3);
    const d = some.backward({ cell: [[1, 2, 3]] });
    expectSameNamedBits({ ...d }, { ...given.backward({ output: zeros, hidden: [[0, 0, 0]], cell: [[1, 2, 3]] }) });
    given.forward(x, { training: true });
    given.zeroGradients();
    given.backward({});
    const all: Tensor[] = Object.values(given.getGradients());
    expect(all.every((gradient) => gradient.data.every((value) => value === 0))).toBe(true);
  });

  test("a second backward adds to the gradients, to 2.4e-7 relative: two roundings of sums with one term", () => {
    const lstm = make();
    const run = () => {
      lstm.forward([[[1, -2]]], { training: true });
      lstm.backward({ output: [[1, 2, 3]] });
      return lstm.getGradients();
    };
    const first = run();
    lstm.zeroGradients();
    expectSameNamedBits(run(), first);
    const twice = run();
    for (const [name, { data }] of Object.entries(first)) {
      const doubled = Array.from(data, (value) => 2 * value);
      expectClose(named(twice, name).data, doubled, name, { absolute: 0, relative: 2.4e-7 });
    }
  });
});

describe("LSTM: weights by name", () => {
  test.each([
    ["one trained bias: both names, their sum in bias_ih", {}, 4],
    ["doubleBias: both", { doubleBias: true }, 4],
    ["useBias false: none", { useBias: false }, 2],
  ] as const)("%s", (_, options, count) => {
    const lstm = new LSTM({ units: 3, inputSize: 5, ...options });
    const drawn = randomWeights(new Random(3), lstm);
    lstm.setWeights(drawn);
    const weights = lstm.getWeights();
    expect(Object.keys(weights)).toEqual(["weight_ih", "weight_hh", "bias_ih", "bias_hh"].slice(0, count));
    expect(Object.keys(lstm.getGradients())).toEqual(Object.keys(weights));
    if (count === 4 && !("doubleBias" in options)) {
      const sum = named(drawn, "bias_ih").data.map((value, n) => value + (named(drawn, "bias_hh").data[n] ?? 0));
      expectSameNamedBits(weights, { ...drawn, bias_ih: f32(sum, 12), bias_hh: f32(new Float32Array(12), 12) });
    } else expectSameNamedBits(weights, drawn);
    lstm.setWeights(weights);
    expectSameNamedBits(lstm.getWeights(), weights);
  });

  test("with one trained bias both names carry its gradient; with two each its own, the same", () => {
    for (const doubleBias of [false, true]) {
      const lstm = new LSTM({ units: 3, inputSize: 2, doubleBias });
      lstm.forward([[[1, 2]]], { training: true });
      lstm.backward({ output: [[1, 2, 3]] });
      const { bias_ih, bias_hh } = lstm.getGradients();
      expect(bias_ih?.data.some((value) => value !== 0)).toBe(true);
      expect(bias_hh).toEqual(bias_ih);
    }
  });

  test("a seed decides the weights; without one it is drawn and shown", () => {
    const make = (seed?: number) => new LSTM({ units: 5, inputSize: 3, seed });
    const drawn = make();
    expectSameNamedBits(make(drawn.seed).getWeights(), drawn.getWeights());
    expect(bitsOf(named(make(1).getWeights(), "weight_ih"))).not.toEqual(
      bitsOf(named(make(2).getWeights(), "weight_ih")),
    );
    const late = new LSTM({ units: 5, seed: 7 });
    expect(late.inputSize).toBeUndefined();
    late.forward([[[1, 2, 3]]]);
    expect(late.inputSize).toBe(3);
    expectSameNamedBits(late.getWeights(), make(7).getWeights());
  });

  test("the forget gate's bias starts at 1, all others at 0; unitForgetBias false: all at 0", () => {
    const bias = (unitForgetBias?: boolean) =>
      Array.from(named(new LSTM({ units: 2, inputSize: 1, unitForgetBias }).getWeights(), "bias_ih").data);
    expect(bias()).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(bias(false)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
