import { describe, expect, test } from "vitest";
import { durationText, type EpochProgress, numberText, paceText } from "../../src/training/epoch-text.ts";
import { epochLines, progressLine } from "../../src/training/progress-line.ts";

const EPOCH: EpochProgress = {
  epoch: 2,
  epochs: 20,
  done: 142,
  steps: 400,
  logs: { loss: 1.23451, accuracy: 0.8123 },
  seconds: 1.704,
  pace: 0.012,
};
const LONG = { ...EPOCH, logs: { loss: 1e-9, meanAbsoluteError: 123456789, rootMeanSquaredError: 12, accuracy: 0.5 } };

describe("the line while an epoch runs", () => {
  test.each([
    [Infinity, EPOCH, "Epoch 3/20  [==========>                   ]  142/400  loss 1.2345  accuracy 0.8123  12 ms/step  4 s left"],
    [88, EPOCH, "Epoch 3/20  [====>        ]  142/400  loss 1.2345  accuracy 0.8123  12 ms/step  4 s left"],
    [79, EPOCH, "Epoch 3/20  [=>  ]  142/400  loss 1.2345  accuracy 0.8123  12 ms/step  4 s left"],
    [78, EPOCH, "Epoch 3/20  [=====>         ]  142/400  loss 1.2345  ...  12 ms/step  4 s left"],
    [60, EPOCH, "Epoch 3/20  142/400  loss 1.2345  ...  12 ms/step  4 s left"],
    [50, EPOCH, "Epoch 3/20  142/400  ...  12 ms/step  4 s left"],
    [42, EPOCH, "Epoch 3/20  142/400  12 ms/step  4 s left"],
    [40, EPOCH, "Epoch 3/20  142/400"],
    [12, EPOCH, "Epoch 3/2..."],
    [2, EPOCH, ".."],
    [79, LONG, "Epoch 3/20  [====>        ]  142/400  loss 1.0000e-9  ...  12 ms/step  4 s left"],
  ] as const)("%d wide", (width, progress, line) => {
    expect(progressLine(progress, width)).toBe(line);
  }); // biome-ignore format: lines

  test("before the first step, after the last, and where the number of steps is not known", () => {
    const first = { ...EPOCH, done: 0, logs: {}, seconds: 0, pace: undefined };
    expect(progressLine(first, 50)).toBe("Epoch 3/20  [>                          ]    0/400");
    const last = { ...EPOCH, done: 400 };
    expect(progressLine(last, 79)).toBe(
      "Epoch 3/20  [==============]  400/400  loss 1.2345  accuracy 0.8123  12 ms/step",
    );
    const more = { ...EPOCH, done: 500 };
    expect(progressLine(more, 79)).toBe(
      "Epoch 3/20  [==============]  500/400  loss 1.2345  accuracy 0.8123  12 ms/step",
    );
    const endless = { ...EPOCH, steps: undefined };
    expect(progressLine(endless, 79)).toBe("Epoch 3/20  142 steps  loss 1.2345  accuracy 0.8123  12 ms/step");
  });

  test("the time that is left is rounded up, in one unit below an hour", () => {
    const left = (steps: number) => {
      const line = progressLine({ ...EPOCH, done: 0, steps, pace: 1, logs: {} }, 79);
      return line.split("  ").at(-1);
    };
    expect(left(59)).toBe("59 s left");
    expect(left(61)).toBe("2 min left");
    expect(left(3600)).toBe("1 h 0 min left");
    expect(left(7201)).toBe("2 h 1 min left");
  });

  test("is never wider than asked for, from 1 to 200 characters", () => {
    for (const progress of [EPOCH, LONG, { ...LONG, epoch: 999999, epochs: 1000000, steps: 1e9 }]) {
      for (let width = 1; width <= 200; width++) {
        expect(progressLine(progress, width).length).toBeLessThanOrEqual(width);
        for (const line of epochLines(progress, width)) expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });
});

describe("the lines of a whole epoch", () => {
  const whole = { ...EPOCH, done: 400, seconds: 4.81, logs: { ...EPOCH.logs, val_loss: 1.5, val_accuracy: 0.75 } };

  test("one line where there is room, with the learning rate if it is to be shown", () => {
    const line =
      "Epoch 3/20  400 steps  4.8 s  12 ms/step  loss 1.2345  accuracy 0.8123  val_loss 1.5000  val_accuracy 0.7500";
    expect(epochLines(whole, Infinity)).toEqual([line]);
    expect(epochLines({ ...whole, learningRate: 0.00050000001 }, Infinity)).toEqual([`${line}  learningRate 0.0005`]);
    const short = { ...EPOCH, done: 1, seconds: 0.2, pace: undefined, logs: {}, learningRate: 1e-7 };
    expect(epochLines(short, Infinity)).toEqual(["Epoch 3/20  1 step  200 ms  learningRate 1e-7"]);
  });

  test("else several, and nothing is left out", () => {
    expect(epochLines(whole, 79)).toEqual([
      "Epoch 3/20  400 steps  4.8 s  12 ms/step  loss 1.2345  accuracy 0.8123",
      "  val_loss 1.5000  val_accuracy 0.7500",
    ]);
    expect(epochLines(whole, 20).at(-1)).toBe("  val_accuracy 0....");
  });
});

test.each([
  [0, "0.0000"],
  [-1.5, "-1.5000"],
  [0.001, "0.0010"],
  [0.00099999, "9.9999e-4"],
  [1.23456e-9, "1.2346e-9"],
  [-1.23456e-9, "-1.2346e-9"],
  [999.12345, "999.1235"],
  [1234.567, "1234.57"],
  [123456.7, "123457"],
  [9999999, "9999999"],
  [9999999.5, "1.0000e7"],
  [1e9, "1.0000e9"],
  [Number.NaN, "NaN"],
  [-Infinity, "-Infinity"],
])("%d is shown as %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});

test.each([
  [0, "0 ms", "0 us/step"],
  [0.00035, "0 ms", "350 us/step"],
  [0.0012, "1 ms", "1.2 ms/step"],
  [0.00996, "10 ms", "10 ms/step"],
  [0.9994, "999 ms", "999 ms/step"],
  [0.9996, "1.0 s", "1.0 s/step"],
  [9.96, "10 s", "10 s/step"],
  [59.6, "1 min 0 s", "1 min 0 s/step"],
  [125, "2 min 5 s", "2 min 5 s/step"],
  [3599.7, "1 h 0 min", "1 h 0 min/step"],
  [12000, "3 h 20 min", "3 h 20 min/step"],
])("%d seconds are %s and %s", (seconds, duration, pace) => {
  expect([durationText(seconds), paceText(seconds)]).toEqual([duration, pace]);
});
