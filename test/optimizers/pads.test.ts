import { beforeAll, describe, expect, test } from "vitest";
import { Adamax, Dense, LSTM, Random } from "../../src/index.ts";
import { loadCore, randomTensor, randomWeights } from "../support/layers.ts";
import { accumulate, padsOf, requireBlock, spyOnUpdates, wordsAt } from "../support/layers-training.ts";
import { OPTIMIZERS } from "../support/optimizers.ts";

const layers = {
  "LSTM 5 to 3": () => new LSTM({ units: 3, inputSize: 5 }),
  "LSTM 1 to 1 without bias": () => new LSTM({ units: 1, inputSize: 1, useBias: false }),
  "LSTM 7 to 18 with two biases": () => new LSTM({ units: 18, inputSize: 7, doubleBias: true }),
  "Dense 5 to 3": () => new Dense({ units: 3, inputSize: 5 }),
  "Dense 2 to 17 without bias": () => new Dense({ units: 17, inputSize: 2, useBias: false }),
};

beforeAll(async () => {
  await loadCore();
});

describe.each(Object.entries(layers))("pads of %s", (_, makeLayer) => {
  test.each(Object.entries(OPTIMIZERS))("%s: exactly zero in weights, gradients and moments after 4 steps", (_, [
    ,
    make,
  ]) => {
    const layer = makeLayer();
    const pads = padsOf(layer);
    expect(pads.length).toBeGreaterThan(0);
    layer.setWeights(randomWeights(new Random(8), layer));
    const { parameters, gradients } = requireBlock(layer);
    const optimizer = make();
    const { updates, restore } = spyOnUpdates();
    for (let step = 0; step < 4; step++) {
      const x = randomTensor(new Random(step), 3, 6, layer.inputSize ?? 0);
      accumulate(layer, x);
      expect(
        wordsAt(gradients, pads).every((word) => word === 0),
        "gradients",
      ).toBe(true);
      optimizer.apply([layer]);
    }
    restore();
    const blocks = [parameters, gradients, ...(updates.at(-1)?.moments ?? [])];
    for (const block of blocks) expect(wordsAt(block, pads).every((word) => word === 0)).toBe(true);
    optimizer.dispose();
    layer.dispose();
  });
});

test.each(Object.entries(OPTIMIZERS))("%s: all its moments were looked at", (_, [count, make]) => {
  const layer = new Dense({ units: 3, inputSize: 5 });
  accumulate(layer, randomTensor(new Random(1), 3, 5));
  const { updates, restore } = spyOnUpdates();
  make().apply([layer]);
  restore();
  expect(updates.at(-1)?.moments.length ?? 0).toBe(count);
});

test("Adamax of PyTorch, whose epsilon stands in the moments of pads: exactly zero in weights and gradients", () => {
  const layer = new Dense({ units: 3, inputSize: 5 });
  const [pads, { parameters, gradients }] = [padsOf(layer), requireBlock(layer)];
  const optimizer = new Adamax({ preset: "pytorch" });
  for (let step = 0; step < 4; step++) {
    accumulate(layer, randomTensor(new Random(step), 3, 5));
    optimizer.apply([layer]);
  }
  for (const block of [parameters, gradients]) expect(wordsAt(block, pads).every((word) => word === 0)).toBe(true);
});
