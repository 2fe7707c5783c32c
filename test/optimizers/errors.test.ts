import { beforeAll, describe, expect, test } from "vitest";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Dense,
  type Layer,
  Lion,
  LSTM,
  Nadam,
  OptionError,
  RAdam,
  RMSprop,
  SGD,
  StateError,
} from "../../src/index.ts";
import { contentsOf, expectSameNamedBits, f32, loadCore } from "../support/layers.ts";
import { expectRefusal, type Refusal, refusal, wrong } from "../support/layers-errors.ts";
import { accumulate, denseVector } from "../support/layers-training.ts";

beforeAll(async () => {
  await loadCore();
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("learning rates, given or set later", () => {
  test.each([-1, nan, infinity, -infinity, "0.1"])("%s", (value) => {
    const got = typeof value === "string" ? `got "${value}"` : `got ${value}`;
    for (const Class of [SGD, Adam, AdamW, RMSprop, Adagrad, Adadelta, Nadam, Adamax, RAdam, Lion]) {
      expectRefusal(() => new Class({ learningRate: wrong(value) }), OptionError, Class.name, "learningRate", got);
      const optimizer = new Class({ learningRate: 0.5 });
      const set = () => {
        optimizer.learningRate = wrong(value);
      };
      expectRefusal(set, OptionError, Class.name, "learningRate", got);
      expect(optimizer.learningRate).toBe(0.5);
    }
  });
});

describe("options of optimizers", () => {
  const numbers = [
    ["momentum", [1, 1.5, -0.1, nan, infinity], (momentum: number) => new SGD({ momentum })],
    ["beta1", [1, -0.1, nan], (beta1: number) => new Adam({ beta1 })],
    ["beta2", [1, -0.1, nan], (beta2: number) => new AdamW({ beta2 })],
    ["epsilon", [0, -1, 1e-46, nan], (epsilon: number) => new Adam({ epsilon })],
    ["globalClipNorm", [0, -1, nan, infinity], (globalClipNorm: number) => new SGD({ globalClipNorm })],
    ["clipValue", [0, -1, nan, infinity], (clipValue: number) => new Adam({ clipValue })],
    ["weightDecay", [-1, nan, infinity], (weightDecay: number) => new AdamW({ weightDecay })],
    ["weightDecay", [-1, nan, infinity], (weightDecay: number) => new SGD({ weightDecay })],
    ["rho", [1, -0.1, nan], (rho: number) => new RMSprop({ rho })],
    ["momentum", [1, -0.1, nan], (momentum: number) => new RMSprop({ momentum })],
    ["epsilon", [0, 1e-46, nan], (epsilon: number) => new RMSprop({ epsilon })],
    ["initialAccumulator", [-1, nan, infinity], (initialAccumulator: number) => new Adagrad({ initialAccumulator })],
    ["learningRateDecay", [-1, nan, infinity], (learningRateDecay: number) => new Adagrad({ learningRateDecay })],
    ["rho", [1, -0.1, nan], (rho: number) => new Adadelta({ rho })],
    ["momentumDecay", [-1, nan, infinity], (momentumDecay: number) => new Nadam({ momentumDecay })],
    ["beta2", [1, -0.1, nan], (beta2: number) => new Adamax({ beta2 })],
    ["beta1", [1, -0.1, nan], (beta1: number) => new RAdam({ beta1 })],
    ["beta2", [1, -0.1, nan], (beta2: number) => new Lion({ beta2 })],
    ["emaMomentum", [-0.1, 1.1, nan], (emaMomentum: number) => new SGD({ useEma: true, emaMomentum })],
    ["emaOverwriteFrequency", [0, 1.5, nan], (emaOverwriteFrequency: number) => new SGD({ emaOverwriteFrequency })],
  ] as const;

  test.each(numbers)("%s %j", (option, values, make) => {
    for (const value of values) expectRefusal(() => make(value), OptionError, option, `got ${value}`);
  });

  const nulls: readonly (readonly [string, () => unknown])[] = [
    ...["learningRate", "momentum", "nesterov", "preset", "weightDecay", "clipValue", "useEma", "emaMomentum"].map(
      (option) => [option, () => new SGD(wrong({ [option]: null }))] as const,
    ),
    ...["beta1", "beta2", "epsilon", "amsgrad"].map(
      (option) => [option, () => new Adam(wrong({ [option]: null }))] as const,
    ),
    ["centered", () => new RMSprop({ centered: wrong(null) })],
    ["initialAccumulator", () => new Adagrad({ initialAccumulator: wrong(null) })],
  ];
  test.each(nulls)("%s null is refused, not taken for the default", (option, call) => {
    expectRefusal(call, OptionError, option, "got null");
  });

  test("undefined is the default, and null is none for the two that have it", () => {
    const undefineds = { learningRate: undefined, clipValue: undefined, weightDecay: undefined, amsgrad: undefined };
    expect(new Adam(undefineds).config()).toEqual(new Adam().config());
    expect(() => new Adam({ globalClipNorm: null, emaOverwriteFrequency: null })).not.toThrow();
  });

  const rows: readonly Refusal<void>[] = [
    refusal("Nesterov without momentum", () => new SGD({ nesterov: true }), OptionError, "SGD", "momentum", "got 0"),
    refusal("preset torch", () => new SGD({ preset: wrong("torch") }), OptionError, '"keras" or "pytorch"', '"torch"'),
    refusal("misspelt", () => new Adam(wrong({ learningrate: 1 })), OptionError, 'did you mean "learningRate"'),
    refusal("no object", () => new AdamW(wrong(0.01)), OptionError, "AdamW", "0.01"),
  ];
  test.each(rows)("$what", ({ call, type, parts }) => expectRefusal(call, type, ...parts));
});

interface Stack {
  readonly optimizer: Adam;
  readonly lstm: LSTM;
  readonly dense: Dense;
}

const x = f32([1, -2, 3, 0.5], 1, 2, 2);

function makeStack(): Stack {
  const lstm = new LSTM({ units: 3, inputSize: 2, name: "encoder", seed: 1 });
  const dense = new Dense({ units: 1, inputSize: 2, name: "head", seed: 2 });
  for (const layer of [lstm, dense]) accumulate(layer, x);
  return { optimizer: new Adam({ globalClipNorm: 1 }), lstm, dense };
}

const applies: readonly Refusal<Stack>[] = [
  refusal("no layers", ({ optimizer }) => optimizer.apply([]), OptionError, "Adam.apply", "an array of length 0"),
  refusal("no array", ({ optimizer, lstm }) => optimizer.apply(wrong(lstm)), OptionError, "Adam.apply", "an object"),
  refusal("what is no layer", ({ optimizer, lstm }) => optimizer.apply([lstm, wrong(5)]), OptionError, "got 5"),
  refusal("a layer twice", ({ optimizer, lstm, dense }) => optimizer.apply([lstm, dense, lstm]), OptionError, '"encoder"', "twice"), // biome-ignore format: a row
  refusal("a layer without gradients", ({ optimizer, lstm }) => optimizer.apply([lstm, new Dense({ units: 1, inputSize: 1, name: "idle" })]), StateError, '"idle"', "backward"), // biome-ignore format: a row
  refusal("a layer without weights", ({ optimizer, lstm }) => optimizer.apply([lstm, new LSTM({ units: 1, name: "idle" })]), StateError, '"idle"', "backward"), // biome-ignore format: a row
];

describe("apply: a typed error, then weights, gradients and moments as before", () => {
  test.each(applies)("$what", ({ call, type, parts }) => {
    const [stack, twin] = [makeStack(), makeStack()];
    for (const { optimizer, lstm, dense } of [stack, twin]) {
      optimizer.apply([lstm, dense]);
      for (const layer of [lstm, dense]) accumulate(layer, x);
    }
    expectRefusal(() => call(stack), type, ...parts);
    for (const { optimizer, lstm, dense } of [stack, twin]) optimizer.apply([lstm, dense]);
    expectSameNamedBits(contentsOf(stack.lstm), contentsOf(twin.lstm));
    expectSameNamedBits(contentsOf(stack.dense), contentsOf(twin.dense));
  });

  describe.each([{}, { globalClipNorm: 1 }, { clipValue: 1 }])("with %o", (options) => {
    test.each([
      nan,
      infinity,
      -infinity,
    ])("a gradient of %s changes no weight; after zeroGradients all goes on", (bad) => {
      const [good, broken] = [denseVector(5), denseVector(7)];
      const optimizer = new SGD({ momentum: 0.9, ...options });
      good.setGradient([1, 2, 3, 4, 5]);
      broken.setGradient([0, 0, 0, 0, bad, 0, 0]);
      const layers: readonly Layer[] = [good.layer, broken.layer];
      const before = layers.map((layer) => layer.getWeights());
      expectRefusal(() => optimizer.apply(layers), StateError, 'Dense "dense"', "not finite", "zeroGradients()");
      for (const [n, layer] of layers.entries()) expectSameNamedBits(layer.getWeights(), before[n] ?? {});
      broken.layer.zeroGradients();
      broken.setGradient([0, 0, 0, 0, 0, 0, 1]);
      optimizer.apply(layers);
      expect(layers.every((layer) => !layer.hasGradients)).toBe(true);
    });
  });
});
