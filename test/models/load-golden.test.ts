import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { load, type Model, type Tensor } from "../../src/index.ts";
import { readSafetensors } from "../../src/io/safetensors.ts";
import { expectSameBytes } from "../support/edited-file.ts";
import { GOLDEN_FIT, GOLDEN_IDS, GOLDEN_LABELS } from "../support/golden-model.ts";
import { expectClose, loadCore, mayBeStrict } from "../support/layers.ts";

const file = new Uint8Array(readFileSync(new URL("../golden/model-v1.safetensors", import.meta.url)));
const golden = JSON.parse(readFileSync(new URL("../golden/model-v1.json", import.meta.url), "utf8")) as {
  readonly prediction: readonly (readonly number[])[];
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly tensors: Readonly<Record<string, readonly number[]>>;
};

let strict = false;

beforeAll(async () => {
  strict = (await loadCore()).numerics === "strict";
});

describe("the file of a model that the first version wrote, in the middle of an epoch", () => {
  test("has the names and shapes that PyTorch's modules took as they are", () => {
    const { tensors, metadata } = readSafetensors(file);
    const shapes = [...tensors].map(([name, { shape }]) => [name, shape]);
    expect(Object.fromEntries(shapes)).toEqual(golden.tensors);
    expect(metadata.get("format")).toBe("pt");
  });

  test("predicts what PyTorch does with its weights, within 1e-6", () => {
    const model = load(file) as Model;
    model.resetStates();
    const { data } = model.predict(GOLDEN_IDS) as Tensor;
    expectClose(data, golden.prediction.flat(), "prediction", { absolute: 1e-6, relative: 1e-6 });
    model.dispose();
  });

  test("goes on to the history that the first version came to, within 1e-5", async () => {
    const model = load(file);
    expect(model.epoch).toBe(1);
    expect(model.progress).toMatchObject({ trainedEpochs: 1, position: 3, batches: 7, steps: 7, waiting: 1 });
    const { epoch, history } = await model.fit(GOLDEN_IDS, GOLDEN_LABELS, {
      ...GOLDEN_FIT,
      epochs: 3,
      initialEpoch: 1,
    });
    expect(epoch).toEqual([1, 2]);
    expect(Object.keys(history)).toEqual(Object.keys(golden.history));
    for (const [name, values] of Object.entries(golden.history)) {
      expectClose(history[name] ?? [], values, name, { absolute: 1e-5, relative: 1e-5 });
    }
    model.dispose();
  });

  // A difference here is another format: it needs another version, and a file of its own.
  test.skipIf(!mayBeStrict)("is what this version writes too, byte by byte", () => {
    const model = load(file);
    if (strict) expectSameBytes(model.save({ optimizer: true, metadata: { format: "pt" } }), file);
    model.dispose();
  });
});
