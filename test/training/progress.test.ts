import { afterEach, describe, expect, test, vi } from "vitest";
import { type Callback, OptionError, type ProgressBarOptions, progressBar, SGD } from "../../src/index.ts";
import { EpochReport } from "../../src/training/epoch-report.ts";
import { play, type Script } from "../support/fit-run.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";

/** What was written, each call for itself; every step takes `milliseconds`, validation 500. */
async function written(script: Script, options: ProgressBarOptions = {}, milliseconds = 40): Promise<string[]> {
  const texts: string[] = [];
  let clock = 0;
  const stream = { write: (text: string) => texts.push(text), columns: 60, isTTY: true };
  await play([progressBar({ stream, now: () => clock, ...options })], {
    onStep: () => {
      clock += milliseconds;
    },
    onEpoch: () => {
      clock += 500;
    },
    ...script,
  });
  return texts;
}

const SCRIPT: Script = { epochs: [{ loss: 1.5, val_loss: 2 }, { loss: 0.5, val_loss: 1 }], stepsPerEpoch: 4, verbose: 1 }; // biome-ignore format: a row

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("progressBar", () => {
  test("on a terminal: one line rewritten in place, at its end one that stays", async () => {
    const texts = await written(SCRIPT);
    expect(texts).toEqual([
      "Epoch 1/2  [>                             ]  0/4",
      "\rEpoch 1/2  [====> ]  3/4  loss 1.5000  40 ms/step  1 s left",
      "\rEpoch 1/2  [================]  4/4  loss 1.5000  40 ms/step",
      "\rEpoch 1/2  4 steps  660 ms  40 ms/step  loss 1.5000        \n  val_loss 2.0000\n",
      "Epoch 2/2  [>                             ]  0/4",
      "\rEpoch 2/2  [====> ]  3/4  loss 0.5000  40 ms/step  1 s left",
      "\rEpoch 2/2  [================]  4/4  loss 0.5000  40 ms/step",
      "\rEpoch 2/2  4 steps  660 ms  40 ms/step  loss 0.5000        \n  val_loss 1.0000\n",
    ]);
  });

  test("covers longer lines with blanks, and never writes into the terminal's last column", async () => {
    const texts = await written({ ...SCRIPT, stepsPerEpoch: 300 }, { width: undefined });
    let line = "";
    for (const text of texts) {
      for (const part of text.split(/(?=[\r\n])/)) {
        const clean = part.replace(/[\r\n]/, "");
        expect(clean.length).toBeLessThanOrEqual(59);
        if (part.startsWith("\r")) expect(clean.length).toBeGreaterThanOrEqual(line.trimEnd().length);
        line = clean;
      }
    }
  });

  test("at most ten redraws a second", async () => {
    const texts = await written({ ...SCRIPT, epochs: [{ loss: 1 }], stepsPerEpoch: 10000 }, {}, 1);
    expect(texts.length).toBeGreaterThan(90);
    expect(texts.length).toBeLessThanOrEqual(103);
  });

  test("with verbose 2, or on no terminal: a plain line for each epoch", async () => {
    const lines = [
      "Epoch 1/2  4 steps  660 ms  40 ms/step  loss 1.5000  val_loss 2.0000\n",
      "Epoch 2/2  4 steps  660 ms  40 ms/step  loss 0.5000  val_loss 1.0000\n",
    ];
    expect(await written(SCRIPT, { isTerminal: false })).toEqual(lines);
    expect(await written({ ...SCRIPT, verbose: 2 }, { isTerminal: false })).toEqual(lines);
    expect(await written({ ...SCRIPT, verbose: 2 }, { width: 100 })).toEqual(lines);
  });

  test("with verbose 0: nothing", async () => {
    expect(await written({ ...SCRIPT, verbose: 0 })).toEqual([]);
  });

  test("width is the longest line, isTerminal overrules the stream, a terminal of unknown width has 80 columns", async () => {
    const texts: string[] = [];
    const stream = { write: (text: string) => texts.push(text) };
    expect((await written(SCRIPT, { width: 30 }))[0]).toBe("Epoch 1/2  [>           ]  0/4");
    await play([progressBar({ stream, isTerminal: true })], { ...SCRIPT, epochs: [{ loss: 1, a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1 }] }); // biome-ignore format: a row
    const longest = Math.max(...texts.flatMap((text) => text.split("\n")).map((text) => text.replace("\r", "").length));
    expect(longest).toBeLessThanOrEqual(79);
    expect(longest).toBeGreaterThan(70);
  });

  test("shows the learning rate of an epoch that has another one than the epoch before", async () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const onEpoch = (epoch: number) => {
      if (epoch === 1) optimizer.learningRate = 0.05;
    };
    const epochs = [{ loss: 1 }, { loss: 1 }, { loss: 1 }, { loss: 1 }];
    const texts = await written({ epochs, optimizer, onEpoch, verbose: 2 });
    expect(texts.map((text) => /learningRate (.*)\n/.exec(text)?.[1])).toEqual([
      undefined,
      undefined,
      "0.05",
      undefined,
    ]);
  });

  test("counts time from the step at which a training goes on", async () => {
    const texts: string[] = [];
    let clock = 0;
    const bar = progressBar({ stream: { write: (text) => texts.push(text) }, now: () => clock });
    const lastTwo: Callback = {
      onTrainBegin: (run) => bar.onTrainBegin?.(run),
      onEpochBegin: (epoch, run) => bar.onEpochBegin?.(epoch, run),
      onStepEnd: (step, logs, run) => bar.onStepEnd?.(step + 8, logs, run),
      onEpochEnd: (epoch, logs, run) => bar.onEpochEnd?.(epoch, logs, run),
    };
    const onStep = () => {
      clock += 100;
    };
    await play([lastTwo], { epochs: [{}], stepsPerEpoch: 2, verbose: 1, onStep });
    expect(texts).toEqual(["Epoch 1/1  10 steps  200 ms  100 ms/step\n"]);
  });

  test("without a process each epoch is a message of the console", async () => {
    vi.stubGlobal("process", undefined);
    const log = vi.spyOn(console, "log").mockReturnValue();
    await play([progressBar({ now: () => 0 })], { epochs: [{ loss: 1 }], verbose: 1 });
    expect(log.mock.calls).toEqual([["Epoch 1/1  1 step  0 ms  0 us/step  loss 1.0000"]]);
  });

  test("writes to process.stdout, by the real clock", async () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    await play([progressBar({ isTerminal: false })], { epochs: [{ loss: 1 }], verbose: 1 });
    expect(write.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^Epoch 1\/1 {2}1 step {2}\d+ ms {2}[\d.]+ (us|ms)\/step {2}loss 1\.0000\n$/),
    ]);
  });

  test("is known again", () => {
    expect(progressBar()).toBeInstanceOf(EpochReport);
  });

  test.each([
    [{ stream: {} }, "stream"],
    [{ width: 0 }, "width"],
    [{ width: 70.5 }, "width"],
    [{ isTerminal: 1 }, "isTerminal"],
    [{ now: 5 }, "now"],
    [{ colour: true }, '"colour"'],
  ])("%j is refused", (options, part) => {
    expectRefusal(() => progressBar(wrong(options)), OptionError, "progressBar", part);
  });
});
