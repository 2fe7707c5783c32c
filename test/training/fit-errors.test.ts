import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Dense, type LossFunction, OptionError, Random, Sequential, ShapeError, StateError } from "../../src/index.ts";
import { at } from "../reference/elements.ts";
import { expectClose, expectSameNamedBits, f32, loadCore, named, randomTensor } from "../support/layers.ts";
import { quiet, smallModel, smallRows } from "../support/small-fit.ts";

beforeAll(async () => {
  await loadCore();
});

const random = new Random(81);
const [x, y] = smallRows(random);

describe("numbers that are not finite", () => {
  const bad = f32(x.data.map((value, n) => (n === 5 * 8 ? Number.NaN : value)), 12, 4, 2); // biome-ignore format: short
  const options = { batchSize: 4, shuffle: false, ...quiet } as const;

  test("throw names the layer and the step; the weights are those of the step before, to the bit", async () => {
    const [model, twin] = [smallModel(), smallModel()];
    const run = model.fit(bad, y, options);
    await expect(run).rejects.toThrow(
      /The loss is NaN at step 1 of epoch 0, first in input "input".*no weight has changed/,
    );
    await twin.fit(x, y, { ...options, stepsPerEpoch: 1 });
    expectSameNamedBits(model.getWeights(), twin.getWeights());
    expect(() => model.trainOnBatch(bad, y)).toThrow("no weight has changed");
    expectSameNamedBits(model.getWeights(), twin.getWeights());
    const history = [model, twin].map((one) => one.fit(x, y, options));
    const [a, b] = await Promise.all(history);
    expect(a?.history).toEqual(b?.history);
  });

  test("skip leaves out the update and the numbers of that batch", async () => {
    const skip = { optimizer: "sgd", loss: "meanSquaredError", onNonFinite: "skip" } as const;
    const [model, twin] = [smallModel(skip), smallModel()];
    const { history } = await model.fit(bad, y, options);
    const part = (from: number, to: number) =>
      [f32(x.data.slice(from * 8, to * 8), to - from, 4, 2), f32(y.data.slice(from, to), to - from, 1)] as const;
    const losses = [part(0, 4), part(8, 12)].map(([a, b]) => twin.trainOnBatch(a, b).loss ?? 0);
    expectSameNamedBits(model.getWeights(), twin.getWeights());
    expectClose(history.loss ?? [], [(at(losses, 0) + at(losses, 1)) / 2], "loss", { absolute: 1e-7, relative: 1e-7 });
    expect(model.optimizer.iterations).toBe(2);
    const before = model.getWeights();
    expect(model.trainOnBatch(bad, y).loss).toBeNaN();
    expectSameNamedBits(model.getWeights(), before);
  });

  test("ignore goes on with what comes out", async () => {
    const model = smallModel({ optimizer: "sgd", loss: "meanSquaredError", onNonFinite: "ignore" });
    const { history } = await model.fit(bad, y, options);
    expect(history.loss?.[0]).toBeNaN();
    expect(named(model.getWeights(), "dense.weight").data.some(Number.isNaN)).toBe(true);
  });

  test("a gradient too large for float32 throws with the step and changes nothing; skip goes on", async () => {
    const steep: LossFunction = ({ data, shape }) => ({
      value: 1,
      gradient: { data: data.map(() => Infinity), shape },
    });
    const model = smallModel({ optimizer: "sgd", loss: steep });
    const before = model.getWeights();
    await expect(model.fit(x, y, options)).rejects.toThrow(/gradient.*LSTM "lstm".*step 0 of epoch 0/);
    expectSameNamedBits(model.getWeights(), before);
    const skipping = smallModel({ optimizer: "sgd", loss: steep, onNonFinite: "skip" });
    await skipping.fit(x, y, options);
    expectSameNamedBits(skipping.getWeights(), before);
    expect(skipping.optimizer.iterations).toBe(0);
  });
});

