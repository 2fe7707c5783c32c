import { describe, expect, test } from "vitest";
import { largestDifference } from "../support/difference.ts";
import {
  type FrameworkOptimizerCase,
  frameworkGoldens,
  type KerasOptimizer,
  type TorchOptimizer,
  vectorOptimizerGoldens,
} from "../support/golden.ts";
import { torchUpdate, type Update } from "../support/torch-optimizer.ts";
import { row } from "./elements.ts";
import { adamState, adamStep, adamWStep, clipByGlobalNorm, clipByValue, sgdStep } from "./optimizers.ts";
import { adadelta, nadam, rmsprop, vectorOf } from "./optimizers-adaptive.ts";

// Float64 on both sides, ten or twelve updates of a few operations each.
const GOLDEN_TOLERANCE = 1e-13;
/** Keras computes Nadam's momentum schedule with less than float64. */
const KERAS_NADAM_TOLERANCE = 1e-8;

function trajectory(update: Update, initial: Float64Array, gradients: readonly Float64Array[]): Float64Array[] {
  let parameters = initial;
  return gradients.map((gradient) => {
    parameters = update(parameters, gradient);
    return parameters;
  });
}

/**
 * Keras rounds some scalars to float32 even when it trains in float64: the momentum, and the betas of the bias
 * correction alone. These updates are given the rounded values; without them they differ by up to 5e-7.
 */
function kerasUpdate({ name, config }: KerasOptimizer, length: number): Update {
  const update = kerasUnclipped(name, config, length);
  return (parameters, gradients) => update(parameters, kerasClipped(config, gradients));
}

function kerasUnclipped(name: KerasOptimizer["name"], config: KerasOptimizer["config"], length: number): Update {
  if (name === "SGD") return kerasSgd(config, length);
  if (name === "Adam") return kerasAdam(config, length);
  const { learning_rate: lr, momentum, centered } = config;
  const elements = { Adadelta: adadelta, Nadam: nadam, RMSprop: rmsprop };
  const update = vectorOf(length, () => elements[name]({ preset: "keras", momentum, centered }));
  return (parameters, gradients) => update(parameters, gradients, lr);
}

function kerasClipped({ clipnorm, clipvalue }: KerasOptimizer["config"], gradients: Float64Array): Float64Array {
  if (clipvalue !== undefined) return clipByValue({ gradients, limit: clipvalue });
  if (clipnorm === undefined) return gradients;
  const clipped = clipByGlobalNorm({ preset: "keras", gradients: [gradients], maxNorm: clipnorm });
  return clipped.gradients[0] ?? gradients;
}

function kerasSgd({ learning_rate, momentum = 0 }: KerasOptimizer["config"], length: number): Update {
  const options = { preset: "keras", learningRate: learning_rate, momentum: Math.fround(momentum) } as const;
  let velocity: Float64Array = new Float64Array(length);
  return (parameters, gradients) => {
    const result = sgdStep({ ...options, parameters, gradients, velocity });
    velocity = result.velocity;
    return result.parameters;
  };
}

function kerasAdam({ learning_rate, amsgrad }: KerasOptimizer["config"], length: number): Update {
  const correction = (beta1: number, beta2: number, step: number) => Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
  let state = adamState(length);
  return (parameters, gradients) => {
    const step = state.step + 1;
    const rounded = correction(Math.fround(0.9), Math.fround(0.999), step) / correction(0.9, 0.999, step);
    const learningRate = learning_rate * rounded;
    const result = adamStep({ preset: "keras", parameters, gradients, state, learningRate, amsgrad });
    state = result.state;
    return result.parameters;
  };
}

function title({ name, config }: TorchOptimizer | KerasOptimizer): string {
  return `${name} ${JSON.stringify(config)}`;
}

describe("optimizer twins against PyTorch, 37 elements", () => {
  const { initial, gradients, cases } = vectorOptimizerGoldens();
  const rows = Array.from({ length: 10 }, (_, step) => row(gradients.data, step, 37));

  test.each(cases.map((golden) => [title(golden), golden] as const))("%s: ten updates within 1e-13", (_, golden) => {
    const actual = trajectory(torchUpdate(golden, 37), initial.data, rows);
    expect(
      largestDifference(
        actual.flatMap((p) => [...p]),
        golden.trajectory.data,
      ),
    ).toBeLessThan(GOLDEN_TOLERANCE);
  });
});

