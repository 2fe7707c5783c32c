import { beforeAll, describe, expect, test } from "vitest";
import { Adam, type Dense, type OptimizerOptions, SGD } from "../../src/index.ts";
import { expectClose, loadCore, named } from "../support/layers.ts";
import { denseVector } from "../support/layers-training.ts";

const RATE = 0.5;
const GRADIENTS = [[1, -2], [3, 0.5], [-1, 4], [0.25, 0.25]] as const; // biome-ignore format: a row
const exactly = { absolute: 1e-6, relative: 1e-6 };

beforeAll(async () => {
  await loadCore();
});

const weightsOf = (layer: Dense) => [...named(layer.getWeights(), "weight").data];

interface Expected {
  readonly weights: readonly number[];
  readonly averages: readonly number[];
}

/**
 * Keras: the average starts as the weights after the first step, average = momentum average + (1 - momentum) weights,
 * and every `frequency` steps the weights become the average.
 */
function expectedAfter(initial: readonly number[], momentum: number, frequency = Infinity): Expected {
  let [weights, averages] = [initial, initial];
  GRADIENTS.forEach((g, step) => {
    weights = weights.map((p, n) => p - RATE * (g[n] ?? 0));
    const kept = step === 0 ? 0 : momentum;
    averages = averages.map((average, n) => kept * average + (1 - kept) * (weights[n] ?? 0));
    if ((step + 1) % frequency === 0) weights = averages;
  });
  return { weights, averages };
}

function train(options: OptimizerOptions) {
  const { layer, setGradient } = denseVector(2);
  const optimizer = new SGD({ learningRate: RATE, ...options });
  layer.setWeights({ weight: [[1, 2]] });
  for (const g of GRADIENTS) {
    setGradient(g);
    optimizer.apply([layer]);
  }
  return { layer, optimizer };
}

describe("useEma", () => {
  test.each([0.99, 0.5, 0, 1])("momentum %d: finalize writes the average into the weights", (emaMomentum) => {
    const { layer, optimizer } = train({ useEma: true, emaMomentum });
    const { weights, averages } = expectedAfter([1, 2], emaMomentum);
    expectClose(weightsOf(layer), weights, "weights while training", exactly);
    const { version } = layer;
    optimizer.finalize(layer);
    expectClose(weightsOf(layer), averages, "averages", exactly);
    expect(layer.version).toBeGreaterThan(version);
  });

  test.each([1, 2, 3])("emaOverwriteFrequency %d replaces the weights while training", (emaOverwriteFrequency) => {
    const { layer } = train({ useEma: true, emaMomentum: 0.5, emaOverwriteFrequency });
    expectClose(weightsOf(layer), expectedAfter([1, 2], 0.5, emaOverwriteFrequency).weights, "weights", exactly);
  });

  test("finalize without it, or before the first step, changes nothing", () => {
    const { layer, optimizer } = train({});
    const before = weightsOf(layer);
    optimizer.finalize(layer);
    new Adam({ useEma: true }).finalize(layer);
    expect(weightsOf(layer)).toEqual(before);
  });
});
