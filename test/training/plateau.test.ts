import { describe, expect, test } from "vitest";
import { ExponentialDecay, OptionError, reduceLearningRateOnPlateau, SGD } from "../../src/index.ts";
import type { ReduceLearningRateOnPlateauOptions } from "../../src/training/plateau.ts";
import { expectFailure, logsOf, play } from "../support/fit-run.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";

/** The rate of each epoch, and the one after the last. */
async function rates(options: ReduceLearningRateOnPlateauOptions, ...values: number[]): Promise<number[]> {
  const optimizer = new SGD({ learningRate: 1 });
  const seen: number[] = [];
  const monitor = options.monitor ?? "loss";
  const callback = reduceLearningRateOnPlateau({ factor: 0.5, patience: 1, ...options, monitor });
  await play([callback], {
    epochs: logsOf(monitor, ...values),
    optimizer,
    onStep: () => seen.push(optimizer.learningRate),
  });
  return [...seen, optimizer.learningRate];
}

describe("reduceLearningRateOnPlateau", () => {
  test("factor and patience: the rate falls after so many epochs without improvement", async () => {
    expect(await rates({}, 3, 3, 2, 2, 2)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.125]);
    expect(await rates({ patience: 2 }, 3, 3, 2, 2, 2)).toEqual([1, 1, 1, 1, 1, 0.5]);
    expect(await rates({ patience: 0 }, 3, 3, 3)).toEqual([1, 1, 0.5, 0.25]);
    expect(await rates({ factor: 0.25 }, 3, 3, 3)).toEqual([1, 1, 0.25, 0.0625]);
  });

  test("by default 0.1 after 10 epochs without an improvement of val_loss by more than 1e-4", async () => {
    const optimizer = new SGD({ learningRate: 1 });
    const values = Array.from({ length: 11 }, (_, epoch) => 1 - epoch * 0.999e-5);
    await play([reduceLearningRateOnPlateau()], { epochs: logsOf("val_loss", ...values.slice(0, 10)), optimizer });
    expect(optimizer.learningRate).toBe(1);
    await play([reduceLearningRateOnPlateau()], { epochs: logsOf("val_loss", ...values), optimizer });
    expect(optimizer.learningRate).toBe(0.1);
  });

  test("minDelta", async () => {
    expect(await rates({ minDelta: 0.5 }, 3, 2.5, 2.4)).toEqual([1, 1, 0.5, 0.5]);
    expect(await rates({ minDelta: 0 }, 3, 2.5, 2.4)).toEqual([1, 1, 1, 1]);
  });

  test("cooldown: epochs after a reduction do not count", async () => {
    expect(await rates({ cooldown: 2 }, 3, 3, 3, 3, 3)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
    expect(await rates({ cooldown: 3 }, 3, 3, 3, 3, 3)).toEqual([1, 1, 0.5, 0.5, 0.5, 0.25]);
  });

  test("minLearningRate", async () => {
    expect(await rates({ minLearningRate: 0.3 }, 3, 3, 3, 3)).toEqual([1, 1, 0.5, 0.3, 0.3]);
    expect(await rates({ minLearningRate: 2 }, 3, 3, 3)).toEqual([1, 1, 1, 1]);
  });

  test("mode", async () => {
    expect(await rates({ monitor: "accuracy" }, 1, 2)).toEqual([1, 1, 1]);
    expect(await rates({ monitor: "accuracy", mode: "min" }, 1, 2)).toEqual([1, 1, 0.5]);
    expect(await rates({ mode: "max" }, 2, 1)).toEqual([1, 1, 0.5]);
  });

  test("NaN is no improvement, and an epoch that is not validated is none at all", async () => {
    expect(await rates({}, Number.NaN, 3, 2)).toEqual([1, 0.5, 0.5, 0.5]);
    const optimizer = new SGD({ learningRate: 1 });
    const epochs = [{ loss: 1 }, { val_loss: 1 }, { loss: 1 }, { val_loss: 1 }];
    const callback = reduceLearningRateOnPlateau({ patience: 2 });
    await play([callback], { epochs, optimizer, validationFrequency: 2 });
    expect(optimizer.learningRate).toBe(1);
  });

  test("under a schedule it refuses before the first epoch", async () => {
    const schedule = new ExponentialDecay({ initialLearningRate: 1, decaySteps: 10, decayRate: 0.5 });
    const optimizer = new SGD({ learningRate: schedule });
    const onStep = () => expect.fail("a step was done");
    const callback = reduceLearningRateOnPlateau({ monitor: "loss" });
    await expectFailure(callback, { epochs: [{ loss: 1 }], optimizer, onStep }, 'Sequential "fake"', "schedule");
  });

  test("a monitor that is not in the logs", async () => {
    await expectFailure(
      reduceLearningRateOnPlateau({ monitor: "x" }),
      { epochs: [{ loss: 1, y: 2 }] },
      '"x"',
      "loss, y",
    );
    const script = { epochs: [{ loss: 1 }], validationFrequency: 0 };
    await expectFailure(reduceLearningRateOnPlateau(), script, '"val_loss"', "validation");
  });

  test.each([
    [{ monitor: null }, "monitor"],
    [{ factor: 1 }, "factor"],
    [{ factor: 0 }, "factor"],
    [{ patience: -1 }, "patience"],
    [{ minDelta: -1 }, "minDelta"],
    [{ cooldown: 0.5 }, "cooldown"],
    [{ minLearningRate: -1 }, "minLearningRate"],
    [{ mode: "rising" }, "mode"],
    [{ minLr: 1 }, '"minLr"'],
  ])("%j is refused", (options, part) => {
    expectRefusal(() => reduceLearningRateOnPlateau(wrong(options)), OptionError, "reduceLearningRateOnPlateau", part);
  });
});
