import { expect, test } from "vitest";
import * as gatefold from "../src/index.ts";

test("the public names are these: a new one must change this list", () => {
  expect(Object.keys(gatefold).sort()).toEqual([
    "Adam",
    "AdamW",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Dense",
    "FormatError",
    "Huber",
    "KLDivergence",
    "LSTM",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "OptionError",
    "OutOfMemoryError",
    "Poisson",
    "Random",
    "SGD",
    "ShapeError",
    "SparseCategoricalCrossentropy",
    "StateError",
    "UnsupportedError",
    "init",
    "initSync",
    "meanSquaredError",
    "sparseCategoricalCrossentropy",
    "tensor",
  ]);
});
