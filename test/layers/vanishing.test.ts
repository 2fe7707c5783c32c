import { beforeAll, expect, test } from "vitest";
import { LSTM, Random, SimpleRNN } from "../../src/index.ts";
import { loadCore, randomTensor } from "../support/layers.ts";

const [B, T, I, H] = [2, 1500, 2, 5];

beforeAll(async () => {
  await loadCore();
});

/** Layers whose gradient of the last step fades, the LSTMs' by forget gates above 1/2. */
test.each([
  ["LSTM", () => new LSTM({ units: H, inputSize: I, seed: 1 })],
  ["LSTM of other activations", () => new LSTM({ units: H, inputSize: I, seed: 1, activation: "softsign" })],
  ["SimpleRNN", () => new SimpleRNN({ units: H, inputSize: I, seed: 1 })],
])("%s: the gradient of the last step vanishes to 0, and not to subnormal numbers that stay", (_, make) => {
  const random = new Random(3);
  const layer = make();
  layer.forward(randomTensor(random, B, T, I), { training: true });
  const { input, ...states } = layer.backward({ output: randomTensor(random, B, H) });
  for (const [name, { data }] of Object.entries(states))
    expect(
      data.every((d) => d === 0),
      name,
    ).toBe(true);
  const row = (t: number) => [...input.data.subarray(t * I, (t + 1) * I)];
  expect(row(T - 1).every((d) => d !== 0)).toBe(true);
  expect(row(0)).toEqual([0, 0]);
  layer.dispose();
});
