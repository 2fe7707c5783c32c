import { describe, expect, test } from "vitest";
import { numberText, tableText } from "../../src/cli/print.ts";
import { StatusLine, trainingStatus } from "../../src/cli/status-line.ts";
import type { FitRun } from "../../src/training/callback.ts";

describe("numbers below each other", () => {
  test.each([
    [14.08, [14.08, 1.777, -0.5], ["14.08", "1.78", "-0.50"]],
    [1.777, [14.0833, 1.7771], ["14.083", "1.777"]],
    [652, [651.96, 1006.21, 0], ["652.0", "1006.2", "0.0"]],
    [4310, [4310.4, -48517.2], ["4310", "-48517"]],
    [0.0123, [0.01234], ["0.01234"]],
    [0, [0], ["0.000"]],
    [3e-9, [3.1e-9, 0], ["3.100e-9", "0.000e+0"]],
    [2e12, [2e12], ["2.000e+12"]],
  ])("of the size of %d", (scale, values, expected) => {
    expect(values.map(numberText(scale))).toEqual(expected);
  });

  test("in a table: names to the left, numbers to the right", () => {
    expect(
      tableText([
        ["name", "n", ""],
        ["a", "1", "best"],
        ["long name", "10", ""],
      ]),
    ).toBe(["name         n", "a            1   best", "long name   10"].join("\n"));
  });
});

describe("the line that says what takes so long", () => {
  const record = (isTTY: boolean, columns = 40) => {
    const texts: string[] = [];
    return { texts, line: new StatusLine({ isTTY, columns, write: (text) => texts.push(text) }) };
  };

  test("is rewritten in place on a terminal, cut at its width, and gone at the end", () => {
    const { texts, line } = record(true, 10);
    line.show("longer than ten");
    line.show("short");
    line.clear();
    line.clear();
    expect(texts).toEqual(["\rlonger th", "\rshort    ", "\r     \r"]);
  });

  test("says nothing elsewhere", () => {
    const { texts, line } = record(false);
    line.show("something");
    line.clear();
    expect(texts).toEqual([]);
  });

  test("tells of training, at most ten times a second", () => {
    const { texts, line } = record(true, 80);
    let now = 0;
    const status = trainingStatus(line, () => now);
    const run = { epochs: 4, stepsPerEpoch: 2 } as FitRun;
    for (let epoch = 0; epoch < 2; epoch++) {
      status.onEpochBegin?.(epoch, run);
      for (let step = 0; step < 2; step++, now += 60) status.onStepEnd?.(step, { loss: 1 }, run);
      status.onEpochEnd?.(epoch, { loss: 1, val_loss: 0.02754321 }, run);
    }
    status.onTrainEnd?.(run);
    expect(texts.slice(0, 2)).toEqual([
      "\rTraining [==>                 ]  epoch 1/4",
      "\rTraining [=======>            ]  epoch 2/4, validation loss 0.02754",
    ]);
    expect(texts).toHaveLength(3);
    expect(texts.at(-1)?.trim()).toBe("");
  });
});
