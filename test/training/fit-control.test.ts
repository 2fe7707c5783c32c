import { beforeAll, describe, expect, test } from "vitest";
import {
  Dense,
  ExponentialDecay,
  type LossFunction,
  LSTM,
  MeanSquaredError,
  PiecewiseConstantDecay,
  Random,
  Sequential,
  SGD,
  StateError,
} from "../../src/index.ts";
import { at } from "../reference/elements.ts";
import { expectClose, expectSameNamedBits, f32, loadCore, named } from "../support/layers.ts";
import { quiet, smallModel, smallRows } from "../support/small-fit.ts";

beforeAll(async () => {
  await loadCore();
});

const random = new Random(81);
const [x, y] = smallRows(random);

/** A loss whose gradient is 1 everywhere, so that an update is the learning rate itself. */
const slope: LossFunction = ({ data, shape }) => ({ value: 0, gradient: { data: data.map(() => 1), shape } });

function weightOf(model: Sequential): number {
  return named(model.getWeights(), "dense.weight").data[0] ?? Number.NaN;
}

describe("what an update does", () => {
  test.each([
    ["a number", 0.5, [0.5, 0.5, 0.5]],
    ["a schedule", new PiecewiseConstantDecay({ boundaries: [1, 2], values: [1, 0.5, 0.25] }), [1, 1, 0.5]],
    ["another", new ExponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 }), [1, 0.5, 0.25]],
  ] as const)("the learning rate of each step is seen in the weights: %s", async (_name, learningRate, rates) => {
    const model = new Sequential([new Dense({ units: 1, inputSize: 1, useBias: false })], { seed: 2 });
    model.compile({ optimizer: new SGD({ learningRate }), loss: slope });
    const steps: number[] = [];
    let last = weightOf(model);
    const onStepEnd = () => {
      steps.push(last - weightOf(model));
      last = weightOf(model);
    };
    await model.fit([[1], [1], [1]], [[0], [0], [0]], { batchSize: 1, callbacks: [{ onStepEnd }], ...quiet });
    expectClose(steps, rates, "rates", { absolute: 1e-6, relative: 0 });
  });

  test("a recurrent model clips to a norm of 1 unless its optimizer says otherwise; others do not clip", async () => {
    const far = f32(new Float32Array(12).fill(1e3), 12, 1);
    const move = async (optimizer: SGD, build: () => Sequential) => {
      const model = build();
      model.compile({ optimizer, loss: "meanSquaredError" });
      const before = model.getWeights();
      await model.fit(build === dense ? f32(x.data.slice(0, 24), 12, 2) : x, far, { batchSize: 12, ...quiet });
      const after = model.getWeights();
      const squares = Object.entries(before).flatMap(([name, { data }]) => {
        // The one trained bias of an LSTM stands in bias_ih.
        return name.endsWith("bias_hh") ? [] : Array.from(data, (w, n) => (w - at(named(after, name).data, n)) ** 2);
      });
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    };
    const recurrent = () =>
      new Sequential([new LSTM({ units: 3 }), new Dense({ units: 1 })], { inputShape: [null, 2], seed: 1 });
    const dense = () => new Sequential([new Dense({ units: 1, inputSize: 2 })], { seed: 1 });
    expectClose([await move(new SGD({ learningRate: 0.1 }), recurrent)], [0.1], "default", {
      absolute: 1e-5,
      relative: 0,
    });
    expectClose([await move(new SGD({ learningRate: 0.1, globalClipNorm: 3 }), recurrent)], [0.3], "3", {
      absolute: 1e-5,
      relative: 0,
    });
    expect(await move(new SGD({ learningRate: 0.1, clipValue: 1e9 }), recurrent)).toBeGreaterThan(10);
    expect(await move(new SGD({ learningRate: 0.1 }), dense)).toBeGreaterThan(10);
  });

  test("initialEpoch: epochs are numbered from it and end at epochs", async () => {
    const begun: number[] = [];
    const model = smallModel();
    const { epoch } = await model.fit(x, y, {
      initialEpoch: 3,
      epochs: 5,
      callbacks: [{ onEpochBegin: (n) => void begun.push(n) }],
      ...quiet,
    });
    expect([epoch, begun]).toEqual([[3, 4], [3, 4]]); // biome-ignore format: short
    expect((await model.fit(x, y, { initialEpoch: 3, epochs: 3, ...quiet })).epoch).toEqual([]);
  });
});

