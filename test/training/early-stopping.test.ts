import { describe, expect, test } from "vitest";
import { earlyStopping, OptionError } from "../../src/index.ts";
import { expectFailure, logsOf, play } from "../support/fit-run.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";

const { NaN: nan } = Number;

describe("earlyStopping", () => {
  test.each([
    [0, 3],
    [1, 3],
    [2, 4],
    [3, 7],
  ])("with patience %d ends 2, 1, 1.5, 3, 0.5, 9, 9 after %d epochs", async (patience, expected) => {
    const stopping = earlyStopping({ monitor: "loss", patience });
    const { epochs } = await play([stopping], { epochs: logsOf("loss", 2, 1, 1.5, 3, 0.5, 9, 9) });
    expect(epochs).toBe(expected);
    expect(stopping.stoppedEpoch).toBe(expected === 7 ? undefined : expected - 1);
    expect(stopping.best).toBe(expected === 7 ? 0.5 : 1);
    expect(stopping.bestEpoch).toBe(expected === 7 ? 4 : 1);
  });

  test("watches val_loss unless told otherwise", async () => {
    const stopping = earlyStopping();
    await play([stopping], { epochs: [{ loss: 3, val_loss: 1 }, { loss: 2, val_loss: 2 }] }); // biome-ignore format: a row
    expect(stopping.stoppedEpoch).toBe(1);
  });

  test.each([
    ["auto", "accuracy", 2],
    ["auto", "val_f1Score", 2],
    ["auto", "loss", 3],
    ["min", "accuracy", 3],
    ["max", "loss", 2],
  ] as const)("mode %s of %s: 3, 2, 4 ends after %d epochs", async (mode, monitor, expected) => {
    const { epochs } = await play([earlyStopping({ monitor, mode })], { epochs: logsOf(monitor, 3, 2, 4) });
    expect(epochs).toBe(expected);
  });

  test("an improvement is more than minDelta", async () => {
    const stopping = earlyStopping({ monitor: "loss", minDelta: 0.5, patience: 9 });
    await play([stopping], { epochs: logsOf("loss", 3, 2.5, 2.4) });
    expect([stopping.best, stopping.bestEpoch]).toEqual([2.4, 2]);
  });

  test("with a baseline, improvements above it do not end the waiting", async () => {
    const epochs = logsOf("loss", 9, 8, 8.5, 3);
    expect((await play([earlyStopping({ monitor: "loss", patience: 3 })], { epochs })).epochs).toBe(4);
    expect((await play([earlyStopping({ monitor: "loss", patience: 3, baseline: 5 })], { epochs })).epochs).toBe(3);
    expect((await play([earlyStopping({ monitor: "loss", patience: 3, baseline: 10 })], { epochs })).epochs).toBe(4);
  });

  test("startFromEpoch looks at no epoch before", async () => {
    const stopping = earlyStopping({ monitor: "loss", startFromEpoch: 2 });
    const { epochs } = await play([stopping], { epochs: logsOf("loss", 1, 5, 4, 6, 1) });
    expect([epochs, stopping.best, stopping.bestEpoch]).toEqual([4, 4, 2]);
  });

  test("restoreBestWeights takes back the best epoch's weights, when stopped and at the end", async () => {
    const of = async (restoreBestWeights: boolean, ...losses: number[]) => {
      const stopping = earlyStopping({ monitor: "loss", patience: 2, restoreBestWeights });
      return (await play([stopping], { epochs: logsOf("loss", ...losses), stepsPerEpoch: 10 })).model.trained;
    };
    expect(await of(true, 3, 1, 2, 2, 2)).toBe(20);
    expect(await of(false, 3, 1, 2, 2, 2)).toBe(40);
    expect(await of(true, 3, 1, 2)).toBe(20);
    expect(await of(false, 3, 1, 2)).toBe(30);
  });

  test("NaN is never better, not even than nothing; without a number nothing is restored", async () => {
    const stopping = earlyStopping({ monitor: "loss", patience: 2, restoreBestWeights: true });
    await play([stopping], { epochs: logsOf("loss", nan, 5, nan, nan, 1) });
    expect([stopping.best, stopping.bestEpoch, stopping.stoppedEpoch]).toEqual([5, 1, 3]);
    const { model } = await play([stopping], { epochs: logsOf("loss", nan, nan, nan), stepsPerEpoch: 10 });
    expect([stopping.best, stopping.bestEpoch, stopping.stoppedEpoch]).toEqual([undefined, undefined, 1]);
    expect(model.trained).toBe(20);
  });

  test("begins afresh with each training", async () => {
    const stopping = earlyStopping({ monitor: "loss" });
    await play([stopping], { epochs: logsOf("loss", 1, 2) });
    const { epochs } = await play([stopping], { epochs: logsOf("loss", 9, 8, 7) });
    expect([epochs, stopping.stoppedEpoch, stopping.best]).toEqual([3, undefined, 7]);
  });

  test("epochs that are not validated do not count", async () => {
    const epochs = [{ loss: 1 }, { loss: 1, val_loss: 3 }, { loss: 1 }, { loss: 1, val_loss: 4 }, { loss: 1 }];
    const stopping = earlyStopping({ patience: 1 });
    expect((await play([stopping], { epochs, validationFrequency: 2 })).epochs).toBe(4);
    expect(stopping.bestEpoch).toBe(1);
  });

  test("a monitor that is not in the logs is refused with what is, and one of no validation before the first epoch", async () => {
    const epochs = [{ loss: 1, accuracy: 0.5 }];
    const stopping = earlyStopping({ monitor: "acuracy" });
    await expectFailure(stopping, { epochs }, "earlyStopping", '"acuracy"', "loss, accuracy");
    await expectFailure(earlyStopping({ monitor: "constructor" }), { epochs }, '"constructor"');
    const onStep = () => expect.fail("a step was done");
    await expectFailure(earlyStopping(), { epochs, validationFrequency: 0, onStep }, '"val_loss"', "validation");
  });

  test.each([
    [{ monitor: 5 }, "monitor"],
    [{ monitor: "" }, "monitor"],
    [{ minDelta: -1 }, "minDelta"],
    [{ minDelta: nan }, "minDelta"],
    [{ patience: 1.5 }, "patience"],
    [{ patience: -1 }, "patience"],
    [{ mode: "maximum" }, '"auto", "min" or "max"'],
    [{ baseline: "1" }, "baseline"],
    [{ restoreBestWeights: 1 }, "restoreBestWeights"],
    [{ startFromEpoch: -1 }, "startFromEpoch"],
    [{ restoreBestweights: true }, 'did you mean "restoreBestWeights"'],
    [5, "options"],
  ])("%j is refused", (options, part) => {
    expectRefusal(() => earlyStopping(wrong(options)), OptionError, "earlyStopping", part);
  });
});
