import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { requireCore } from "../../src/core/context.ts";
import { Adam, Dense, LSTM, Random, type Tensor } from "../../src/index.ts";
import { bitsOf, loadCore, randomTensor } from "../support/layers.ts";

/** Bytes in use beside the scratch region, which belongs to the core and stays. */
function usedByLayers(): number {
  const { memory, scratch } = requireCore();
  return memory.usedBytes - (scratch.bytes === 0 ? 0 : Math.max(64, Math.ceil(scratch.bytes / 64) * 64));
}

interface Model {
  readonly lstm: LSTM;
  readonly dense: Dense;
  readonly optimizer: Adam;
  step(x: Tensor): Tensor;
  dispose(): void;
}

function makeModel(units: number, seed: number = 1): Model {
  const lstm = new LSTM({ units, inputSize: 3, returnSequences: true, seed });
  const dense = new Dense({ units: 2, inputSize: units, seed });
  const optimizer = new Adam({ globalClipNorm: 1 });
  return {
    ...{ lstm, dense, optimizer },
    step(x) {
      const y = dense.forward(lstm.forward(x, { training: true }).output, { training: true });
      lstm.backward({ output: dense.backward(y).input });
      optimizer.apply([lstm, dense]);
      return y;
    },
    dispose() {
      lstm.dispose();
      dense.dispose();
      optimizer.dispose();
    },
  };
}

const input = (B: number, T: number) => randomTensor(new Random(1), B, T, 3);

beforeAll(async () => {
  await loadCore();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("memory of layers", () => {
  test("dispose frees all bytes of weights, gradients, moments and caches", () => {
    const model = makeModel(13);
    model.step(input(4, 9));
    expect(usedByLayers()).toBeGreaterThan(0);
    model.dispose();
    expect(usedByLayers()).toBe(0);
  });

  test("an optimizer frees its moments, and no more", () => {
    const model = makeModel(13);
    const { lstm, dense, optimizer } = model;
    const x = input(4, 9);
    lstm.backward({ output: dense.backward(dense.forward(lstm.forward(x, { training: true }).output, { training: true })).input }); // biome-ignore format: a step
    const before = usedByLayers();
    optimizer.apply([lstm, dense]);
    expect(usedByLayers()).toBeGreaterThan(before);
    optimizer.dispose();
    expect(usedByLayers()).toBe(before);
    model.dispose();
  });

  test("results are copies: they survive growth, later calls and dispose", () => {
    const model = makeModel(5);
    const y = model.step(input(2, 3));
    const { weight_ih } = model.lstm.getWeights();
    const before = [y, weight_ih].map((result) => result && bitsOf(result).slice());
    const size = requireCore().info.memoryBytes;
    const large = makeModel(150);
    large.step(input(20, 40));
    expect(requireCore().info.memoryBytes).toBeGreaterThan(size);
    model.step(input(2, 3));
    model.dispose();
    large.dispose();
    expect([y, weight_ih].map((result) => result && bitsOf(result))).toEqual(before);
  });

  test("after the first of its largest batch, 100 training steps allocate nothing", () => {
    const model = makeModel(20);
    model.step(input(8, 12));
    model.lstm.forward(input(8, 12));
    const { memory } = requireCore();
    const before = [memory.usedBytes, memory.byteLength];
    const allocate = vi.spyOn(memory, "allocate");
    for (let step = 0; step < 100; step++) model.step(input(1 + (step % 8), 1 + (step % 12)));
    model.lstm.forward(input(8, 12));
    expect(allocate).not.toHaveBeenCalled();
    expect([memory.usedBytes, memory.byteLength]).toEqual(before);
    model.dispose();
  });

  test("1,000 cycles of create, train and dispose leave memory as the first one did", () => {
    const { memory } = requireCore();
    const cycle = (seed: number) => {
      const model = makeModel(5, seed);
      model.step(input(2, 3));
      model.dispose();
    };
    cycle(0);
    const before = [memory.usedBytes, memory.byteLength];
    for (let seed = 1; seed <= 1000; seed++) cycle(seed);
    expect([memory.usedBytes, memory.byteLength]).toEqual(before);
  });

  test("200 models live in one core at once, each with its own weights", () => {
    const models = Array.from({ length: 200 }, (_, seed) => makeModel(4, seed));
    const x = input(1, 2);
    const first = models.map(({ lstm }) => bitsOf(lstm.forward(x).output).join());
    expect(new Set(first).size).toBe(200);
    models.slice(100).forEach((model) => void model.step(x));
    const again = models.map(({ lstm }) => bitsOf(lstm.forward(x).output).join());
    expect(again.slice(0, 100)).toEqual(first.slice(0, 100));
    expect(again.slice(100).every((bits, n) => bits !== first[100 + n])).toBe(true);
    for (const model of models) model.dispose();
    expect(usedByLayers()).toBe(0);
  });
});

describe("forgotten layers", () => {
  // `forget` is a function of its own, so that no variable keeps its layers.
  async function expectFreed(forget: () => void): Promise<void> {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    forget();
    expect(usedByLayers()).toBeGreaterThan(0);
    for (let turn = 0; turn < 200 && usedByLayers() > 0; turn++) {
      collect();
      await setTimeout(5);
    }
    expect(usedByLayers()).toBe(0);
  }

  test("are freed by the collector", async () => {
    await expectFreed(() => {
      for (let n = 0; n < 20; n++) makeModel(13).step(input(4, 9));
    });
  });

  test("are freed while the optimizer that trained them lives on", async () => {
    const optimizer = new Adam();
    await expectFreed(() => {
      const dense = new Dense({ units: 3, inputSize: 3 });
      dense.forward(input(4, 2), { training: true });
      dense.backward(input(4, 2));
      optimizer.apply([dense]);
    });
    optimizer.dispose();
  });
});
