import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Dense, Embedding, LSTM, type NamedTensors, Random, Sequential, SGD, SimpleRNN } from "../../src/index.ts";
import { Recurrent } from "../../src/layers/recurrent.ts";
import { pairwise } from "../support/kernels-shapes.ts";
import { relativeError } from "../support/kernels-values.ts";
import { expectSameBits, f32, loadCore } from "../support/layers.ts";

const [VOCABULARY, UNITS, CLASSES] = [11, 7, 5];

const CASES = pairwise({
  cell: ["LSTM", "SimpleRNN"],
  width: [16, 17, 33],
  rows: [1, 4, 9],
  steps: [15, 40],
  doubleBias: [false, true],
  maskZero: [false, true],
  hasLengths: [false, true],
  recurrentDropout: [0, 0.3],
});
type Case = (typeof CASES)[number];

function build(shape: Case): Sequential {
  const { width, doubleBias, recurrentDropout } = shape;
  const options = { units: UNITS, returnSequences: true, doubleBias, recurrentDropout };
  const layers = [
    new Embedding({ inputDim: VOCABULARY, outputDim: width, maskZero: shape.maskZero }),
    shape.cell === "LSTM" ? new LSTM(options) : new SimpleRNN(options),
    new Dense({ units: CLASSES }),
  ];
  const model = new Sequential(layers, { seed: 3 });
  model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: "sparseCategoricalCrossentropy" });
  return model;
}

function data({ rows, steps, hasLengths }: Case) {
  const random = new Random(rows + steps);
  const ids = Float32Array.from({ length: rows * steps }, () => random.integer(VOCABULARY));
  // No row is masked as a whole.
  for (let row = 0; row < rows; row++) ids[row * steps] = 1;
  const labels = Float32Array.from({ length: rows * steps }, () => random.integer(CLASSES));
  const lengths = hasLengths ? Array.from({ length: rows }, (_, row) => steps - row) : undefined;
  return { x: f32(ids, rows, steps), y: f32(labels, rows, steps), lengths };
}

/** Predictions before, and loss and weights of a step of training. */
function trained(shape: Case) {
  const model = build(shape);
  const { x, y, lengths } = data(shape);
  const prediction = model.predict(x, { lengths });
  const { loss = Number.NaN } = model.trainOnBatch(x, y, { lengths });
  return { prediction, loss, weights: model.getWeights() };
}

const largestError = (actual: NamedTensors, expected: NamedTensors) =>
  Math.max(...Object.entries(expected).map(([name, { data }]) => relativeError(actual[name]?.data ?? [], data, 1)));

describe("an embedding that the recurrent layer looks up itself", () => {
  beforeAll(async () => {
    await loadCore();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  // Weight gradients are summed in another order: 1e-7 apart, measured.
  test("predicts the bits of an embedding before it, and trains as it does within 1e-6", () => {
    for (const shape of CASES) {
      const label = JSON.stringify(shape);
      const asks = vi.spyOn(Recurrent.prototype, "looksUp");
      const own = trained(shape);
      expect(asks.mock.results.map(({ value }) => value), label).toContain(true); // biome-ignore format: short
      asks.mockReturnValue(false);
      const expected = trained(shape);
      asks.mockRestore();
      expectSameBits(own.prediction, expected.prediction, label);
      expect(own.loss, label).toBe(expected.loss);
      expect(largestError(own.weights, expected.weights), label).toBeLessThan(1e-6);
    }
  });

  test("not where a row of the input is used again, goes backwards, or is dropped in training", () => {
    const layer = (options: object) => new LSTM({ units: 3, ...options });
    const asked = [100, 11, 16, true] as const;
    expect(layer({}).looksUp(...asked)).toBe(true);
    expect(layer({ goBackwards: true }).looksUp(...asked)).toBe(false);
    expect(layer({ dropout: 0.1 }).looksUp(...asked)).toBe(false);
    expect(layer({ dropout: 0.1 }).looksUp(100, 11, 16, false)).toBe(true);
    expect(layer({}).looksUp(11, 11, 16, true)).toBe(false);
    expect(layer({}).looksUp(100, 11, 3, true)).toBe(false);
  });
});
