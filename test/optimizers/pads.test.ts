import { beforeAll, describe, expect, test } from "vitest";
import { Adam, AdamW, Dense, LSTM, Random, SGD } from "../../src/index.ts";
import { loadCore, randomTensor, randomWeights } from "../support/layers.ts";
import { accumulate, padsOf, requireBlock, spyOnUpdates, wordsAt } from "../support/layers-training.ts";

const optimizers = {
  SGD: () => new SGD({ globalClipNorm: 0.5, clipValue: 0.1 }),
  "SGD with momentum": () => new SGD({ momentum: 0.9, globalClipNorm: 0.5 }),
  "SGD with Nesterov momentum, PyTorch": () => new SGD({ momentum: 0.9, nesterov: true, preset: "pytorch" }),
  "Adam with clipping": () => new Adam({ globalClipNorm: 0.5, clipValue: 0.1 }),
  "AdamW, PyTorch": () => new AdamW({ preset: "pytorch" }),
};

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
  test.each(
    Object.entries(optimizers),
  )("%s: exactly zero in weights, gradients and moments after 4 steps", (_, make) => {
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

test("moments were looked at: one for SGD with momentum, two for Adam, none without momentum", () => {
  const counts = Object.values(optimizers).map((make) => {
    const layer = new Dense({ units: 3, inputSize: 5 });
    accumulate(layer, randomTensor(new Random(1), 3, 5));
    const { updates, restore } = spyOnUpdates();
    make().apply([layer]);
    restore();
    return updates.at(-1)?.moments.length ?? 0;
  });
  expect(counts).toEqual([0, 1, 1, 2, 2]);
});
