import { beforeAll, describe, expect, test } from "vitest";
import { Adam, AdamW, type Dense, type Layer, SGD } from "../../src/index.ts";
import { at, row } from "../reference/elements.ts";
import {
  type FrameworkOptimizerCase,
  frameworkGoldens,
  type KerasOptimizer,
  type TorchOptimizer,
  vectorOptimizerGoldens,
} from "../support/golden.ts";
import { expectClose, f32, loadCore, named } from "../support/layers.ts";
import { denseVector } from "../support/layers-training.ts";

/** Parameters near 1 are rounded to 6e-8 in each of a dozen updates; gradients reach 28, rounded to 1e-6. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };

interface Steps {
  apply(layers: readonly Layer[]): void;
}

function torchOptimizer({ name, config }: TorchOptimizer): Steps {
  const shared = { preset: "pytorch", learningRate: config.lr } as const;
  if (name === "SGD") return new SGD({ ...shared, momentum: config.momentum, nesterov: config.nesterov });
  const [beta1, beta2] = config.betas ?? [];
  if (name === "Adam") return new Adam({ ...shared, beta1, beta2 });
  return new AdamW({ ...shared, beta1, beta2, weightDecay: config.weight_decay });
}

function kerasOptimizer({ name, config }: KerasOptimizer): Steps {
  const { learning_rate: learningRate, momentum, clipnorm: globalClipNorm, clipvalue: clipValue } = config;
  const shared = { learningRate, globalClipNorm, clipValue };
  return name === "SGD" ? new SGD({ ...shared, momentum }) : new Adam(shared);
}

/** What PyTorch's Adam calls weight_decay is added to the gradient; AdamW's is its own. */
function l2Of({ name, config }: TorchOptimizer | KerasOptimizer): number {
  return name === "Adam" && "weight_decay" in config ? (config.weight_decay ?? 0) : 0;
}

function parameters(layer: Dense): Float32Array {
  return Float32Array.from(named(layer.getWeights(), "weight").data);
}

interface Trajectory {
  readonly golden: TorchOptimizer | KerasOptimizer;
  readonly initial: ArrayLike<number>;
  readonly gradients: readonly ArrayLike<number>[];
  readonly expected: readonly ArrayLike<number>[];
}

/** The vector is the weight [1, N] of a Dense layer without bias. */
function followsTrajectory(optimizer: Steps, { golden, initial, gradients, expected }: Trajectory): void {
  const { layer, setGradient } = denseVector(initial.length);
  layer.setWeights({ weight: f32(initial, 1, initial.length) });
  gradients.forEach((gradient, step) => {
    const before = parameters(layer);
    setGradient(Float64Array.from(gradient, (g, n) => g + l2Of(golden) * at(before, n)));
    optimizer.apply([layer]);
    expectClose(parameters(layer), expected[step] ?? [], `after update ${step + 1}`, TOLERANCE);
  });
  layer.dispose();
}

const title = ({ name, config }: TorchOptimizer | KerasOptimizer) => `${name} ${JSON.stringify(config)}`;

beforeAll(async () => {
  await loadCore();
});

describe("optimizers against PyTorch, 37 elements", () => {
  const { initial, gradients, cases } = vectorOptimizerGoldens();
  const rows = (data: Float64Array) => Array.from({ length: 10 }, (_, step) => row(data, step, 37));

  test.each(
    cases.map((golden) => [title(golden), golden] as const),
  )("%s: ten updates to 2e-6 + 1e-5 relative", (_, golden) => {
    const expected = rows(golden.trajectory.data);
    followsTrajectory(torchOptimizer(golden), {
      golden,
      initial: initial.data,
      gradients: rows(gradients.data),
      expected,
    });
  });
});

describe("optimizers against PyTorch and Keras, 5 elements with gradients from 1e-4 to 28", () => {
  const { p0, grads, optimizers } = frameworkGoldens();
  const usesAmsgrad = ({ config }: FrameworkOptimizerCase) => "amsgrad" in config && config.amsgrad === true;
  const ours = optimizers.filter((golden) => !usesAmsgrad(golden));

  test("all but AMSGrad, which there is none of here: 7 of 8", () => {
    expect([ours.length, optimizers.length]).toEqual([7, 8]);
  });

  test.each(
    ours.map((golden) => [golden.framework, title(golden), golden] as const),
  )("%s %s: twelve updates to 2e-6 + 1e-5 relative", (_framework, _title, golden) => {
    const optimizer = golden.framework === "torch" ? torchOptimizer(golden) : kerasOptimizer(golden);
    followsTrajectory(optimizer, { golden, initial: p0, gradients: grads, expected: golden.trajectory });
  });
});
