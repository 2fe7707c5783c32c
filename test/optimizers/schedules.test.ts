import { beforeAll, describe, expect, test } from "vitest";
import {
  Adam,
  ConstantLearningRate,
  CosineDecay,
  ExponentialDecay,
  LearningRateSchedule,
  OptionError,
  PiecewiseConstantDecay,
  SGD,
  StepDecay,
} from "../../src/index.ts";
import { scheduleOf } from "../../src/optimizers/schedules.ts";
import { loadCore, named } from "../support/layers.ts";
import { expectRefusal, type Refusal, refusal, wrong } from "../support/layers-errors.ts";
import { denseVector } from "../support/layers-training.ts";

const decay = { initialLearningRate: 0.1, decaySteps: 30, decayRate: 0.7 };
const cosine = { initialLearningRate: 0.1, decaySteps: 40, alpha: 0.2 };
const warmup = { ...cosine, warmupSteps: 10, warmupTarget: 0.5 };

/** Keras's formulas, and PyTorch's StepLR. */
const exponential = (step: number) => 0.1 * 0.7 ** (step / 30);
const steps = (step: number) => 0.1 * 0.7 ** Math.floor(step / 30);
function cosineFrom(step: number, rate: number): number {
  const cosineDecayed = 0.5 * (1 + Math.cos((Math.PI * Math.min(step, 40)) / 40));
  return rate * ((1 - 0.2) * cosineDecayed + 0.2);
}
const warmedUp = (step: number) => (step < 10 ? 0.1 + ((0.5 - 0.1) * step) / 10 : cosineFrom(step - 10, 0.5));

const formulas: readonly (readonly [string, LearningRateSchedule, (step: number) => number])[] = [
  ["ConstantLearningRate", new ConstantLearningRate({ learningRate: 0.3 }), () => 0.3],
  ["StepDecay", new StepDecay(decay), steps],
  ["ExponentialDecay", new ExponentialDecay(decay), exponential],
  ["ExponentialDecay in stairs", new ExponentialDecay({ ...decay, staircase: true }), steps],
  ["CosineDecay", new CosineDecay(cosine), (step) => cosineFrom(step, 0.1)],
  ["CosineDecay after a warmup", new CosineDecay(warmup), warmedUp],
  [
    "PiecewiseConstantDecay",
    new PiecewiseConstantDecay({ boundaries: [10, 25], values: [1, 0.5, 0.1] }),
    (step) => (step <= 10 ? 1 : step <= 25 ? 0.5 : 0.1),
  ],
  ["PiecewiseConstantDecay of one value", new PiecewiseConstantDecay({ boundaries: [], values: [0.2] }), () => 0.2],
];

beforeAll(async () => {
  await loadCore();
});

describe("schedules: Keras's formulas within 1e-14 relative, at every step up to 120 and at a million", () => {
  test.each(formulas)("%s", (_, schedule, formula) => {
    for (const step of [...Array(121).keys(), 1_000_000]) {
      const expected = formula(step);
      expect(Math.abs(schedule.at(step) - expected), `step ${step}`).toBeLessThanOrEqual(1e-14 * expected);
    }
  });

  test.each(formulas)("%s is equal after saving as JSON", (_, schedule) => {
    const saved: unknown = JSON.parse(JSON.stringify({ name: schedule.name, ...schedule.config() }));
    const loaded = scheduleOf("Model", saved);
    expect(loaded.constructor).toBe(schedule.constructor);
    for (let step = 0; step < 60; step++) expect(loaded.at(step)).toBe(schedule.at(step));
  });

  test("a decay rate of 1 changes nothing", () => {
    expect(new ExponentialDecay({ ...decay, decayRate: 1 }).at(77)).toBe(0.1);
  });
});

