import { beforeAll, describe, test } from "vitest";
import { Random } from "../../src/index.ts";
import { twinOutputs, twinWeights } from "../support/graph-twin.ts";
import { loadCore, RANDOM_SHAPES } from "../support/layers.ts";
import { drawWeights, expectTwin, weightedSum } from "../support/models.ts";
import { randomGraph } from "../support/random-graph.ts";

describe("random graphs: branches, shared layers, states from other branches, lengths and masks", () => {
  beforeAll(async () => {
    await loadCore();
  });

  const seeds = Array.from({ length: RANDOM_SHAPES / 2 }, (_, seed) => seed);

  test(`${seeds.length} graphs predict, and have gradients, within 2e-6 + 2e-5 of the float64 twin`, () => {
    for (const seed of seeds) {
      const random = new Random(seed).fork("graph");
      const { model, feed, targets } = randomGraph(random, 8);
      model.compile({ loss: weightedSum });
      drawWeights(random, model);
      const shapes = twinOutputs(model, twinWeights(model), feed);
      expectTwin(model, feed, targets(shapes), `graph ${seed}`);
      model.dispose();
    }
  });
});
