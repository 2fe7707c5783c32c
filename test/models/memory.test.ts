import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { requireCore } from "../../src/core/context.ts";
import { Adam, Dense, input, LSTM, load, Model, Sequential, StateError } from "../../src/index.ts";
import { bitsOf, loadCore } from "../support/layers.ts";
import { makeModel, targets, tokens, usedByModels } from "../support/models-memory.ts";

const ROWS = 20;
const STEPS = 6;
const x = tokens(ROWS, STEPS);
const y = targets(ROWS, STEPS);
/** No step is padding. */
const unmasked = { ...x, data: x.data.map((id) => Math.max(1, id)) };

const train = (model: Sequential) => model.fit(x, y, { verbose: 0 });

beforeAll(async () => {
  await loadCore();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Fails when anything is allocated, freed or grown while `call` runs. */
async function expectNoAllocation(call: () => unknown): Promise<void> {
  const { memory } = requireCore();
  const before = [memory.usedBytes, memory.byteLength];
  const allocate = vi.spyOn(memory, "allocate");
  const free = vi.spyOn(memory, "free");
  await call();
  expect([allocate.mock.calls, free.mock.calls]).toEqual([[], []]);
  expect([memory.usedBytes, memory.byteLength]).toEqual(before);
}

describe("memory of models", () => {
  test("after the first of its largest batch, 500 steps of training and validation allocate nothing", async () => {
    const model = makeModel();
    // The last batch of each epoch is smaller, and masks differ from batch to batch.
    const options = { batchSize: 8, verbose: 0, validationData: [x, y], validationBatchSize: 7 } as const;
    await model.fit(unmasked, y, { ...options, validationData: [unmasked, y] });
    await expectNoAllocation(async () => {
      const { history } = await model.fit(x, y, { ...options, epochs: Math.ceil(500 / 3) });
      expect(history.loss?.length).toBe(167);
    });
    model.dispose();
  });

  test("so do truncated pieces, accumulated gradients and batches one by one", async () => {
    const model = makeModel();
    const train = async (ids: typeof x, epochs: number) => {
      await model.fit(ids, y, { verbose: 0, epochs, batchSize: 8, truncatedSteps: 4, gradientAccumulationSteps: 3 });
      for (let n = 0; n < epochs; n++) model.trainOnBatch(ids, y);
    };
    await train(unmasked, 1);
    await expectNoAllocation(() => train(x, 20));
    model.dispose();
  });

  test("predict, evaluate and streams allocate nothing after their first call", async () => {
    const model = makeModel();
    const stream = model.stream({ rows: 2 });
    const use = (ids: typeof x) => {
      model.predict(ids, { batchSize: 7 });
      model.evaluate(ids, y, { batchSize: 9 });
      stream.step([1, 2]);
      stream.reset();
    };
    use(unmasked);
    await expectNoAllocation(() => {
      for (let n = 0; n < 100; n++) use(x);
    });
    stream.dispose();
    model.dispose();
  });

  test("dispose frees all bytes, whatever the model has done", async () => {
    const model = makeModel();
    await model.fit(x, y, { verbose: 0 });
    model.predict(x);
    const streams = [model.stream(), model.stream({ rows: 3 })];
    const loaded = load(model.save({ optimizer: true }));
    await loaded.fit(x, y, { verbose: 0 });
    loaded.compile({ loss: "mae" });
    for (const one of [loaded, model, ...streams]) one.dispose();
    expect(usedByModels()).toBe(0);
  });

  test("100 cycles of create, train, stream, save, load and dispose leave memory as the first one did", async () => {
    const { memory } = requireCore();
    const cycle = async (seed: number) => {
      const model = makeModel(seed);
      await model.fit(x, y, { verbose: 0 });
      const stream = model.stream();
      stream.step(3);
      const loaded = load(model.save({ optimizer: true }));
      loaded.trainOnBatch(x, y);
      for (const one of [loaded, stream, model]) one.dispose();
      expect(usedByModels()).toBe(0);
    };
    await cycle(0);
    const before = [memory.usedBytes, memory.byteLength];
    for (let seed = 1; seed <= 100; seed++) await cycle(seed);
    expect([memory.usedBytes, memory.byteLength]).toEqual(before);
  });

  test("what a model gave out outlives it", () => {
    const model = makeModel();
    model.trainOnBatch(x, y);
    const stream = model.stream();
    const given = () => [model.predict(x), ...Object.values(model.getWeights())].map((one) => bitsOf(one).slice());
    const results = [model.predict(x), ...Object.values(model.getWeights())];
    const output = stream.step(2);
    const [before, step] = [given(), output.slice()];
    model.dispose();
    stream.dispose();
    const other = makeModel(9);
    other.predict(x);
    other.dispose();
    expect(results.map((one) => bitsOf(one))).toEqual(before);
    expect(output).toEqual(step);
  });
});

describe("models over the same layers", () => {
  /** A trained model, one that gives its states, and one with a head of its own over them. */
  function makeShared() {
    const symbol = input({ shape: [null, 2] });
    const lstm = new LSTM({ units: 3 });
    const states = lstm.apply(symbol);
    const trained = new Model({ inputs: symbol, outputs: new Dense({ units: 1 }).apply(states), seed: 1 });
    const inner = new Model({ inputs: symbol, outputs: states });
    const second = new Model({ inputs: symbol, outputs: new Dense({ units: 2 }).apply(states), seed: 2 });
    return { trained, inner, second };
  }

  type Name = keyof ReturnType<typeof makeShared>;
  const names: readonly Name[] = ["trained", "inner", "second"];
  const orders = names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c] as const)));
  const permutations = orders.filter((order) => new Set(order).size === 3);
  const rows = [[[1, 2], [3, 4]]]; // biome-ignore format: one row

  test.each(
    permutations.flatMap((order) => permutations.map((uses) => [order, uses] as const)),
  )("disposed as %s after a first use as %s: nothing stays, and those left work or say that they cannot", (order, uses) => {
    const models = makeShared();
    for (const name of uses) {
      if (name === "trained") {
        models.trained.compile({ loss: "mse" });
        models.trained.trainOnBatch(rows, [[1]]);
      } else models[name].predict(rows);
    }
    const before = new Map(names.map((name) => [name, bitsOf(models[name].predict(rows))]));
    const left = new Set<Name>(names);
    for (const name of order) {
      models[name].dispose();
      left.delete(name);
      for (const other of left) {
        try {
          expect(bitsOf(models[other].predict(rows))).toEqual(before.get(other));
        } catch (error) {
          if (!(error instanceof StateError)) throw error;
          expect(error.message).toMatch(/disposed/);
        }
      }
    }
    expect(usedByModels()).toBe(0);
  });

  test("a model keeps working when one is disposed that only used its layers", () => {
    const { trained, inner, second } = makeShared();
    trained.compile({ loss: "mse" });
    const before = bitsOf(trained.predict(rows));
    inner.predict(rows);
    second.predict(rows);
    inner.dispose();
    second.dispose();
    expect(bitsOf(trained.predict(rows))).toEqual(before);
    trained.trainOnBatch(rows, [[1]]);
    trained.dispose();
    expect(usedByModels()).toBe(0);
  });
});