describe("hints and messages", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("targets in the thousands are told once, on console.warn", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "log").mockImplementation(() => {});
    const model = smallModel();
    const thousands = f32(y.data.map(() => 5000), 12, 1); // biome-ignore format: short
    await model.fit(x, thousands, { epochs: 3, verbose: 2 });
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/the loss of the first epoch is .*scaled to about -1 to 1\?$/),
    ]);
    const [silent, scaled] = [smallModel(), smallModel()];
    await silent.fit(x, thousands, quiet);
    await scaled.fit(x, y, { verbose: 2 });
    expect(warn).toHaveBeenCalledTimes(1);
  });

  const wrong: readonly (readonly [string, (model: Sequential) => unknown, new (message: string) => Error, string])[] =
    [
      [
        "features",
        (m) => m.fit(randomTensor(random, 12, 4, 3), y),
        ShapeError,
        'Sequential "sequential".fit expects the input of shape [rows, steps, 2], got [12, 4, 3].',
      ],
      ["rank", (m) => m.fit(randomTensor(random, 12, 4), y), ShapeError, "of shape [rows, steps, 2], got [12, 4]."],
      [
        "target",
        (m) => m.fit(x, randomTensor(random, 12, 2)),
        ShapeError,
        "expects the target of meanSquaredError of shape [rows, 1], got [12, 2].",
      ],
      [
        "rows",
        (m) => m.fit(x, randomTensor(random, 11, 1)),
        ShapeError,
        "expects arrays with one number of rows, got 12, 11.",
      ],
      ["no target", (m) => m.fit(x, undefined as never), ShapeError, "needs targets, got undefined."],
      [
        "ragged arrays",
        (m) =>
          m.predict([
            [[1, 2]],
            [
              [1, 2],
              [3, 4],
            ],
          ] as never),
        ShapeError,
        "Nested arrays must not be ragged",
      ],
      ["an unknown option", (m) => m.fit(x, y, { batchsize: 3 } as never), OptionError, "batchsize"],
      ["a batch size of 0", (m) => m.fit(x, y, { batchSize: 0 }), OptionError, "batchSize"],
      ["a split of 1", (m) => m.fit(x, y, { validationSplit: 1 }), OptionError, "validationSplit"],
      [
        "both kinds of validation",
        (m) => m.fit(x, y, { validationSplit: 0.5, validationData: [x, y] }),
        OptionError,
        "not both",
      ],
      [
        "validation data of another shape",
        (m) => m.fit(x, y, { validationData: [x, x] }),
        ShapeError,
        "validationData expects the target",
      ],
      [
        "a length of 5 for 4 steps",
        (m) => m.fit(x, y, { lengths: Array(12).fill(5) }),
        OptionError,
        "lengths from 1 to the 4 steps of its input, got 5 for row 0",
      ],
      [
        "too few lengths",
        (m) => m.fit(x, y, { lengths: [1] }),
        ShapeError,
        "one length for each of the 12 rows, got 1",
      ],
      ["lengths that are null", (m) => m.fit(x, y, { lengths: [null] as never }), OptionError, "lengths[0]"],
      [
        "a negative weight",
        (m) => m.fit(x, y, { sampleWeight: Array(12).fill(-1) }),
        OptionError,
        "finite numbers of at least 0, got -1",
      ],
      [
        "weights of another shape",
        (m) => m.fit(x, y, { sampleWeight: [1] }),
        ShapeError,
        "expects sampleWeight [12], got [1]",
      ],
      [
        "a class weight that is none",
        (m) => m.fit(x, y, { classWeight: { a: 1 } as never }),
        OptionError,
        "classWeight",
      ],
      ["callbacks that are none", (m) => m.fit(x, y, { callbacks: [1] as never }), OptionError, "callbacks"],
      ["a signal that is none", (m) => m.fit(x, y, { signal: {} as never }), OptionError, "AbortSignal"],
    ];

  test.each(wrong)("%s: one sentence, nothing has changed", async (_what, call, kind, message) => {
    const model = smallModel();
    const before = model.getWeights();
    const progress = structuredClone(model.progress);
    const run = async () => call(model);
    const error = await run().then(() => undefined, (caught: Error) => caught); // biome-ignore format: short
    expect(error).toBeInstanceOf(kind);
    expect(error?.message).toContain(message);
    expect(error?.message).toMatch(/^[A-Z].*[.?]$/);
    expectSameNamedBits(model.getWeights(), before);
    expect(model.progress).toEqual(progress);
    await model.fit(x, y, quiet);
  });

  test("a label that is no class is found before anything runs, in every epoch's order", async () => {
    const model = new Sequential([new Dense({ units: 3, inputSize: 2, activation: "softmax" })], { seed: 1 });
    model.compile({ loss: "sparseCategoricalCrossentropy" });
    const [before, progress] = [model.getWeights(), structuredClone(model.progress)];
    expect(() => model.trainOnBatch([[1, 2]], [3])).toThrow("labels to be integers from 0 to 2, got 3");
    expect(() => model.trainOnBatch([[1, 2]], [0.5])).toThrow("got 0.5");
    expectSameNamedBits(model.getWeights(), before);
    expect(model.progress).toEqual(progress);
  });

  test("without compile", async () => {
    const model = new Sequential([new Dense({ units: 1, inputSize: 1 })]);
    await expect(model.fit([[1]], [[1]])).rejects.toThrow("was not compiled: call compile({ optimizer, loss }) first.");
    expect(() => model.evaluate([[1]], [[1]])).toThrow(StateError);
    expect(() => model.optimizer).toThrow(StateError);
    expect(model.predict([[1]]).shape).toEqual([1, 1]);
  });
});
