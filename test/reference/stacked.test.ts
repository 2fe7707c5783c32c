import { describe, expect, test } from "vitest";
import { largestDifference } from "../support/difference.ts";
import { type GoldenTensors, type StackedGolden, type StackedRun, stackedGoldens } from "../support/golden.ts";
import { torchUpdate } from "../support/torch-optimizer.ts";
import { meanSquaredError, softmaxCrossEntropy } from "./losses.ts";
import { clipByGlobalNorm } from "./optimizers.ts";
import { type Parameters, type StackedInputs, type StackedResult, stackedForwardBackward } from "./stacked.ts";

// Float64 on both sides: 1e-15 in the first loss, amplified by eleven further steps and by Adam's division by small
// second moments.
const TOLERANCE = 1e-12;

function arrays(tensors: GoldenTensors): Parameters {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

function lossOf({ batch, config, loss, target }: StackedGolden): StackedInputs["loss"] {
  if (loss === "mse") return (prediction) => meanSquaredError({ prediction, target: target.data });
  return (logits) => softmaxCrossEntropy({ N: batch, V: config.outputs, logits, labels: target.data });
}

function model(golden: StackedGolden): (parameters: Parameters) => StackedResult {
  const { batch: B, steps: T, config, head, inputs } = golden;
  const { input_size: I, hidden_size: H, num_layers: layers, outputs: O } = config;
  const loss = lossOf(golden);
  return (parameters) => stackedForwardBackward({ B, T, I, H, layers, O, head, parameters, x: inputs.x.data, loss });
}

function train(golden: StackedGolden, run: StackedRun): Pick<StackedRun, "losses" | "gradient_norms"> & Final {
  const lossAndGradients = model(golden);
  let parameters = arrays(golden.params);
  const updates = new Map(Object.entries(parameters).map(([name, { length }]) => [name, torchUpdate(run, length)]));
  const losses: number[] = [];
  const gradient_norms: number[] = [];
  for (let step = 0; step < run.losses.length; step++) {
    const { loss, gradients } = lossAndGradients(parameters);
    const names = Object.keys(gradients);
    const maxNorm = run.clip_norm ?? Number.POSITIVE_INFINITY;
    const clipped = clipByGlobalNorm({ preset: "pytorch", gradients: Object.values(gradients), maxNorm });
    losses.push(loss);
    gradient_norms.push(clipped.norm);
    const next: Record<string, Float64Array> = {};
    names.forEach((name, index) => {
      const [update, p, g] = [updates.get(name), parameters[name], clipped.gradients[index]];
      if (update && p && g) next[name] = update(p, g);
    });
    parameters = next;
  }
  return { losses, gradient_norms, final: parameters };
}

interface Final {
  readonly final: Parameters;
}

describe("two stacked LSTM twins and a dense head, trained as PyTorch trains them", () => {
  const runs = stackedGoldens().flatMap((golden) =>
    golden.runs.map((run) => {
      const clip = run.clip_norm === null ? "" : `, clipped to ${run.clip_norm}`;
      return [golden.name, `${run.name} ${JSON.stringify(run.config)}${clip}`, golden, run] as const;
    }),
  );

  test.each(runs)("%s, %s: 12 losses, norms and final parameters within 1e-12", (_case, _run, golden, run) => {
    const actual = train(golden, run);
    expect(largestDifference(actual.losses, run.losses)).toBeLessThan(TOLERANCE);
    expect(largestDifference(actual.gradient_norms, run.gradient_norms)).toBeLessThan(TOLERANCE);
    for (const [name, { data }] of Object.entries(run.final)) {
      expect(largestDifference(actual.final[name] ?? [], data), name).toBeLessThan(TOLERANCE);
    }
  });
});