describe("what is forgotten is freed by the collector", () => {
  // `forget` is a function of its own, so that no variable keeps its models.
  async function expectFreed(forget: () => unknown, most: number = 0): Promise<void> {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    await forget();
    expect(usedByModels()).toBeGreaterThan(most);
    for (let turn = 0; turn < 200 && usedByModels() > most; turn++) {
      collect();
      await setTimeout(5);
    }
    expect(usedByModels()).toBe(most);
  }

  test("models that were trained, with their optimizers", async () => {
    await expectFreed(async () => {
      for (let n = 0; n < 10; n++) await train(makeModel());
    });
  });

  test("models whose layers were used before", async () => {
    await expectFreed(() => {
      const dense = new Dense({ units: 2, inputSize: 2 });
      dense.forward([[1, 2]], { training: true });
      new Sequential([dense]).predict([[1, 2]]);
    });
  });

  test("streams, while their model lives", async () => {
    const model = makeModel();
    model.predict(x);
    await expectFreed(() => {
      for (let n = 0; n < 10; n++) model.stream().step(1);
    }, usedByModels());
    model.predict(x);
    model.dispose();
  });

  test("models, while the optimizer that trained them lives and after it was disposed", async () => {
    const optimizer = new Adam();
    const forget = () => {
      const model = new Sequential([new Dense({ units: 1 })], { inputShape: [2] });
      model.compile({ optimizer, loss: "mse" });
      model.trainOnBatch([[1, 2]], [[1]]);
    };
    await expectFreed(forget);
    forget();
    optimizer.dispose();
    await expectFreed(forget);
    optimizer.dispose();
  });

  test("loaded models", async () => {
    const bytes = makeModel().save();
    await expectFreed(() => load(bytes).predict(x));
  });
});
