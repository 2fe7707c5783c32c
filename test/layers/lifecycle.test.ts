import { beforeAll, describe, expect, test, vi } from "vitest";
import { Adam, Dense, LSTM, SGD, StateError } from "../../src/index.ts";
import { f32, loadCore } from "../support/layers.ts";
import { expectRefusal, thrownBy } from "../support/layers-errors.ts";
import { accumulate } from "../support/layers-training.ts";

const x = f32([1, -2, 3, 0.5], 1, 2, 2);

describe("before init", () => {
  test("every use of the core is a StateError that says how to load it; afterwards the same layer works", async () => {
    vi.resetModules();
    const fresh = await import("../../src/index.ts");
    const lstm = new fresh.LSTM({ units: 3 });
    const calls = [
      () => new fresh.LSTM({ units: 3, inputSize: 2 }),
      () => new fresh.Dense({ units: 3, inputSize: 2 }),
      () => lstm.forward(x),
      () => lstm.backward({}),
      () => lstm.getWeights(),
      () => lstm.setWeights({}),
      () => lstm.zeroGradients(),
      () => new fresh.Adam().apply([lstm]),
      () => fresh.meanSquaredError([1], [1]),
      () => fresh.sparseCategoricalCrossentropy([[1]], [0]),
    ];
    for (const call of calls) {
      // The fresh registry has error classes of its own.
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(fresh.StateError);
      expect(String(error)).toMatch(
        /^StateError: The core is not loaded: call `await init\(\)` before using a layer\./,
      );
    }
    await fresh.init();
    expect(lstm.forward(x).hidden.shape).toEqual([1, 3]);
  });
});

describe("after dispose", () => {
  beforeAll(async () => {
    await loadCore();
  });

  const makers = {
    LSTM: () => new LSTM({ units: 3, inputSize: 2, name: "gone" }),
    Dense: () => new Dense({ units: 3, inputSize: 2, name: "gone" }),
  };

  test.each(
    Object.entries(makers),
  )("%s: every method is a StateError with its name; dispose again does nothing", (_, make) => {
    const layer = make();
    accumulate(layer, x);
    layer.dispose();
    const gradient = f32(new Float32Array(6), 1, 2, 3);
    const calls = [
      () => layer.forward(x),
      () => layer.forward(x, { training: true }),
      () => (layer instanceof LSTM ? layer.backward({ output: gradient }) : layer.backward(gradient)),
      () => layer.getWeights(),
      () => layer.getGradients(),
      () => layer.setWeights({}),
      () => layer.zeroGradients(),
      () => layer.own(),
      () => new SGD().apply([layer]),
    ];
    for (const call of calls) expectRefusal(call, StateError, `"gone" was disposed`);
    expect(layer.block).toBeUndefined();
    layer.dispose();
  });

  test("an optimizer goes on with its other layers, and may be disposed of after them", () => {
    const [kept, gone] = [makers.LSTM(), makers.Dense()];
    const optimizer = new Adam();
    for (const layer of [kept, gone]) accumulate(layer, x);
    optimizer.apply([kept, gone]);
    gone.dispose();
    accumulate(kept, x);
    optimizer.apply([kept]);
    optimizer.dispose();
    optimizer.dispose();
    kept.dispose();
  });

  test.runIf(typeof Symbol.dispose === "symbol")("Symbol.dispose does the same", () => {
    const layer = makers.Dense();
    layer[Symbol.dispose]();
    expectRefusal(() => layer.forward(x), StateError, `"gone" was disposed`);
  });
});
