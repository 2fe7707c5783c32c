import { beforeAll, describe, expect, test } from "vitest";
import { Adam, Dense, LSTM, OutOfMemoryError, StateError } from "../../src/index.ts";
import { expectSameNamedBits, loadCore } from "../support/layers.ts";

beforeAll(async () => {
  await loadCore({ maxMemory: 256 * 1024 * 1024 });
});

describe("weights and the calls around them", () => {
  test("a layer without input size takes that of the weights it is given, and a wrong shape leaves it without", () => {
    const source = new LSTM({ units: 5, inputSize: 3, seed: 1 });
    const lstm = new LSTM({ units: 5 });
    const { weight_hh, ...others } = source.getWeights();
    expect(() => lstm.setWeights({ ...others, weight_hh: [[1]] })).toThrow("weight_hh");
    expect(lstm.inputSize).toBeUndefined();
    lstm.setWeights(source.getWeights());
    expect(lstm.inputSize).toBe(3);
    expectSameNamedBits(lstm.getWeights(), source.getWeights());
    const dense = new Dense({ units: 2 });
    dense.setWeights({
      weight: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      bias: [0, 1],
    });
    expect([...dense.forward([[1, 1, 1]]).data]).toEqual([6, 16]);
  });

  test("initial weights are drawn when first needed: 2,000 units with an input size are made in under a second", () => {
    const start = performance.now();
    const lstm = new LSTM({ units: 2000, inputSize: 4 });
    expect(performance.now() - start).toBeLessThan(1000);
    lstm.dispose();
  });

  test("backward refuses weights that are not those of its forward call", () => {
    const dense = new Dense({ units: 1, inputSize: 1, seed: 1 });
    dense.forward([[1]], { training: true });
    dense.setWeights({ weight: [[2]], bias: [0] });
    expect(() => dense.backward([[1]])).toThrow(StateError);
    dense.forward([[1]], { training: true });
    expect([...dense.backward([[1]]).input.data]).toEqual([2]);
    const lstm = new LSTM({ units: 2, inputSize: 1 });
    lstm.forward([[[1]]], { training: true });
    lstm.backward({ output: [[1, 1]] });
    lstm.forward([[[1]]], { training: true });
    new Adam().apply([lstm]);
    expect(() => lstm.backward({ output: [[1, 1]] })).toThrow("changed");
  });

  test("a layer that has no room for its first input takes any other afterwards", () => {
    const lstm = new LSTM({ units: 8 });
    const huge = { data: new Float32Array(3_000_000), shape: [1_000_000, 1, 3] };
    expect(() => lstm.forward(huge, { training: true })).toThrow(OutOfMemoryError);
    expect(lstm.inputSize).toBeUndefined();
    expect(lstm.forward([[[1, 2, 3, 4, 5]]]).output.shape).toEqual([1, 8]);
  });

  test("the result of a call is the initial state of the next", () => {
    const lstm = new LSTM({ units: 3, inputSize: 1, seed: 1 });
    const first = lstm.forward([[[1]]]);
    const second = lstm.forward([[[2]]], { initialState: first });
    expect([...second.hidden.data]).toEqual([...lstm.forward([[[1], [2]]]).hidden.data]);
  });
});