describe("optimizer twins against PyTorch and Keras, 5 elements with gradients from 1e-4 to 28", () => {
  const { p0, grads, optimizers } = frameworkGoldens();
  const update = (golden: FrameworkOptimizerCase): Update =>
    golden.framework === "torch" ? torchUpdate(golden, p0.length) : kerasUpdate(golden, p0.length);

  test.each(
    optimizers.map((golden) => [golden.framework, title(golden), golden] as const),
  )("%s %s: twelve updates within 1e-13, Nadam within 1e-8", (_framework, _title, golden) => {
    const gradients = grads.map((gradient) => Float64Array.from(gradient));
    const actual = trajectory(update(golden), Float64Array.from(p0), gradients);
    expect(
      largestDifference(
        actual.flatMap((p) => [...p]),
        golden.trajectory.flat(),
      ),
    ).toBeLessThan(golden.name === "Nadam" ? KERAS_NADAM_TOLERANCE : GOLDEN_TOLERANCE);
  });
});

describe("Keras's and PyTorch's forms", () => {
  const gradients = [Float64Array.of(3, -2e-5, 40), Float64Array.of(-1, 5e-4, 2), Float64Array.of(0.1, 1e-3, -7)];
  const initial = Float64Array.of(1, -2, 0.5);

  test("SGD with Nesterov momentum: the same parameters within 1e-13 while the learning rate is constant", () => {
    const run = (preset: "keras" | "pytorch") => {
      let velocity: Float64Array = new Float64Array(3);
      return trajectory(
        (parameters, g) => {
          const options = { preset, learningRate: 0.1, momentum: 0.9, nesterov: true };
          const result = sgdStep({ ...options, parameters, gradients: g, velocity });
          velocity = result.velocity;
          return result.parameters;
        },
        initial,
        gradients,
      ).flatMap((p) => [...p]);
    };
    expect(largestDifference(run("keras"), run("pytorch"))).toBeLessThan(GOLDEN_TOLERANCE);
  });

  // v / (1 - beta2^t) grows by 1 / (1 - beta2^t), so PyTorch's epsilon is Keras's divided by sqrt(1 - beta2^t).
  test("AdamW: the same first step within 1e-13 when PyTorch's epsilon is Keras's / sqrt(1 - beta2)", () => {
    const options = { parameters: initial, gradients: Float64Array.of(3, -2e-5, 1e-7), state: adamState(3) };
    const shared = { ...options, learningRate: 0.1, weightDecay: 4e-3 };
    const keras = adamWStep({ ...shared, preset: "keras", epsilon: 1e-7 });
    const pytorch = adamWStep({ ...shared, preset: "pytorch", epsilon: 1e-7 / Math.sqrt(1 - 0.999) });
    expect(largestDifference(keras.parameters, pytorch.parameters)).toBeLessThan(GOLDEN_TOLERANCE);
  });
});

describe("defaults", () => {
  const step = { parameters: Float64Array.of(1), gradients: Float64Array.of(1e-6), state: adamState(1) };
  test.each([
    ["keras", 1e-7, 4e-3],
    ["pytorch", 1e-8, 1e-2],
  ] as const)("%s: epsilon %d, decay %d", (preset, epsilon, weightDecay) => {
    const inputs = { ...step, preset, learningRate: 0.1 };
    expect(adamWStep(inputs)).toEqual(adamWStep({ ...inputs, epsilon, weightDecay }));
  });
});

describe("clipping", () => {
  test("PyTorch's form scales a norm of 5 to 1 by 1 / 5.000001 and leaves a norm below the limit alone", () => {
    const gradients = [Float64Array.of(3), Float64Array.of(0, -4)];
    const clipped = clipByGlobalNorm({ preset: "pytorch", gradients, maxNorm: 1 });
    expect(clipped.norm).toBe(5);
    expect(largestDifference(clipped.gradients[1] ?? [], [0, -4 / 5.000001])).toBeLessThan(1e-15);
    expect(clipByGlobalNorm({ preset: "pytorch", gradients, maxNorm: 6 }).gradients).toEqual(gradients);
  });

  test("by value: every element ends in [-0.5, 0.5]", () => {
    const gradients = Float64Array.of(-2, -0.5, 0.25, 7);
    expect([...clipByValue({ gradients, limit: 0.5 })]).toEqual([-0.5, -0.5, 0.25, 0.5]);
  });
});
