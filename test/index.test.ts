import { expect, test } from "vitest";
import * as gatefold from "../src/index.ts";

test("the public names are these: a new one must change this list", () => {
  expect(Object.keys(gatefold).sort()).toEqual([
    "Adam",
    "AdamW",
    "Dense",
    "FormatError",
    "LSTM",
    "OptionError",
    "OutOfMemoryError",
    "Random",
    "SGD",
    "ShapeError",
    "StateError",
    "UnsupportedError",
    "init",
    "initSync",
    "meanSquaredError",
    "sparseCategoricalCrossentropy",
    "tensor",
  ]);
});
