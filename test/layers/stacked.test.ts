import { beforeAll, describe, expect, test } from "vitest";
import {
  Adam,
  AdamW,
  Dense,
  type Layer,
  type LossValue,
  LSTM,
  meanSquaredError,
  SGD,
  sparseCategoricalCrossentropy,
  type Tensor,
} from "../../src/index.ts";
import {
  type GoldenTensors,
  type StackedGolden,
  type StackedRun,
  stackedGoldens,
  tensorOf,
} from "../support/golden.ts";
import { expectClose, f32, loadCore, named } from "../support/layers.ts";

/** Float32 against float64: about 1e-7 in the first loss, carried on through eleven updates. */
const LOSSES = { absolute: 0, relative: 1e-5 };

/** Twelve updates, each rounded to float32, by gradients that are off by about 1e-6 of themselves. */
const PARAMETERS = { absolute: 1e-5, relative: 1e-5 };

interface Stack {
  readonly first: LSTM;
  readonly second: LSTM;
  readonly head: Dense;
}

function build({ config, params, head }: StackedGolden): Stack {
  const { input_size, hidden_size: units, outputs } = config;
  const shared = { units, doubleBias: true };
  const stack = {
    first: new LSTM({ ...shared, inputSize: input_size, returnSequences: true }),
    second: new LSTM({ ...shared, inputSize: units, returnSequences: head === "every_step" }),
    head: new Dense({ units: outputs, inputSize: units }),
  };
  for (const [layer, names] of weightNames(stack)) {
    const entries = Object.entries(names).map(([name, golden]) => [name, weightOf(params, golden)] as const);
    layer.setWeights(Object.fromEntries(entries));
  }
  return stack;
}

function weightOf(tensors: GoldenTensors, name: string): Tensor {
  const { data, shape } = tensorOf(tensors, name);
  return f32(data, ...shape);
}

/** Each layer with PyTorch's name for each name of its weights. */
function weightNames({ first, second, head }: Stack): readonly (readonly [Layer, Readonly<Record<string, string>>])[] {
  return [
    ...[first, second].map((lstm, n) => {
      const names = Object.keys(lstm.getWeights()).map((name) => [name, `lstm.${name}_l${n}`] as const);
      return [lstm, Object.fromEntries(names)] as const;
    }),
    [head, { weight: "linear.weight", bias: "linear.bias" }],
  ];
}

function lossOf({ loss, target }: StackedGolden, prediction: Tensor): LossValue {
  if (loss === "mse") return meanSquaredError(prediction, f32(target.data, ...target.shape));
  return sparseCategoricalCrossentropy(prediction, f32(target.data, ...target.shape));
}

function optimizerOf({ name, config, clip_norm }: StackedRun): Adam | AdamW | SGD {
  const shared = { preset: "pytorch", learningRate: config.lr, globalClipNorm: clip_norm ?? undefined } as const;
  if (name === "SGD") return new SGD({ ...shared, momentum: config.momentum, nesterov: config.nesterov });
  const [beta1, beta2] = config.betas ?? [];
  if (name === "Adam") return new Adam({ ...shared, beta1, beta2 });
  return new AdamW({ ...shared, beta1, beta2, weightDecay: config.weight_decay });
}

/** One update; the loss before it and the norm of its gradients before clipping. */
function step(golden: StackedGolden, stack: Stack, optimizer: Adam | AdamW | SGD): { loss: number; norm: number } {
  const { first, second, head } = stack;
  const x = f32(golden.inputs.x.data, ...golden.inputs.x.shape);
  const sequence = first.forward(x, { training: true }).output;
  const states = second.forward(sequence, { training: true }).output;
  const { value, gradient } = lossOf(golden, head.forward(states, { training: true }));
  const d = second.backward({ output: head.backward(gradient).input });
  first.backward({ output: d.input });
  const layers = [first, second, head];
  const gradients = layers.flatMap((layer) => Object.values(layer.getGradients()));
  const squares = gradients.flatMap(({ data }) => Array.from(data, (g) => g * g));
  optimizer.apply(layers);
  return { loss: value, norm: Math.sqrt(squares.reduce((sum, square) => sum + square, 0)) };
}

describe("two LSTM layers and a Dense, trained for 12 steps as PyTorch trains them", () => {
  beforeAll(async () => {
    await loadCore();
  });

  const runs = stackedGoldens().flatMap((golden) =>
    golden.runs.map((run) => {
      const clip = run.clip_norm === null ? "" : `, clipped to ${run.clip_norm}`;
      return [golden.name, `${run.name} ${JSON.stringify(run.config)}${clip}`, golden, run] as const;
    }),
  );

  test("there are 15 runs of five optimizers", () => expect(runs).toHaveLength(15));

  test.each(runs)("%s, %s: losses, gradient norms and weights to 1e-5", (_case, _run, golden, run) => {
    const stack = build(golden);
    const optimizer = optimizerOf(run);
    const steps = run.losses.map(() => step(golden, stack, optimizer));
    expectClose(steps.map(({ loss }) => loss), run.losses, "loss", LOSSES); // biome-ignore format: short
    expectClose(steps.map(({ norm }) => norm), run.gradient_norms, "norm", LOSSES); // biome-ignore format: short
    for (const [layer, names] of weightNames(stack)) {
      for (const [name, golden] of Object.entries(names)) {
        const expected = run.final[golden];
        if (expected) expectClose(named(layer.getWeights(), name).data, expected.data, golden, PARAMETERS);
      }
      layer.dispose();
    }
  });
});
