/** A model with every kind of memory, for tests of what it takes and gives back. */
import { requireCore } from "../../src/core/context.ts";
import {
  Adam,
  Dense,
  Dropout,
  Embedding,
  LayerNormalization,
  LSTM,
  Random,
  Sequential,
  SimpleRNN,
} from "../../src/index.ts";

const VOCABULARY = 7;

/** Bytes in use beside the scratch region, which belongs to the core and stays. */
export function usedByModels(): number {
  const { memory, scratch } = requireCore();
  return memory.usedBytes - (scratch.bytes === 0 ? 0 : Math.max(64, Math.ceil(scratch.bytes / 64) * 64));
}

/** Token ids in, a number for each step out; compiled. */
export function makeModel(seed: number = 1): Sequential {
  const layers = [
    new Embedding({ inputDim: VOCABULARY, outputDim: 3, maskZero: true }),
    new LSTM({ units: 5, returnSequences: true, dropout: 0.2, recurrentDropout: 0.2 }),
    new SimpleRNN({ units: 4, returnSequences: true, goBackwards: false }),
    new LayerNormalization(),
    new Dropout({ rate: 0.2 }),
    new Dense({ units: 1, activation: "tanh" }),
  ];
  const model = new Sequential(layers, { seed });
  model.compile({ optimizer: new Adam({ learningRate: 0.01, useEma: true }), loss: "mse", metrics: ["mae"] });
  return model;
}

/** Ids [rows, steps], 0 among them: padding. */
export function tokens(rows: number, steps: number): { readonly data: Int32Array; readonly shape: readonly number[] } {
  const random = new Random(5);
  return { data: Int32Array.from({ length: rows * steps }, () => random.integer(VOCABULARY)), shape: [rows, steps] };
}

/** A target for each step. */
export function targets(
  rows: number,
  steps: number,
): { readonly data: Float32Array; readonly shape: readonly number[] } {
  const random = new Random(6);
  return { data: Float32Array.from({ length: rows * steps }, () => random.uniform(-1, 1)), shape: [rows, steps, 1] };
}
