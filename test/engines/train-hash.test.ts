import { describe, expect, test } from "vitest";
import { mayBeStrict } from "../support/layers.ts";
import { EXPECTED_HASH } from "./expected.ts";
import { train } from "./training.ts";

describe.skipIf(!mayBeStrict)("200 training steps with strict numerics", () => {
  test("learn, and end in weights with the bits of every other engine", async () => {
    const { hash, losses } = await train();
    const mean = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(0, 20))).toBeGreaterThan(0.9);
    expect(mean(losses.slice(-20))).toBeLessThan(0.5);
    expect(hash).toBe(EXPECTED_HASH);
  });
});
