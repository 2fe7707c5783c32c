import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Callback } from "../../src/training/callback.ts";
import { bundle, NODE_FLAGS } from "../support/child.ts";
import { configIn, expectSameBytes } from "../support/edited-file.ts";
import { loadCore } from "../support/layers.ts";
import { EPOCHS, type Resume, TRAININGS, type Training, train } from "../support/resume-cases.ts";
import { type Example, only } from "../support/saved-models.ts";

const folder = mkdtempSync(join(tmpdir(), "gatefold-resume-"));
/** Where checkpoints are taken: after a step, after an epoch and its validation, after `fit`. */
type Place = "step 0 of epoch 1" | "step 1 of epoch 1" | "last step of epoch 2" | "end of epoch 1" | "end of fit";

interface Trained {
  readonly file: Uint8Array;
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** Uninterrupted ones. */
const whole = new Map<string, Trained>();
/** Trained to epoch 2, then on to the end. */
const twice = new Map<string, Uint8Array>();
const resumes: (Resume & { readonly place: Place })[] = [];

function take(training: string, place: Place, initialEpoch: number, file: Uint8Array): void {
  const from = join(folder, `${resumes.length}`);
  writeFileSync(from, file);
  resumes.push({ training, place, initialEpoch, from, to: `${from}.end` });
}

/** Trains without a pause, taking checkpoints on the way. */
async function trainWhole(name: string, training: Training): Promise<void> {
  const example = training.make();
  const { model } = example;
  const lastStep = (training.options?.stepsPerEpoch ?? 4) - 1;
  let epoch = 0;
  const taker: Callback = {
    onEpochBegin(number) {
      epoch = number;
    },
    onStepEnd(step, _logs, run) {
      const file = () => run.model.save({ optimizer: true });
      if (epoch === 1 && step === 0) take(name, "step 0 of epoch 1", 1, file());
      if (epoch === 1 && step === 1) take(name, "step 1 of epoch 1", 1, file());
      if (epoch === 2 && step === lastStep) take(name, "last step of epoch 2", 2, file());
    },
    onEpochEnd(number, _logs, run) {
      if (number === 1) take(name, "end of epoch 1", 2, run.model.save({ optimizer: true }));
    },
  };
  const { history } = await train(training, model, example, { callbacks: [taker] });
  whole.set(name, { file: model.save({ optimizer: true }), history });
  model.dispose();
}

/** Trains in two calls of `fit`, with a checkpoint between them. */
async function trainTwice(name: string, training: Training): Promise<void> {
  const example = training.make();
  const { model } = example;
  await train(training, model, example, { epochs: 2 });
  take(name, "end of fit", 2, model.save({ optimizer: true }));
  await train(training, model, example, { initialEpoch: 2 });
  twice.set(name, model.save({ optimizer: true }));
  model.dispose();
}

beforeAll(async () => {
  await loadCore();
  for (const [name, training] of Object.entries(TRAININGS)) {
    await trainWhole(name, training);
    await trainTwice(name, training);
  }
  const list = join(folder, "list.json");
  writeFileSync(list, JSON.stringify(resumes));
  const program = join(folder, "resume-child.mjs");
  await bundle("resume-child.ts", program);
  execFileSync(process.execPath, [...NODE_FLAGS, program, list], { stdio: ["ignore", "ignore", "inherit"] });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("a training that goes on from a checkpoint in a new process ends in the same file, bit by bit, with the same history", () => {
  test.each(Object.keys(TRAININGS))("%s", (name) => {
    const { file, history } = whole.get(name) as Trained;
    const own = resumes.filter(({ training }) => training === name);
    expect(own).toHaveLength(5);
    for (const { place, initialEpoch, to } of own) {
      expectSameBytes(readFileSync(to), place === "end of fit" ? (twice.get(name) as Uint8Array) : file);
      // A fit that ends puts the averages in the place of the weights, as in Keras.
      if (place === "end of fit" && configIn(file).compile.optimizer.useEma) continue;
      expectSameBytes(readFileSync(to), file);
      const resumed = JSON.parse(readFileSync(`${to}.json`, "utf8")) as Trained & { readonly epoch: number[] };
      expect(resumed.epoch).toEqual(Array.from({ length: EPOCHS - initialEpoch }, (_, i) => initialEpoch + i));
      // As JSON, which has no NaN for epochs without validation.
      const rest = Object.entries(history).map(([key, values]) => [key, values.slice(initialEpoch)]);
      expect(resumed.history).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(rest))));
    }
  });
});

describe("a fit that was ended by its signal between two steps", () => {
  const accumulating = TRAININGS["branches and shared layers"] as Training;

  /** The model after the first batch of epoch 1, one gradient waiting. */
  async function aborted(training: Training): Promise<Example> {
    const example = training.make();
    const controller = new AbortController();
    let steps = 0;
    const onStepEnd = () => {
      if (++steps === 5) controller.abort(new RangeError("enough"));
    };
    const options = { callbacks: [{ onStepEnd }], signal: controller.signal };
    await expect(train(training, example.model, example, options)).rejects.toThrow("enough");
    return example;
  }

  test("goes on with initialEpoch, the gradients that wait included, to the same file", async () => {
    const example = await aborted(accumulating);
    await train(accumulating, example.model, example, { initialEpoch: 1 });
    expectSameBytes(example.model.save({ optimizer: true }), (whole.get("branches and shared layers") as Trained).file);
    example.model.dispose();
  });

  test("leaves nothing to an epoch that starts anew, to a single batch, or to compile", async () => {
    const later: readonly ((example: Example) => unknown)[] = [
      (example) => train(accumulating, example.model, example, { initialEpoch: 2, epochs: 2 }),
      ({ model, x, y }) => model.trainOnBatch(only(x), only(y)),
      ({ model }) => model.compile({ loss: "mse" }),
    ];
    for (const go of later) {
      const example = await aborted(accumulating);
      expect(example.model.progress).toMatchObject({ epoch: 1, position: 1, waiting: 1 });
      expect(Object.values(example.model.getGradients()).some(({ data }) => data.some((value) => value !== 0))).toBe(
        true,
      );
      await go(example);
      expect(example.model.progress.waiting).toBe(0);
      expect(Object.values(example.model.getGradients()).every(({ data }) => data.every((value) => value === 0))).toBe(
        true,
      );
      example.model.dispose();
    }
  });
});
