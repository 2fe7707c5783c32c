import { beforeAll, describe, expect, test } from "vitest";
import { requireCore } from "../../src/core/context.ts";
import { Adam, FormatError, LSTM, type Optimizer, OptionError, Random, SGD, StateError } from "../../src/index.ts";
import { type OptimizerLike, resolveOptimizer } from "../../src/optimizers/resolve.ts";
import { restoreState } from "../../src/optimizers/restore.ts";
import { expectSameNamedBits, loadCore, randomTensor } from "../support/layers.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";
import { accumulate, denseVector, requireBlock } from "../support/layers-training.ts";
import { OPTIMIZERS } from "../support/optimizers.ts";

const makers = Object.entries(OPTIMIZERS).map(([title, [, make]]) => [title, make] as const);

/** What a saved model holds. */
interface Saved {
  readonly optimizer: OptimizerLike;
  readonly iterations: number;
  readonly powers: readonly number[];
  readonly moments: Readonly<Record<string, readonly number[]>>;
}

const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

function save(optimizer: Optimizer, layer: LSTM): Saved {
  const state = optimizer.stateOf(layer);
  if (state === undefined) throw new RangeError("The optimizer has taken a step.");
  const { iterations, powers, moments } = state;
  const { floats } = requireBlock(layer);
  const values = moments.map(({ name, address }) => [name, [...requireCore().memory.f32(address, floats)]] as const);
  const config = { name: optimizer.name, ...optimizer.config() };
  return throughJson({ optimizer: config, iterations, powers, moments: Object.fromEntries(values) });
}

function load(saved: Saved, layer: LSTM): Optimizer {
  const optimizer = resolveOptimizer("Model", saved.optimizer);
  for (const { name, address } of restoreState(optimizer, layer, saved)) {
    requireCore()
      .memory.f32(address, requireBlock(layer).floats)
      .set(saved.moments[name] ?? []);
  }
  return optimizer;
}

const makeLayer = () => new LSTM({ units: 3, inputSize: 5, seed: 1 });

function train(optimizer: Optimizer, layer: LSTM, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    accumulate(layer, randomTensor(new Random(step), 3, 6, 5));
    optimizer.apply([layer]);
  }
}

beforeAll(async () => {
  await loadCore();
});

describe("saving an optimizer", () => {
  test.each(makers)("%s: seven steps at once and with saving after the fourth have the same bits", (_, make) => {
    const [whole, first, second] = [makeLayer(), makeLayer(), makeLayer()];
    train(make(), whole, 0, 7);
    const optimizer = make();
    train(optimizer, first, 0, 4);
    const saved = save(optimizer, first);
    second.setWeights(first.getWeights());
    const loaded = load(saved, second);
    expect(loaded).toBeInstanceOf(optimizer.constructor);
    expect([loaded.iterations, loaded.learningRate]).toEqual([4, optimizer.learningRate]);
    train(loaded, second, 4, 7);
    expectSameNamedBits(second.getWeights(), whole.getWeights());
  });

  test.each(makers)("%s: config makes an equal optimizer", (_, make) => {
    const { name } = make();
    const config = throughJson(make().config());
    expect(resolveOptimizer("Model", { name, ...config }).config()).toEqual(make().config());
  });

  test("a clipping that a model asked for is saved, and an option's null too", () => {
    const optimizer = new Adam();
    optimizer.setDefaultClipNorm(1);
    expect(optimizer.config()).toMatchObject({ globalClipNorm: 1 });
    expect(new Adam({ globalClipNorm: null }).config()).toMatchObject({ globalClipNorm: null });
    expect(new Adam().config()).not.toHaveProperty("globalClipNorm");
  });

  test("there is no state before the first step or after dispose", () => {
    const layer = makeLayer();
    const optimizer = new Adam();
    expect(optimizer.stateOf(layer)).toBeUndefined();
    train(optimizer, layer, 0, 1);
    expect(optimizer.stateOf(layer)?.moments.map(({ name }) => name)).toEqual(["mean", "variance"]);
    optimizer.dispose();
    expect(optimizer.stateOf(layer)).toBeUndefined();
  });

  test.each([
    { iterations: 3, powers: [] },
    { iterations: 3, powers: [3, 0.9] },
    { iterations: 3, powers: [3, 0.9, 0.9, 0.9] },
    { iterations: 3, powers: [3, 0.9, Number.NaN] },
    { iterations: 3, powers: [0, 0.9, 0.9] },
    { iterations: 3, powers: [1.5, 0.9, 0.9] },
    { iterations: -1, powers: [3, 0.9, 0.9] },
  ])("restore refuses %o with a FormatError", (saved) => {
    const layer = makeLayer();
    layer.getWeights();
    const optimizer = new Adam();
    expect(() => restoreState(optimizer, layer, saved)).toThrow(FormatError);
    expect([optimizer.iterations, optimizer.stateOf(layer)]).toEqual([0, undefined]);
  });

  test("restore refuses a layer without weights", () => {
    const restore = () => restoreState(new SGD(), new LSTM({ units: 1, name: "idle" }), { iterations: 1, powers: [1] });
    expectRefusal(restore, StateError, '"idle"');
  });
});

describe("resolveOptimizer", () => {
  const names = ["adadelta", "adagrad", "adam", "adamW", "adamax", "lion", "nadam", "radam", "rmsprop", "sgd"] as const;

  test.each(names)("%s is an optimizer of that name with its defaults", (name) => {
    expect(resolveOptimizer("Sequential", name).name).toBe(name);
    expect(resolveOptimizer("Sequential", { name }).config()).toEqual(resolveOptimizer("Sequential", name).config());
  });

  test("an optimizer is itself", () => {
    const optimizer = new Adam();
    expect(resolveOptimizer("Sequential", optimizer)).toBe(optimizer);
  });

  test.each([
    ["Adam", ["Sequential", '"adam"', '"Adam"']],
    ["constructor", ["Sequential", '"constructor"']],
    [{ name: "newton" }, ["Sequential", "optimizer.name", '"newton"']],
    [{ learningRate: 1 }, ["Sequential", "an object"]],
    [null, ["Sequential", "null"]],
    [{ name: "sgd", momentum: 2 }, ["SGD", "momentum", "got 2"]],
    [{ name: "sgd", beta1: 0 }, ["SGD", '"beta1"']],
    [{ name: "sgd", learningRate: null }, ["Sequential", "learningRate", "null"]],
    [{ name: "sgd", learningRate: { name: "stepDecay" } }, ["StepDecay", "initialLearningRate", "undefined"]],
  ])("refuses %j", (value, parts) => {
    expectRefusal(() => resolveOptimizer("Sequential", wrong(value)), OptionError, ...parts);
  });
});

describe("memory", () => {
  test.each(Object.entries(OPTIMIZERS))("%s: its moments and average are freed by dispose, and by the layer's", (_, [
    count,
    make,
  ]) => {
    const { layer, setGradient } = denseVector(64);
    setGradient(new Float32Array(64));
    const { memory } = requireCore();
    const before = memory.usedBytes;
    const optimizer = make();
    optimizer.apply([layer]);
    const blocks = count + ("useEma" in optimizer.config() ? 1 : 0);
    expect(memory.usedBytes - before).toBe(blocks * requireBlock(layer).floats * 4);
    optimizer.dispose();
    expect(memory.usedBytes).toBe(before);
    setGradient(new Float32Array(64));
    optimizer.apply([layer]);
    layer.dispose();
    expect(memory.usedBytes).toBeLessThan(before);
  });
});
