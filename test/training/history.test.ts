import { expect, test } from "vitest";
import { History } from "../../src/index.ts";

test("the i-th number of each list is of the i-th epoch, NaN where there was none", () => {
  const history = new History();
  history.onEpochEnd(4, { loss: 3 });
  history.onEpochEnd(5, { loss: 2, val_loss: 2.5 });
  history.onEpochEnd(6, { loss: 1, constructor: 7 });
  expect(history.epoch).toEqual([4, 5, 6]);
  expect(history.history).toEqual({
    loss: [3, 2, 1],
    val_loss: [Number.NaN, 2.5, Number.NaN],
    constructor: [Number.NaN, Number.NaN, 7],
  });
});

test("is plain in JSON", () => {
  const history = new History();
  history.onEpochEnd(0, { loss: 0.1 });
  history.onEpochEnd(1, { loss: Infinity });
  expect(JSON.parse(JSON.stringify(history))).toEqual({ epoch: [0, 1], history: { loss: [0.1, null] } });
});