describe("an optimizer with a schedule", () => {
  test("takes at(0) first, shows the rate of the next step, counts its steps", () => {
    const { layer, setGradient } = denseVector(1);
    const optimizer = new SGD({ learningRate: new PiecewiseConstantDecay({ boundaries: [1], values: [1, 0.5] }) });
    layer.setWeights({ weight: [[0]] });
    const rates = [0, 1, 2, 3].map(() => {
      const before = named(layer.getWeights(), "weight").data[0] ?? 0;
      const { learningRate } = optimizer;
      setGradient([1]);
      optimizer.apply([layer]);
      return [learningRate, before - (named(layer.getWeights(), "weight").data[0] ?? 0)];
    });
    expect(rates).toEqual([[1, 1], [1, 1], [0.5, 0.5], [0.5, 0.5]]); // biome-ignore format: a row
    expect(optimizer.iterations).toBe(4);
  });

  test("refuses another rate, and one that the schedule makes up", () => {
    class Wild extends LearningRateSchedule {
      readonly name = "wild";
      at(step: number): number {
        return step === 0 ? 0.1 : Number.NaN;
      }
      config(): Record<string, unknown> {
        return {};
      }
    }
    const optimizer = new Adam({ learningRate: new Wild() });
    const set = () => {
      optimizer.learningRate = 0.5;
    };
    expectRefusal(set, OptionError, "Adam", "wild", "0.5");
    const { layer, setGradient } = denseVector(2);
    setGradient([1, 1]);
    optimizer.apply([layer]);
    setGradient([1, 1]);
    const before = layer.getWeights();
    expectRefusal(() => optimizer.apply([layer]), OptionError, "Adam", "learningRate", "NaN");
    expect(layer.getWeights()).toEqual(before);
    expect([layer.hasGradients, optimizer.iterations]).toEqual([true, 1]);
  });
});

describe("options of schedules", () => {
  const piecewise = (boundaries: unknown, values: unknown) => () =>
    new PiecewiseConstantDecay(wrong({ boundaries, values }));
  const refusals: readonly Refusal<void>[] = [
    refusal("no options", () => new StepDecay(wrong(undefined)), OptionError, "StepDecay", "undefined"),
    refusal("a missing rate", () => new StepDecay(wrong({ decaySteps: 1, decayRate: 1 })), OptionError, "initialLearningRate", "undefined"), // biome-ignore format: a row
    refusal("decaySteps 0", () => new ExponentialDecay({ ...decay, decaySteps: 0 }), OptionError, "ExponentialDecay", "decaySteps", "got 0"), // biome-ignore format: a row
    refusal("decayRate 0", () => new StepDecay({ ...decay, decayRate: 0 }), OptionError, "decayRate", "got 0"),
    refusal("staircase 1", () => new ExponentialDecay({ ...decay, staircase: wrong(1) }), OptionError, "staircase", "got 1"), // biome-ignore format: a row
    refusal("alpha 2", () => new CosineDecay({ ...cosine, alpha: 2 }), OptionError, "alpha", "got 2"),
    refusal("alpha null", () => new CosineDecay({ ...cosine, alpha: wrong(null) }), OptionError, "alpha", "got null"),
    refusal("a warmup to nowhere", () => new CosineDecay({ ...cosine, warmupSteps: 5 }), OptionError, "warmupTarget"),
    refusal("misspelt", () => new CosineDecay(wrong({ ...cosine, warmupstep: 5 })), OptionError, 'did you mean "warmupSteps"'), // biome-ignore format: a row
    refusal("a negative rate", () => new ConstantLearningRate({ learningRate: -1 }), OptionError, "learningRate", "got -1"), // biome-ignore format: a row
    refusal("boundaries that fall", piecewise([5, 5], [1, 1, 1]), OptionError, "boundaries[1]", "got 5"),
    refusal("boundaries that are no array", piecewise(5, [1]), OptionError, "boundaries", "got 5"),
    refusal("as many values as boundaries", piecewise([5], [1]), OptionError, "values", "2 rates", "length 1"),
    refusal("a value that is no rate", piecewise([5], [1, "x"]), OptionError, "values[1]", '"x"'),
    refusal("a saved schedule of no name", () => scheduleOf("Model", { decaySteps: 1 }), OptionError, "Model", "schedule"), // biome-ignore format: a row
    refusal("a saved schedule of another name", () => scheduleOf("Model", { name: "toString" }), OptionError, "Model", '"stepDecay"', '"toString"'), // biome-ignore format: a row
    refusal("a schedule where none is", () => new Adam({ learningRate: wrong({ at: () => 1 }) }), OptionError, "Adam", "learningRate", "an object"), // biome-ignore format: a row
  ];
  test.each(refusals)("$what", ({ call, type, parts }) => expectRefusal(call, type, ...parts));
});
