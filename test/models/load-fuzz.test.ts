import { beforeAll, describe, expect, test } from "vitest";
import { load, Random } from "../../src/index.ts";
import { loadCore } from "../support/layers.ts";
import { heldBytes, tryLoading } from "../support/load-fuzz.ts";
import { type Mutation, mutations } from "../support/mutate.ts";
import { configMutations } from "../support/mutate-config.ts";
import { checkpointOf, EXAMPLES } from "../support/saved-models.ts";

const PER_MODEL = process.env.GATEFOLD_LONG === "1" ? 20_000 : 200;
const SEED = Number(process.env.GATEFOLD_SEED ?? 1);
/** A slow one would be a way to stop a server. */
const LONGEST_MS = 20_000;

beforeAll(async () => {
  await loadCore();
});

function* damaged(file: Uint8Array, random: Random): Generator<Mutation> {
  yield* mutations(file, random, PER_MODEL / 2);
  yield* configMutations(file, random, PER_MODEL / 2);
}

describe.each(Object.entries(EXAMPLES))("%s, saved in the middle of an epoch", (name, make) => {
  test(`${PER_MODEL} damaged files end in a model that predicts or a FormatError, and hold no memory`, async () => {
    const example = make();
    const file = await checkpointOf(example);
    example.model.dispose();
    expect(tryLoading(file)).toBe(true);
    const before = heldBytes();
    let [accepted, slowest] = [0, 0];
    for (const { what, bytes } of damaged(file, new Random(SEED).fork(name))) {
      const start = performance.now();
      try {
        if (tryLoading(bytes)) accepted++;
      } catch (cause) {
        throw new Error(`${what}: ${Buffer.from(bytes).toString("base64")}`, { cause });
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
    expect(heldBytes()).toBe(before);
    expect(slowest).toBeLessThan(LONGEST_MS);
    // Both ends are visited.
    expect(accepted).toBeGreaterThan(PER_MODEL / 50);
    expect(accepted).toBeLessThan(PER_MODEL / 1.5);
    const whole = load(file);
    expect(whole.name).toBe(name === "chain" || name === "branches" || name === "nested" ? name : "sequential");
    whole.dispose();
  }, 3_600_000);
});
