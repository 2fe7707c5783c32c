import { beforeAll, describe, expect, test } from "vitest";
import {
  type CompileOptions,
  Dense,
  LearningRateSchedule,
  type LossFunction,
  load,
  type MetricFunction,
  Sequential,
  SGD,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import type { Loss } from "../../src/losses/loss.ts";
import { RowLoss } from "../../src/losses/row-loss.ts";
import { Metric } from "../../src/metrics/metric.ts";
import { Optimizer } from "../../src/optimizers/optimizer.ts";
import { configIn } from "../support/edited-file.ts";
import { loadCore } from "../support/layers.ts";
import {
  type Class,
  classesOf,
  expectAllOptions,
  expectRoundTrip,
  type Options,
  optionsOf,
  trainOnce,
} from "../support/round-trip.ts";
import { ids, numbers } from "../support/saved-models.ts";

const ROWS = 6;
const CLASSES = 3;

beforeAll(async () => {
  await loadCore();
});

/** Targets that are numbers, shares of classes, yes or no, classes. */
const TARGETS: Readonly<Record<string, () => Tensor>> = {
  values: () => numbers(2, ROWS, CLASSES),
  shares: () =>
    tensor(
      Float32Array.from({ length: ROWS * CLASSES }, (_, i) => (i % CLASSES === i % 2 ? 1 : 0)),
      [ROWS, CLASSES],
    ),
  labels: () => ids(2, CLASSES, ROWS),
};

function roundTrip(
  options: CompileOptions,
  target: string,
  activation: "linear" | "softmax" | "sigmoid" = "softmax",
): void {
  const layers = [new Dense({ units: 4, activation: "tanh" }), new Dense({ units: CLASSES, activation })];
  const model = new Sequential(layers, { inputShape: [2], seed: 5 });
  model.compile(options);
  const [x, y] = [[numbers(1, ROWS, 2)], [(TARGETS[target] as () => Tensor)()]];
  trainOnce(model, x, y);
  const again = expectRoundTrip(model, x, y);
  const [own] = [model, again].map(({ compiled: { optimizer, objective } }) => ({
    optimizer: [optimizer.name, optimizer.config(), optimizer.iterations],
    aims: objective.aims.map((aim) => [aim?.loss.name, aim?.loss.config(), aim?.lossWeight, aim?.prefix]),
    metrics: objective.aims.map((aim) => aim?.metrics.map((metric) => [metric.kind, metric.name, metric.config()])),
    logs: Object.keys(objective.logs()),
  }));
  expect([own]).toEqual([own]);
  const evaluated = [model, again].map((one) => one.evaluate(x[0] as Tensor, y[0] as Tensor));
  expect(evaluated[1]).toEqual(evaluated[0]);
  again.dispose();
  model.dispose();
}

/** Options of each loss, none as it is when left out, and the kind of target. */
const LOSSES: Readonly<Record<string, readonly [target: string, ...options: readonly Options[]]>> = {
  MeanSquaredError: ["values", {}],
  MeanAbsoluteError: ["values", {}],
  Huber: ["values", { delta: 0.1 }],
  LogCosh: ["values", {}],
  Poisson: ["shares", {}],
  KLDivergence: ["shares", {}],
  BinaryCrossentropy: [
    "shares",
    { fromLogits: true, labelSmoothing: 0.25, positiveWeight: 3 },
    { positiveWeight: [1, 2, 3] },
  ],
  CategoricalCrossentropy: ["shares", { fromLogits: true, labelSmoothing: 0.25, classWeights: [1, 2, 3] }],
  SparseCategoricalCrossentropy: [
    "labels",
    { fromLogits: true, labelSmoothing: 0.25, classWeights: [1, 2, 3], ignoreIndex: 2 },
    { ignoreIndex: -100 },
  ],
};

const METRICS: typeof LOSSES = {
  BinaryAccuracy: ["shares", { threshold: 0.25, name: "right" }],
  CategoricalAccuracy: ["shares", { name: "first" }],
  SparseCategoricalAccuracy: ["labels", { name: "sparse" }],
  TopKCategoricalAccuracy: ["shares", { k: 2, name: "top" }],
  SparseTopKCategoricalAccuracy: ["labels", { k: 2, name: "constructor" }],
  MeanSquaredErrorMetric: ["values", { name: "square" }],
  RootMeanSquaredError: ["values", { name: "root" }],
  MeanAbsoluteErrorMetric: ["values", { name: "absolute" }],
  MeanAbsolutePercentageError: ["values", { name: "percent" }],
  Perplexity: ["labels", { fromLogits: true, name: "toString" }],
  Precision: ["shares", { threshold: 0.25, classId: 1, name: "\u{1f600}" }, { average: "macro", name: "mean" }],
  Recall: ["labels", { threshold: 0.25, classId: 1, name: "one" }, { average: "macro", name: "mean" }],
  F1Score: ["shares", { threshold: 0.25, classId: 1, name: "one" }, { average: "macro", name: "mean" }],
  AUC: ["shares", { curve: "pr", fromLogits: true, thresholds: 17, name: "area" }],
};

describe("a model compiled with a loss is the same after it was saved and loaded:", () => {
  const cases = Object.entries(LOSSES).flatMap(([kind, [target, ...list]]) =>
    list.map((options) => [kind, options, target] as const),
  );

  test.each(cases)("%s %o", (kind, options, target) => {
    const LossClass = classesOf(RowLoss).get(kind) as Class<Loss>;
    roundTrip({ optimizer: "sgd", loss: new LossClass(options) }, target);
  });

  test("every loss that is exported is above, with every option", () => {
    const classes = classesOf(RowLoss);
    expect(Object.keys(LOSSES).sort()).toEqual([...classes.keys()].sort());
    for (const [kind, [, ...list]] of Object.entries(LOSSES)) {
      const known = optionsOf((options) => new (classes.get(kind) as Class<RowLoss>)(options));
      expectAllOptions(known, list, ["none"]);
    }
  });

  test("weights of losses, and what to do with numbers that are not finite", () => {
    roundTrip({ loss: ["mse"], lossWeights: [0.25], onNonFinite: "skip" }, "values");
    roundTrip({ loss: "mae", onNonFinite: "ignore" }, "values");
  });
});

describe("a model compiled with a metric is the same after it was saved and loaded:", () => {
  const cases = Object.entries(METRICS).flatMap(([kind, [target, ...list]]) =>
    list.map((options) => [kind, options, target] as const),
  );

  test.each(cases)("%s %o", (kind, options, target) => {
    const MetricClass = classesOf(Metric).get(kind) as Class<Metric>;
    const loss = target === "labels" ? "sparseCategoricalCrossentropy" : "mse";
    roundTrip({ loss, metrics: [new MetricClass(options), new MetricClass({ name: "plain" })] }, target);
  });

  test.each([
    "accuracy",
    "acc",
    "precision",
    "recall",
    "f1",
    "mse",
    "rmse",
    "mae",
    "mape",
    "auc",
  ] as const)("%s, by name", (name) => {
    roundTrip({ loss: "binaryCrossentropy", metrics: [name] }, "shares", "sigmoid");
  });

  test("every metric that is exported is above, with every option", () => {
    const classes = classesOf(Metric);
    expect(Object.keys(METRICS).sort()).toEqual([...classes.keys()].sort());
    for (const [kind, [, ...list]] of Object.entries(METRICS)) {
      expectAllOptions(
        optionsOf((options) => new (classes.get(kind) as Class<Metric>)(options)),
        list,
        [],
      );
    }
  });
});

const COMMON: Options = {
  learningRate: 0.0625,
  preset: "pytorch",
  weightDecay: 0.125,
  globalClipNorm: 0.5,
  clipValue: 0.25,
};
const AVERAGE: Options = { useEma: true, emaMomentum: 0.75, emaOverwriteFrequency: 2 };
const ADAM: Options = { beta1: 0.5, beta2: 0.75, epsilon: 0.125 };

const OPTIMIZERS: Readonly<Record<string, Options>> = {
  Adadelta: { rho: 0.5, epsilon: 0.125 },
  Adagrad: { initialAccumulator: 0.5, learningRateDecay: 0.25, epsilon: 0.125 },
  Adam: { ...ADAM, amsgrad: true },
  AdamW: { ...ADAM, amsgrad: true },
  Adamax: ADAM,
  Lion: { beta1: 0.5, beta2: 0.75 },
  Nadam: { ...ADAM, momentumDecay: 0.5 },
  RAdam: ADAM,
  RMSprop: { rho: 0.5, momentum: 0.25, epsilon: 0.125, centered: true },
  SGD: { momentum: 0.5, nesterov: true },
};

const SCHEDULES: Readonly<Record<string, readonly Options[]>> = {
  ConstantLearningRate: [{ learningRate: 0.5 }],
  CosineDecay: [
    { initialLearningRate: 0.5, decaySteps: 3 },
    { initialLearningRate: 0, decaySteps: 3, alpha: 0.25, warmupSteps: 2, warmupTarget: 0.5 },
  ],
  ExponentialDecay: [{ initialLearningRate: 0.5, decaySteps: 3, decayRate: 0.5, staircase: true }],
  PiecewiseConstantDecay: [{ boundaries: [0, 1, 2], values: [0.5, 0.25, 0.125, 0] }],
  StepDecay: [{ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5 }],
};

describe("a model compiled with an optimizer is the same after it was saved and loaded:", () => {
  const make = (kind: string, options: Options) => new (classesOf(Optimizer).get(kind) as Class<Optimizer>)(options);

  test.each(Object.entries(OPTIMIZERS))("%s %o", (kind, options) => {
    roundTrip({ optimizer: make(kind, options), loss: "mse" }, "values");
    roundTrip({ optimizer: make(kind, { ...COMMON, ...AVERAGE, ...options }), loss: "mse" }, "values");
    roundTrip({ optimizer: make(kind, { globalClipNorm: null }), loss: "mse" }, "values");
  });

  test.each(
    Object.entries(SCHEDULES).flatMap(([kind, list]) => list.map((options) => [kind, options] as const)),
  )("%s %o", (kind, options) => {
    const Schedule = classesOf(LearningRateSchedule).get(kind) as Class<LearningRateSchedule>;
    roundTrip({ optimizer: make("SGD", { learningRate: new Schedule(options) }), loss: "mse" }, "values");
  });

  test("every optimizer and schedule that is exported is above, with every option", () => {
    const optimizers = classesOf(Optimizer);
    expect(Object.keys(OPTIMIZERS).sort()).toEqual([...optimizers.keys()].sort());
    for (const [kind, options] of Object.entries(OPTIMIZERS)) {
      expectAllOptions(
        optionsOf((wrong) => make(kind, wrong)),
        [options, COMMON, AVERAGE],
        [],
      );
    }
    const schedules = classesOf(LearningRateSchedule);
    expect(Object.keys(SCHEDULES).sort()).toEqual([...schedules.keys()].sort());
    for (const [kind, list] of Object.entries(SCHEDULES)) {
      const known = optionsOf((wrong) => new (schedules.get(kind) as Class<LearningRateSchedule>)(wrong));
      expectAllOptions(known, list, []);
    }
  });

  test("a learning rate that was changed by hand", () => {
    const optimizer = make("SGD", {});
    optimizer.learningRate = 0.375;
    roundTrip({ optimizer, loss: "mse" }, "values");
  });
});

describe("functions and classes of one's own", () => {
  class Own extends LearningRateSchedule {
    readonly name = "own";
    at(step: number): number {
      return 1 / (step + 1);
    }
    config(): Record<string, unknown> {
      return {};
    }
  }
  const squared: LossFunction = ({ data, shape }) => ({ value: 0, gradient: { data, shape } });
  const zero: MetricFunction = () => 0;
  const cases: readonly (readonly [what: string, options: CompileOptions])[] = [
    ["a loss", { loss: squared }],
    ["a metric", { loss: "mse", metrics: [zero] }],
    ["a schedule", { loss: "mse", optimizer: new SGD({ learningRate: new Own() }) }],
  ];

  test.each(cases)("%s: saved without compile, refused with the optimizer", (_, options) => {
    const model = new Sequential([new Dense({ units: 1, inputSize: 1 })], { seed: 1 });
    model.compile(options);
    const file = model.save();
    expect(configIn(file).compile).toBeNull();
    expect(() => model.save({ optimizer: true })).toThrow(
      'Sequential "sequential".save with optimizer: true needs losses, metrics and schedules with names: functions and classes of your own cannot be saved.',
    );
    const again = load(file);
    expect(() => again.optimizer).toThrow(
      'Sequential "sequential" was not compiled: call compile({ optimizer, loss }) first.',
    );
    again.compile(options);
    again.trainOnBatch([[1]], [[1]]);
    again.dispose();
    model.dispose();
  });

  test("a model that was not compiled has no optimizer to save", () => {
    const model = new Sequential([new Dense({ units: 1, inputSize: 1 })], { seed: 1 });
    expect(() => model.save({ optimizer: true })).toThrow(
      'Sequential "sequential".save with optimizer: true needs a model that was compiled.',
    );
    model.dispose();
  });
});