describe("the end of a training", () => {
  test("an aborted signal rejects with its reason after the step under way; the model goes on as if it had never run", async () => {
    const [model, twin] = [smallModel(), smallModel()];
    const controller = new AbortController();
    const reason = new Error("enough");
    const onStepEnd = (step: number) => {
      if (step === 1) controller.abort(reason);
    };
    const options = { batchSize: 3, shuffle: false, ...quiet };
    const run = model.fit(x, y, { ...options, epochs: 9, signal: controller.signal, callbacks: [{ onStepEnd }] });
    await expect(run).rejects.toBe(reason);
    await twin.fit(x, y, { ...options, stepsPerEpoch: 2 });
    expectSameNamedBits(model.getWeights(), twin.getWeights());
    const [after, expected] = [await model.fit(x, y, options), await twin.fit(x, y, options)];
    expect(after.history).toEqual(expected.history);
    expectSameNamedBits(model.getWeights(), twin.getWeights());
  });

  test("a signal that was aborted before trains nothing; between two updates no gradient is left over", async () => {
    const [model, twin] = [smallModel(), smallModel()];
    const before = model.getWeights();
    await expect(model.fit(x, y, { signal: AbortSignal.abort(), ...quiet })).rejects.toThrow("aborted");
    expectSameNamedBits(model.getWeights(), before);
    const onStepEnd = () => {
      throw new Error("from a callback");
    };
    const options = { batchSize: 3, gradientAccumulationSteps: 4, ...quiet };
    await expect(model.fit(x, y, { ...options, callbacks: [{ onStepEnd }] })).rejects.toThrow("from a callback");
    expectSameNamedBits(model.getWeights(), before);
    model.trainOnBatch(x, y);
    twin.trainOnBatch(x, y);
    expectSameNamedBits(model.getWeights(), twin.getWeights());
  });

  test("dispose ends it with a StateError", async () => {
    const model = smallModel();
    const run = model.fit(x, y, { epochs: 1e6, ...quiet });
    setTimeout(() => model.dispose());
    await expect(run).rejects.toThrow(StateError);
    await expect(run).rejects.toThrow("disposed");
  });

  test("a second fit, setWeights, compile and trainOnBatch wait for it; predict and evaluate see the last finished step", async () => {
    const model = smallModel();
    const controller = new AbortController();
    const run = model.fit(x, y, { epochs: 1e6, signal: controller.signal, ...quiet });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(model.fit(x, y)).rejects.toThrow("is in fit(): await it before fit.");
    expect(() => model.setWeights(model.getWeights())).toThrow(StateError);
    expect(() => model.layers[0]?.setWeights(model.layers[0].getWeights())).toThrow(StateError);
    expect(() => model.compile({ loss: "meanSquaredError" })).toThrow(StateError);
    expect(() => model.trainOnBatch(x, y)).toThrow(StateError);
    const twin = new Sequential([new LSTM({ units: 3 }), new Dense({ units: 1 })], { inputShape: [null, 2] });
    twin.setWeights(model.getWeights());
    expect(model.predict(x)).toEqual(twin.predict(x));
    const first = model.evaluate(x, y).loss ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(model.evaluate(x, y).loss).toBeLessThan(first);
    controller.abort();
    await expect(run).rejects.toThrow();
    model.compile({ loss: "meanSquaredError" });
  });

  test("a loss may use losses of the library, in training and in evaluation", async () => {
    const library = new MeanSquaredError();
    const large = f32(new Float32Array(1e5), 1e5, 1);
    const own: LossFunction = (prediction, target) => {
      library.compute(large, large);
      return library.compute(prediction, target);
    };
    const metrics = ["meanSquaredError", "meanAbsoluteError"] as const;
    const [a, b] = [
      smallModel({ optimizer: "sgd", loss: own, metrics }),
      smallModel({ optimizer: "sgd", loss: "meanSquaredError", metrics: ["meanAbsoluteError"] }),
    ];
    const [mine, theirs] = [
      await a.fit(x, y, { validationData: [x, y], ...quiet }),
      await b.fit(x, y, { validationData: [x, y], ...quiet }),
    ];
    expectSameNamedBits(a.getWeights(), b.getWeights());
    for (const name of ["loss", "meanAbsoluteError", "val_loss", "val_meanAbsoluteError"])
      expectClose(mine.history[name] ?? [], theirs.history[name] ?? [], name, { absolute: 1e-6, relative: 1e-6 });
    expect(mine.history.val_meanSquaredError?.[0]).toBeCloseTo(mine.history.val_loss?.[0] ?? 0, 6);
  });
});
