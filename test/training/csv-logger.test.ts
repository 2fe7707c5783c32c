import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { csvLogger, OptionError, SGD } from "../../src/index.ts";
import { expectFailure, logsOf, play, type Script } from "../support/fit-run.ts";
import { temporaryFolder } from "../support/folder.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";

/** The table after a training, beginning with `before`. */
async function table(script: Script, options: object = {}, before?: string): Promise<string> {
  const path = join(await temporaryFolder(), "log.csv");
  if (before !== undefined) await writeFile(path, before);
  await play([csvLogger({ path, ...options })], script);
  return readFile(path, "utf8");
}

describe("csvLogger", () => {
  test("a header, and a row for each epoch that is there before training goes on", async () => {
    const folder = join(await temporaryFolder(), "runs");
    const path = join(folder, "log.csv");
    const seen: string[] = [];
    const look = { onEpochEnd: async () => void seen.push(await readFile(path, "utf8")) };
    await play([csvLogger({ path }), look], { epochs: [{ loss: 0.5, val_loss: 1 }, { loss: 0.25, val_loss: 2 }] }); // biome-ignore format: a row
    expect(seen).toEqual([
      "epoch,loss,val_loss,learningRate\n0,0.5,1,1\n",
      "epoch,loss,val_loss,learningRate\n0,0.5,1,1\n1,0.25,2,1\n",
    ]);
    expect(await readdir(folder)).toEqual(["log.csv"]);
  });

  test("numbers with all their digits, nan and inf as Python has them", async () => {
    const values = [0.1 + 0.2, 1 / 3, 5e-324, 1e21, -0, Number.NaN, Infinity, -Infinity];
    const rows = (await table({ epochs: logsOf("loss", ...values) })).split("\n").slice(1, -1);
    const cells = rows.map((row) => row.split(",")[1] ?? "");
    expect(cells.slice(0, 5).map(Number)).toEqual(values.slice(0, 5));
    expect(cells.slice(4)).toEqual(["-0", "nan", "inf", "-inf"]);
  });

  test("the learning rate is that of the epoch's last step", async () => {
    const optimizer = new SGD({ learningRate: 0.5 });
    const onEpoch = (epoch: number) => {
      optimizer.learningRate = epoch + 2;
    };
    const onStep = (_epoch: number, step: number) => {
      if (step === 1) optimizer.learningRate /= 4;
    };
    const text = await table({ epochs: logsOf("loss", 1, 1), stepsPerEpoch: 2, optimizer, onEpoch, onStep });
    expect(text).toBe("epoch,loss,learningRate\n0,1,0.125\n1,1,0.5\n");
  });

  test("missing values are empty, and a log that appears later gets a column", async () => {
    const epochs = [{ loss: 1 }, { loss: 2, val_loss: 3 }, { loss: 4 }, { val_loss: 5, "a,b": 6 }];
    expect(await table({ epochs })).toBe(
      'epoch,loss,learningRate,val_loss,"a,b"\n0,1,1,,\n1,2,1,3,\n2,4,1,,\n3,,1,5,6\n',
    );
  });

  test("separator; names are quoted where they must be", async () => {
    const epochs = [{ loss: 1, "a,b": 2, "c;d": 3, 'e"f': 4, "g\nh": 5 }];
    expect(await table({ epochs })).toBe('epoch,loss,"a,b",c;d,"e""f","g\nh",learningRate\n0,1,2,3,4,5,1\n');
    const text = await table({ epochs }, { separator: ";" });
    expect(text).toBe('epoch;loss;a,b;"c;d";"e""f";"g\nh";learningRate\n0;1;2;3;4;5;1\n');
    const header = `${text.split("\n0")[0]}\n`;
    const longer = await table({ epochs: [{ x: 1 }], initialEpoch: 9 }, { separator: ";", append: true }, text);
    expect(longer).toBe(`${header.trimEnd()};x\n0;1;2;3;4;5;1;\n9;;;;;;1;1\n`);
  });

  test("the old table is replaced when the first epoch has ended, with append it goes on", async () => {
    const old = "epoch,loss,learningRate\n0,3,1\n";
    const epochs = logsOf("loss", 2);
    expect(await table({ epochs: [] }, {}, old)).toBe(old);
    expect(await table({ epochs, initialEpoch: 1 }, {}, old)).toBe("epoch,loss,learningRate\n1,2,1\n");
    expect(await table({ epochs, initialEpoch: 1 }, { append: true }, old)).toBe(`${old}1,2,1\n`);
    expect(await table({ epochs, initialEpoch: 1 }, { append: true })).toBe("epoch,loss,learningRate\n1,2,1\n");
    expect(await table({ epochs, initialEpoch: 1 }, { append: true }, "")).toBe("epoch,loss,learningRate\n1,2,1\n");
  });

  test("append writes in the order of the table that is there, whoever has written it", async () => {
    const epochs = [{ loss: 5, accuracy: 6, val_loss: 7 }];
    const script = { epochs, initialEpoch: 1 };
    const other = "epoch,learningRate,accuracy,loss\n0,1,2,3\n";
    const widened = "epoch,learningRate,accuracy,loss,val_loss\n0,1,2,3,\n1,1,6,5,7\n";
    expect(await table(script, { append: true }, other)).toBe(widened);
    const windows = "\uFEFFepoch,loss\r\n0,3\r\n";
    const joined = await table({ epochs: logsOf("loss", 2), initialEpoch: 1 }, { append: true }, windows);
    expect(joined).toBe("epoch,loss,learningRate\n0,3,\r\n1,2,1\n");
  });

  test("append cuts off a torn last line before the first epoch", async () => {
    const whole = "epoch,loss,learningRate\n0,3,1\n";
    for (const torn of ["1", "1,0.12", "1,2,1", "\0\0\0"]) {
      expect(await table({ epochs: [] }, { append: true }, whole + torn)).toBe(whole);
      const text = await table({ epochs: logsOf("loss", 2), initialEpoch: 1 }, { append: true }, whole + torn);
      expect(text).toBe(`${whole}1,2,1\n`);
    }
  });

  test("append refuses what is no such table, and does not touch it", async () => {
    const path = join(await temporaryFolder(), "notes");
    for (const text of ["dear diary\n", "epoch", "loss,epoch\n", "epoch;loss\n", '"epoch,loss\n', "\n"]) {
      await writeFile(path, text);
      await expectFailure(csvLogger({ path, append: true }), { epochs: logsOf("loss", 1) }, "csvLogger", "header");
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  test("a table that somebody removes is begun anew", async () => {
    const path = join(await temporaryFolder(), "log.csv");
    const remove = { onEpochBegin: (epoch: number) => (epoch === 1 ? unlink(path) : undefined) };
    await play([csvLogger({ path }), remove], { epochs: logsOf("loss", 1, 2) });
    expect(await readFile(path, "utf8")).toBe("epoch,loss,learningRate\n1,2,1\n");
    const widen = [{ loss: 1 }, { loss: 2, accuracy: 3 }];
    await play([csvLogger({ path }), remove], { epochs: widen });
    expect(await readFile(path, "utf8")).toBe("epoch,loss,learningRate,accuracy\n1,2,1,3\n");
  });

  test("where there are no files it says so before the first epoch", async () => {
    vi.doMock("node:process", () => ({ default: {} }));
    try {
      const onStep = () => expect.fail("a step was done");
      const playing = play([csvLogger({ path: "x" })], { epochs: logsOf("loss", 1), onStep });
      await expect(playing).rejects.toThrow("csvLogger needs the file system");
    } finally {
      vi.doUnmock("node:process");
    }
  });

  test.each([
    [{}, "path"],
    [{ path: "" }, "path"],
    [{ path: "x", separator: "" }, "separator"],
    [{ path: "x", separator: ", " }, "separator"],
    [{ path: "x", separator: '"' }, "separator"],
    [{ path: "x", separator: "." }, "separator"],
    [{ path: "x", separator: "e" }, "separator"],
    [{ path: "x", append: "yes" }, "append"],
    [{ path: "x", seperator: ";" }, 'did you mean "separator"'],
    ["x", "options"],
  ])("%j is refused", (options, part) => {
    expectRefusal(() => csvLogger(wrong(options)), OptionError, "csvLogger", part);
  });
});
