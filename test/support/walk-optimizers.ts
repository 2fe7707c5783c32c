/** Options of optimizers and schedules. */
import { requireCore } from "../../src/core/context.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ConstantLearningRate,
  CosineDecay,
  Dense,
  ExponentialDecay,
  type LearningRateSchedule,
  Lion,
  Nadam,
  type Optimizer,
  PiecewiseConstantDecay,
  RAdam,
  Random,
  RMSprop,
  SGD,
  StepDecay,
} from "../../src/index.ts";
import { randomTensor } from "./layers.ts";
import { type Observe, onesLike, type Part, type Row, rows } from "./walk-row.ts";

/** Enough steps for RAdam to divide by the root of its squares. */
const STEPS = 8;

/** Weights and moments after each step, and the weights that training ends with. */
function steps(Class: new (options: Part) => Optimizer, base: Part = {}): Observe {
  return (part) => {
    const layer = new Dense({ units: 2, inputSize: 3, seed: 1 });
    const optimizer = new Class({ ...base, ...part });
    const seen = Array.from({ length: STEPS }, (_, n) => {
      const y = layer.forward(randomTensor(new Random(n), 2, 3), { training: true });
      layer.backward(onesLike(y));
      optimizer.apply([layer]);
      const floats = layer.block?.floats ?? 0;
      const moments = optimizer.stateOf(layer)?.moments ?? [];
      return [layer.getWeights(), moments.map(({ address }) => requireCore().memory.f32(address, floats).slice())];
    });
    optimizer.finalize(layer);
    return [seen, layer.getWeights(), optimizer.iterations];
  };
}

interface Own {
  readonly keras: Readonly<Record<string, readonly [value: unknown, other: unknown]>>;
  readonly pytorch?: Own["keras"];
}

/** All common options, the own ones, and defaults that are PyTorch's. */
function optimizer(Class: new (options: Part) => Optimizer, learningRate: number, own: Own): readonly Row[] {
  const { keras, pytorch = {} } = own;
  const common = {
    learningRate: [learningRate, learningRate / 2],
    weightDecay: [0, 0.1],
    clipValue: [undefined, 0.5],
    useEma: [false, true],
    ...keras,
  } as const;
  const pytorchBase = { preset: "pytorch" };
  return [
    ...rows(Class.name, steps(Class), common),
    // Lion's presets differ in nothing but how they clip.
    ...rows(Class.name, steps(Class, { globalClipNorm: 0.1 }), { preset: ["keras", "pytorch"] }),
    // Updates that only look at signs remember the clipped gradients all the same.
    ...rows(Class.name, steps(Class), { globalClipNorm: [undefined, 0.1] }),
    ...rows(Class.name, steps(Class), { globalClipNorm: [null, 0.1] }),
    ...rows(Class.name, steps(Class, { useEma: true }), { emaMomentum: [0.99, 0.5], emaOverwriteFrequency: [null, 2] }),
    ...rows(Class.name, steps(Class, pytorchBase), pytorch, "pytorch"),
  ];
}

const betas = { beta1: [0.9, 0.5], beta2: [0.999, 0.9] } as const;
const adam = { ...betas, epsilon: [1e-7, 0.1] } as const;
const adamOfPytorch = { epsilon: [1e-8, 0.1] } as const;

const OPTIMIZERS: readonly Row[] = [
  ...optimizer(SGD, 0.01, {
    keras: { momentum: [0, 0.5] },
    pytorch: { learningRate: [0.001, 0.1] },
  }),
  ...rows("SGD", steps(SGD, { momentum: 0.5 }), { nesterov: [false, true] }),
  ...optimizer(RMSprop, 0.001, {
    keras: { rho: [0.9, 0.5], momentum: [0, 0.5], epsilon: [1e-7, 0.1], centered: [false, true] },
    pytorch: { learningRate: [0.01, 0.1], rho: [0.99, 0.5], epsilon: [1e-8, 0.1] },
  }),
  ...optimizer(Adagrad, 0.001, {
    keras: { initialAccumulator: [0.1, 0.5], learningRateDecay: [0, 0.5], epsilon: [1e-7, 0.1] },
    pytorch: { learningRate: [0.01, 0.1], initialAccumulator: [0, 0.5], epsilon: [1e-10, 0.1] },
  }),
  ...optimizer(Adadelta, 0.001, {
    keras: { rho: [0.95, 0.5], epsilon: [1e-7, 0.1] },
    pytorch: { learningRate: [1, 0.1], rho: [0.9, 0.5], epsilon: [1e-6, 0.1] },
  }),
  ...optimizer(Adam, 0.001, { keras: { ...adam, amsgrad: [false, true] }, pytorch: adamOfPytorch }),
  ...optimizer(AdamW, 0.001, {
    keras: { ...adam, amsgrad: [false, true], weightDecay: [0.004, 0] },
    pytorch: { ...adamOfPytorch, weightDecay: [0.01, 0] },
  }),
  ...optimizer(Adamax, 0.001, { keras: adam, pytorch: { ...adamOfPytorch, learningRate: [0.002, 0.1] } }),
  ...optimizer(Nadam, 0.001, {
    keras: { ...adam, momentumDecay: [1, 0] },
    pytorch: { ...adamOfPytorch, learningRate: [0.002, 0.1], momentumDecay: [0.004, 1] },
  }),
  ...optimizer(RAdam, 0.001, { keras: adam, pytorch: adamOfPytorch }),
  ...optimizer(Lion, 0.001, { keras: { beta1: [0.9, 0.1], beta2: [0.99, 0.5] } }),
];

/** The rates of some steps. */
function rates(Class: new (options: never) => LearningRateSchedule, base: Part): Observe {
  return (part) => {
    const schedule = new Class({ ...base, ...part } as never);
    return Array.from({ length: 12 }, (_, step) => schedule.at(step));
  };
}

const decay = { initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.5 };
const decayed = { initialLearningRate: [0.1, 0.2], decaySteps: [4, 2], decayRate: [0.5, 0.9] } as const;
const cosine = { initialLearningRate: 0.1, decaySteps: 4 };
const pieces = { boundaries: [2, 5], values: [3, 2, 1] };

const SCHEDULES: readonly Row[] = [
  ...rows("ConstantLearningRate", rates(ConstantLearningRate, {}), { learningRate: [0.1, 0.2] }),
  ...rows("StepDecay", rates(StepDecay, decay), decayed),
  ...rows("ExponentialDecay", rates(ExponentialDecay, decay), { ...decayed, staircase: [false, true] }),
  ...rows("CosineDecay", rates(CosineDecay, cosine), {
    ...{ initialLearningRate: [0.1, 0.2], decaySteps: [4, 2], alpha: [0, 0.5], warmupTarget: [undefined, 0.5] },
  }),
  ...rows("CosineDecay", rates(CosineDecay, { ...cosine, warmupTarget: 1 }), { warmupSteps: [0, 3] }),
  ...rows("PiecewiseConstantDecay", rates(PiecewiseConstantDecay, pieces), {
    ...{ boundaries: [pieces.boundaries, [1, 5]], values: [pieces.values, [3, 2, 0]] },
  }),
];

export const OPTIMIZER_ROWS: readonly Row[] = [...OPTIMIZERS, ...SCHEDULES];
