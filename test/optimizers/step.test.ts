import { beforeAll, describe, expect, test } from "vitest";
import { Adam, type Dense, type OptimizerOptions, OptionError, SGD, StateError } from "../../src/index.ts";
import type { Trained } from "../../src/optimizers/trained.ts";
import { contentsOf, expectSameNamedBits, loadCore, named } from "../support/layers.ts";
import { expectRefusal } from "../support/layers-errors.ts";
import { denseVector } from "../support/layers-training.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const weightsOf = (layer: Dense) => [...named(layer.getWeights(), "weight").data];

/** A block that belongs to no one layer, as a model's. */
function modelOf(layer: Dense): Trained {
  return {
    label: "Sequential",
    block: layer.block,
    hasGradients: layer.hasGradients,
    requireUsable: () => layer.requireUsable(),
    own: () => layer.own(),
    disown: (region) => layer.disown(region),
    markUpdated: () => layer.markUpdated(),
    zeroGradients: () => layer.zeroGradients(),
    blame: () => 'Dense "head"',
  };
}

beforeAll(async () => {
  await loadCore();
});

describe("step", () => {
  test("works on anything with one block", () => {
    const { layer, setGradient } = denseVector(3);
    layer.setWeights({ weight: [[1, 2, 3]] });
    setGradient([1, 2, 4]);
    expect(new SGD({ learningRate: 0.5 }).step([modelOf(layer)])).toBe(true);
    expect(weightsOf(layer)).toEqual([0.5, 1, 1]);
    expect(layer.hasGradients).toBe(false);
  });

  test("names whose gradient is not finite", () => {
    const { layer, setGradient } = denseVector(1);
    setGradient([nan]);
    expectRefusal(() => new SGD().step([modelOf(layer)]), StateError, 'Dense "head"', "not finite");
  });

  test("refuses the same block twice", () => {
    const { layer, setGradient } = denseVector(1);
    setGradient([1]);
    const model = modelOf(layer);
    expectRefusal(() => new SGD().step([model, model]), OptionError, "Sequential", "twice");
  });

  describe.each([{}, { globalClipNorm: 1 }])("onNonFinite with %o", (options: OptimizerOptions) => {
    test.each([nan, infinity])("skip: a gradient of %s is zeroed and nothing else changes", (bad) => {
      const [first, second] = [denseVector(2), denseVector(3)];
      const optimizer = new Adam(options);
      const layers = [first.layer, second.layer];
      const step = (g: number) => {
        first.setGradient([1, -1]);
        second.setGradient([1, g, 2]);
        return optimizer.step(layers, { onNonFinite: "skip" });
      };
      expect(step(1)).toBe(true);
      const before = layers.map((layer) => layer.getWeights());
      const powers = layers.map((layer) => optimizer.stateOf(layer)?.powers);
      expect(step(bad)).toBe(false);
      for (const [n, layer] of layers.entries()) {
        expectSameNamedBits(layer.getWeights(), before[n] ?? {});
        expect(layer.hasGradients).toBe(false);
        expect(Object.values(layer.getGradients()).every(({ data }) => data.every((g) => g === 0))).toBe(true);
      }
      expect(optimizer.iterations).toBe(1);
      expect(layers.map((layer) => optimizer.stateOf(layer)?.powers)).toEqual(powers);
      expect(step(1)).toBe(true);
      expect(layers.every((layer) => weightsOf(layer as Dense).every(Number.isFinite))).toBe(true);
    });

    test("ignore: applied without a look", () => {
      const { layer, setGradient } = denseVector(2);
      setGradient([nan, 1]);
      expect(new SGD(options).step([layer], { onNonFinite: "ignore" })).toBe(true);
      expect(weightsOf(layer)[0]).toBeNaN();
    });
  });

  test("iterations count calls, not layers; a layer that joins later starts its own bias corrections", () => {
    const [first, second] = [denseVector(2), denseVector(2)];
    const optimizer = new Adam();
    for (const layers of [[first], [first], [first, second]]) {
      for (const { setGradient } of layers) setGradient([1, 1]);
      optimizer.apply(layers.map(({ layer }) => layer));
    }
    expect(optimizer.iterations).toBe(3);
    expect([first, second].map(({ layer }) => optimizer.stateOf(layer)?.powers[0])).toEqual([3, 1]);
  });
});

describe("setDefaultClipNorm", () => {
  const takenFrom = (options: OptimizerOptions) => {
    const { layer, setGradient } = denseVector(2);
    layer.setWeights({ weight: [[0, 0]] });
    const optimizer = new SGD({ learningRate: 1, ...options });
    optimizer.setDefaultClipNorm(1);
    setGradient([3, 4]);
    optimizer.apply([layer]);
    return weightsOf(layer).map((p) => Math.round(p * 1e6) / 1e6);
  };

  test.each([
    ["nothing", {}, [-0.6, -0.8]],
    ["another norm", { globalClipNorm: 2.5 }, [-1.5, -2]],
    ["no norm", { globalClipNorm: null }, [-3, -4]],
    ["a value", { clipValue: 3.5 }, [-3, -3.5]],
    ["no norm, but a value", { globalClipNorm: null, clipValue: 3.5 }, [-3, -3.5]],
  ] as const)("when the options say %s", (_, options, expected) => {
    expect(takenFrom(options)).toEqual(expected);
  });
});

test("what is refused leaves the state of the step before", () => {
  const [stack, twin] = [0, 1].map(() => ({
    ...denseVector(2),
    optimizer: new Adam({ weightDecay: 0.1, useEma: true }),
  }));
  if (stack === undefined || twin === undefined) throw new RangeError("There are two stacks.");
  for (const { layer, setGradient, optimizer } of [stack, twin]) {
    layer.setWeights({ weight: [[1, 2]] });
    setGradient([1, 2]);
    optimizer.apply([layer]);
  }
  stack.setGradient([infinity, 1]);
  expect(() => stack.optimizer.apply([stack.layer])).toThrow(StateError);
  stack.layer.zeroGradients();
  for (const { layer, setGradient, optimizer } of [stack, twin]) {
    setGradient([3, -1]);
    optimizer.apply([layer]);
    optimizer.finalize(layer);
  }
  expectSameNamedBits(contentsOf(stack.layer), contentsOf(twin.layer));
});
