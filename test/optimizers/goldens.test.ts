import { beforeAll, describe, test } from "vitest";
import type { Dense, Optimizer } from "../../src/index.ts";
import { row } from "../reference/elements.ts";
import {
  frameworkGoldens,
  type KerasOptimizer,
  type TorchOptimizer,
  vectorOptimizerGoldens,
} from "../support/golden.ts";
import { kerasOptimizer, torchOptimizer } from "../support/golden-optimizers.ts";
import { expectClose, f32, loadCore, named } from "../support/layers.ts";
import { denseVector } from "../support/layers-training.ts";

/** Parameters near 1 are rounded to 6e-8 in each of a dozen updates; gradients reach 28, rounded to 1e-6. */
const TOLERANCE = { absolute: 2e-6, relative: 1e-5 };

function parameters(layer: Dense): Float32Array {
  return Float32Array.from(named(layer.getWeights(), "weight").data);
}

interface Trajectory {
  readonly initial: ArrayLike<number>;
  readonly gradients: readonly ArrayLike<number>[];
  readonly expected: readonly ArrayLike<number>[];
}

/** The vector is the weight [1, N] of a Dense layer without bias. */
function followsTrajectory(optimizer: Optimizer, { initial, gradients, expected }: Trajectory): void {
  const { layer, setGradient } = denseVector(initial.length);
  layer.setWeights({ weight: f32(initial, 1, initial.length) });
  gradients.forEach((gradient, step) => {
    setGradient(gradient);
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
    followsTrajectory(torchOptimizer(golden), { initial: initial.data, gradients: rows(gradients.data), expected });
  });
});

describe("optimizers against PyTorch and Keras, 5 elements with gradients from 1e-4 to 28", () => {
  const { p0, grads, optimizers } = frameworkGoldens();

  test.each(
    optimizers.map((golden) => [golden.framework, title(golden), golden] as const),
  )("%s %s: twelve updates to 2e-6 + 1e-5 relative", (_framework, _title, golden) => {
    const optimizer = golden.framework === "torch" ? torchOptimizer(golden) : kerasOptimizer(golden);
    followsTrajectory(optimizer, { initial: p0, gradients: grads, expected: golden.trajectory });
  });
});
