import { beforeAll, describe, expect, test } from "vitest";
import { meanSquaredError, OptionError, ShapeError, sparseCategoricalCrossentropy, tensor } from "../../src/index.ts";
import { loadCore } from "../support/layers.ts";
import { expectRefusal, type Refusal, refusal, wrong } from "../support/layers-errors.ts";

beforeAll(async () => {
  await loadCore();
});

const empty = (...shape: number[]) => tensor(new Float32Array(), shape);
const logits = [[1, 2, 3], [4, 5, 6]]; // biome-ignore format: short
const of = (labels: unknown) => () => sparseCategoricalCrossentropy(logits, wrong(labels));

const rows: readonly Refusal<void>[] = [
  refusal("a label past the classes", of([0, 3]), OptionError, "from 0 to 2", "got 3 at index 1"),
  refusal("a negative label", of([-1, 0]), OptionError, "from 0 to 2", "got -1 at index 0"),
  refusal("a fractional label", of([0, 1.5]), OptionError, "got 1.5"),
  refusal("a label NaN", of([0, Number.NaN]), OptionError, "got NaN"),
  refusal("a label Infinity", of([Number.POSITIVE_INFINITY, 0]), OptionError, "got Infinity"),
  refusal("one label too few", of([0]), ShapeError, "[2, 3]", "[1]"),
  refusal("labels as a column", of([[0], [1]]), ShapeError, "[2, 3]", "[2, 1]"),
  refusal("no classes", () => sparseCategoricalCrossentropy(empty(2, 0), [0, 0]), ShapeError, "[2, 0]"),
  refusal("scores of one row without its axis", () => sparseCategoricalCrossentropy([1, 2], [0]), ShapeError, "[2]"),
  refusal("a target transposed", () => meanSquaredError([[1, 2]], [[1], [2]]), ShapeError, "[1, 2]", "[2, 1]"),
  refusal("a target of another rank", () => meanSquaredError([[1], [2]], [1, 2]), ShapeError, "[2, 1]", "[2]"),
  refusal("nothing", () => meanSquaredError(empty(0), empty(0)), ShapeError, "[0]"),
];

describe("losses: a typed error, then the same value as before", () => {
  test.each(rows)("$what", ({ call, type, parts }) => {
    const before = sparseCategoricalCrossentropy(logits, [0, 1]);
    expectRefusal(call, type, ...parts);
    expect(sparseCategoricalCrossentropy(logits, [0, 1])).toEqual(before);
  });
});
