import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { modelCheckpoint, OptionError } from "../../src/index.ts";
import { expectFailure, logsOf, play } from "../support/fit-run.ts";
import { temporaryFolder } from "../support/folder.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";

/** Steps that the saved model was trained. */
async function stepsIn(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8")).steps;
}

describe("modelCheckpoint", () => {
  test("saves at the end of each epoch, before training goes on; folders are made", async () => {
    const folder = join(await temporaryFolder(), "runs", "first");
    const path = join(folder, "{epoch:02d}-{val_loss:.2f}.safetensors");
    const seen: string[][] = [];
    const look = { onEpochEnd: async () => void seen.push(await readdir(folder)) };
    await play([modelCheckpoint({ path }), look], { epochs: logsOf("val_loss", 0.5, 0.75), stepsPerEpoch: 3 });
    expect(seen).toEqual([["01-0.50.safetensors"], ["01-0.50.safetensors", "02-0.75.safetensors"]]);
    expect(await stepsIn(join(folder, "02-0.75.safetensors"))).toBe(6);
  });

  test("saveOptimizer is what the model is told", async () => {
    const path = join(await temporaryFolder(), "model");
    const saved = async (options: object) => {
      await play([modelCheckpoint({ path, ...options })], { epochs: logsOf("val_loss", 1) });
      return JSON.parse(await readFile(path, "utf8")).optimizer;
    };
    expect(await saved({})).toBe(true);
    expect(await saved({ saveOptimizer: false })).toBe(false);
  });

  test("saveBestOnly with monitor and mode; what is best lasts over several trainings", async () => {
    const path = join(await temporaryFolder(), "best");
    const best = async (options: object, ...trainings: number[][]) => {
      const callback = modelCheckpoint({ path, saveBestOnly: true, ...options });
      for (const values of trainings) {
        await play([callback], { epochs: values.map((value) => ({ accuracy: value, val_loss: value })) });
      }
      return stepsIn(path);
    };
    expect(await best({}, [3, 1, 2])).toBe(2);
    expect(await best({ monitor: "accuracy" }, [1, 2, 3, 2])).toBe(3);
    expect(await best({ mode: "max" }, [3, 1, 2])).toBe(1);
    expect(await best({ saveBestOnly: false }, [3, 1, 2])).toBe(3);
    expect(await best({}, [Number.NaN, 4, Number.NaN])).toBe(2);
    expect(await best({}, [3, 1, 2], [2, 2, 0.5, 2])).toBe(3);
    expect(await best({}, [3, 1, 2], [2, 2, 2, 2])).toBe(2);
  });

  test("saveFrequency counts steps through all epochs", async () => {
    const folder = await temporaryFolder();
    const callback = modelCheckpoint({ path: join(folder, "{epoch}-{step}-{loss}"), saveFrequency: 2 });
    await play([callback], { epochs: logsOf("loss", 5, 6), stepsPerEpoch: 3 });
    expect(await readdir(folder)).toEqual(["1-2-5", "2-1-6", "2-3-6"]);
    expect(await stepsIn(join(folder, "2-1-6"))).toBe(4);
  });

  test("keep removes older ones of this training, and nothing else", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "0"), "not ours");
    const callback = modelCheckpoint({ path: join(folder, "{epoch}"), keep: 2 });
    await play([callback], { epochs: logsOf("loss", 1, 1, 1, 1) });
    expect(await readdir(folder)).toEqual(["0", "3", "4"]);
    await play([callback], { epochs: logsOf("loss", 1, 1, 1), initialEpoch: 4 });
    expect(await readdir(folder)).toEqual(["0", "3", "4", "6", "7"]);
    const rounded = modelCheckpoint({ path: join(folder, "loss {loss:.0f}"), keep: 1 });
    await play([rounded], { epochs: logsOf("loss", 4, 5, 5) });
    expect(await readdir(folder)).toEqual(["0", "3", "4", "6", "7", "loss 5"]);
  });

  test("a failed write ends the training, and the old checkpoints are still there", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "2"));
    const callback = modelCheckpoint({ path: join(folder, "{epoch}"), keep: 1 });
    await expect(play([callback], { epochs: logsOf("loss", 1, 1, 1) })).rejects.toThrow();
    expect((await readdir(folder)).sort()).toEqual(["1", "2"]);
  });

  test("epochs that are not validated are not the best", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "{epoch}-{val_loss}");
    const epochs = [{ loss: 1 }, { loss: 1, val_loss: 3 }, { loss: 1 }, { loss: 1, val_loss: 2 }];
    await play([modelCheckpoint({ path, saveBestOnly: true })], { epochs, validationFrequency: 2 });
    expect(await readdir(folder)).toEqual(["2-3", "4-2"]);
    const parts = ["{val_loss}", "does not validate every epoch"];
    await expectFailure(modelCheckpoint({ path }), { epochs, validationFrequency: 2 }, ...parts);
    await expectFailure(modelCheckpoint({ path }), { epochs, validationFrequency: 0 }, ...parts);
    const best = modelCheckpoint({ path: join(folder, "x"), saveBestOnly: true });
    await expectFailure(best, { epochs, validationFrequency: 0 }, '"val_loss"', "no validation data");
    expect(await readdir(folder)).toEqual(["2-3", "4-2"]);
  });

  test("names that are not in the logs", async () => {
    const path = join(await temporaryFolder(), "{acuracy}");
    await expectFailure(modelCheckpoint({ path }), { epochs: [{ loss: 1 }] }, "{acuracy}", "loss, epoch");
    const best = modelCheckpoint({ path: "x", saveBestOnly: true, monitor: "acuracy" });
    await expectFailure(best, { epochs: [{ loss: 1 }] }, '"acuracy"', "loss");
  });

  test("where there are no files it says so before the first epoch", async () => {
    vi.doMock("node:process", () => ({ default: {} }));
    try {
      const onStep = () => expect.fail("a step was done");
      const playing = play([modelCheckpoint({ path: "x" })], { epochs: logsOf("loss", 1), onStep });
      await expect(playing).rejects.toThrow("modelCheckpoint needs the file system");
    } finally {
      vi.doUnmock("node:process");
    }
  });

  test.each([
    [{ path: "" }, "path"],
    [{ path: 5 }, "path"],
    [{ path: "{epoch" }, "path"],
    [{ path: "x", monitor: 1 }, "monitor"],
    [{ path: "x", mode: "best" }, "mode"],
    [{ path: "x", saveBestOnly: "yes" }, "saveBestOnly"],
    [{ path: "x", saveOptimizer: 0 }, "saveOptimizer"],
    [{ path: "x", saveFrequency: 0 }, "saveFrequency"],
    [{ path: "x", saveFrequency: "step" }, "saveFrequency"],
    [{ path: "{epoch}", keep: 0 }, "keep"],
    [{ path: "x", keep: 2 }, "{epoch}"],
    [{ path: "{step}" }, "saveFrequency"],
    [{ path: "{val_loss}", saveFrequency: 10 }, '"val_loss"'],
    [{ path: "x", saveBestOnly: true, saveFrequency: 10 }, '"val_loss"'],
    [{ path: "x", saveBest: true }, "saveBest"],
    ["x", "options"],
  ])("%j is refused", (options, part) => {
    expectRefusal(() => modelCheckpoint(wrong(options)), OptionError, "modelCheckpoint", part);
  });
});
