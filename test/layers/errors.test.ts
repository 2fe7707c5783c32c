import { beforeAll, describe, expect, test } from "vitest";
import { Dense, LSTM, OptionError, ShapeError, StateError, tensor } from "../../src/index.ts";
import { contentsOf, expectSameBits, expectSameNamedBits, f32, loadCore } from "../support/layers.ts";
import { expectRefusal, type Refusal, refusal, wrong } from "../support/layers-errors.ts";

const zeros = (...shape: number[]) => tensor(new Float32Array(shape.reduce((n, size) => n * size, 1)), shape);
const x = f32([1, -2, 3, 0.5, -0.25, 4, 1, 1, 2, -1, 0, 3], 2, 3, 2);
const LSTM_GRADIENT = { output: [[1, 2, 3], [4, 5, 6]] }; // biome-ignore format: short

function makeLSTM(): LSTM {
  const lstm = new LSTM({ units: 3, inputSize: 2, name: "encoder", seed: 1 });
  lstm.forward(x, { training: true });
  lstm.backward(LSTM_GRADIENT);
  return lstm;
}

function makeDense(): Dense {
  const dense = new Dense({ units: 2, inputSize: 3, name: "head", seed: 1 });
  dense.forward([[1, 2, 3]], { training: true });
  dense.backward([[1, -1]]);
  return dense;
}

beforeAll(async () => {
  await loadCore();
});

const lstmCalls: readonly Refusal<LSTM>[] = [
  refusal("rank 2", (l) => l.forward([[1, 2]]), ShapeError, "[batch, steps, 2]", "[1, 2]"),
  refusal("rank 4", (l) => l.forward([[[[1, 2]]]]), ShapeError, "[batch, steps, 2]", "[1, 1, 1, 2]"),
  refusal("three features", (l) => l.forward([[[1, 2, 3]]]), ShapeError, "[batch, steps, 2]", "[1, 1, 3]"),
  refusal("an empty batch", (l) => l.forward(zeros(0, 3, 2)), ShapeError, "[0, 3, 2]"),
  refusal("no steps", (l) => l.forward(zeros(2, 0, 2)), ShapeError, "[2, 0, 2]"),
  refusal("ragged arrays", (l) => l.forward([[[1, 2], [3]]]), ShapeError, "ragged"),
  refusal("no tensor", (l) => l.forward(wrong("abc")), ShapeError, '"abc"'),
  refusal(
    "more data than shape",
    (l) => l.forward({ data: new Float32Array(5), shape: [1, 2, 2] }),
    ShapeError,
    "[1, 2, 2]",
  ),
  refusal("misspelt option", (l) => l.forward(x, wrong({ trainning: true })), OptionError, '"training"'),
  refusal("training 1", (l) => l.forward(x, wrong({ training: 1 })), OptionError, "true or false", "got 1"),
  refusal("options null", (l) => l.forward(x, wrong(null)), OptionError, "got null"),
  refusal(
    "state of another batch",
    (l) => l.forward(x, { initialState: { hidden: zeros(1, 3), cell: zeros(2, 3) } }),
    ShapeError,
    "initialState.hidden",
    "[2, 3]",
    "[1, 3]",
  ),
  refusal(
    "cell of other units",
    (l) => l.forward(x, { initialState: { hidden: zeros(2, 3), cell: zeros(2, 4) } }),
    ShapeError,
    "initialState.cell",
    "[2, 3]",
    "[2, 4]",
  ),
  refusal(
    "state without cell",
    (l) => l.forward(x, { initialState: wrong({ hidden: zeros(2, 3) }) }),
    ShapeError,
    "undefined",
  ),
  refusal(
    "misspelt state",
    (l) => l.forward(x, { initialState: wrong({ hiden: zeros(2, 3) }) }),
    OptionError,
    '"hidden"',
  ),
  refusal(
    "a length of 0",
    (l) => l.forward(x, { lengths: [3, 0] }),
    OptionError,
    "from 1 to the 3 steps",
    "got 0 for row 1",
  ),
  refusal("a length past the end", (l) => l.forward(x, { lengths: [4, 1] }), OptionError, "got 4 for row 0"),
  refusal("a fractional length", (l) => l.forward(x, { lengths: [1, 1.5] }), OptionError, "got 1.5 for row 1"),
  refusal("a length NaN", (l) => l.forward(x, { lengths: [1, Number.NaN] }), OptionError, "got NaN for row 1"),
  refusal("too few lengths", (l) => l.forward(x, { lengths: [3] }), ShapeError, "2 rows", "got 1"),
  refusal("too many lengths", (l) => l.forward(x, { lengths: Int32Array.of(1, 2, 3) }), ShapeError, "2 rows", "got 3"),
  refusal("lengths null", (l) => l.forward(x, { lengths: wrong(null) }), OptionError, "got null"),
  refusal("backward twice", (l) => l.backward(LSTM_GRADIENT), StateError, "{ training: true }"),
  refusal("weights missing", (l) => l.setWeights({ weight_ih: zeros(12, 2) }), ShapeError, "weight_hh [12, 3]"),
  refusal(
    "weights unknown",
    (l) => l.setWeights({ ...l.getWeights(), kernel: [1] }),
    ShapeError,
    "weight_ih",
    "kernel",
  ),
  refusal(
    "weights of a wrong shape",
    (l) => l.setWeights({ ...l.getWeights(), weight_hh: zeros(12, 4) }),
    ShapeError,
    "weight_hh",
    "[12, 3]",
    "[12, 4]",
  ),
  refusal("weights null", (l) => l.setWeights(wrong(null)), ShapeError, "null"),
];

const pendingLSTMCalls: readonly Refusal<LSTM>[] = [
  refusal(
    "output gradient of a sequence",
    (l) => l.backward({ output: zeros(2, 3, 3) }),
    ShapeError,
    "output",
    "[2, 3]",
    "[2, 3, 3]",
  ),
  refusal(
    "hidden gradient of another batch",
    (l) => l.backward({ hidden: zeros(1, 3) }),
    ShapeError,
    "hidden",
    "[2, 3]",
    "[1, 3]",
  ),
  refusal(
    "cell gradient of other units",
    (l) => l.backward({ cell: zeros(2, 2) }),
    ShapeError,
    "cell",
    "[2, 3]",
    "[2, 2]",
  ),
  refusal("misspelt gradient", (l) => l.backward(wrong({ outputs: zeros(2, 3) })), OptionError, '"output"'),
  refusal("gradient null", (l) => l.backward(wrong(null)), OptionError, "got null"),
];

const denseCalls: readonly Refusal<Dense>[] = [
  refusal("a vector", (d) => d.forward([1, 2, 3]), ShapeError, "[..., 3]", "[3]"),
  refusal("two features", (d) => d.forward([[1, 2]]), ShapeError, "[..., 3]", "[1, 2]"),
  refusal("no rows", (d) => d.forward(zeros(0, 3)), ShapeError, "[0, 3]"),
  refusal("misspelt option", (d) => d.forward([[1, 2, 3]], wrong({ Training: true })), OptionError, '"training"'),
  refusal("backward twice", (d) => d.backward([[1, 2]]), StateError, "{ training: true }"),
  refusal("weights missing", (d) => d.setWeights({ weight: zeros(2, 3) }), ShapeError, "bias [2]"),
  refusal(
    "weights transposed",
    (d) => d.setWeights({ weight: zeros(3, 2), bias: zeros(2) }),
    ShapeError,
    "[2, 3]",
    "[3, 2]",
  ),
];

describe("calls of a layer: a typed error in its name, then weights, gradients and results as before", () => {
  test.each(lstmCalls)("LSTM: $what", ({ call, type, parts }) => {
    const lstm = makeLSTM();
    const [before, output] = [contentsOf(lstm), lstm.forward(x).output];
    expectRefusal(() => call(lstm), type, 'LSTM "encoder"', ...parts);
    expectSameNamedBits(contentsOf(lstm), before);
    expectSameBits(lstm.forward(x).output, output, "output");
  });

  test.each(pendingLSTMCalls)("LSTM.backward: $what, and the right gradient still fits", ({ call, type, parts }) => {
    const [lstm, twin] = [makeLSTM(), makeLSTM()];
    for (const layer of [lstm, twin]) layer.forward(x, { training: true });
    const before = contentsOf(lstm);
    expectRefusal(() => call(lstm), type, 'LSTM "encoder"', ...parts);
    expectSameNamedBits(contentsOf(lstm), before);
    expectSameNamedBits({ ...lstm.backward(LSTM_GRADIENT) }, { ...twin.backward(LSTM_GRADIENT) });
    expectSameNamedBits(contentsOf(lstm), contentsOf(twin));
  });

  test.each(denseCalls)("Dense: $what", ({ call, type, parts }) => {
    const dense = makeDense();
    const [before, output] = [contentsOf(dense), dense.forward([[1, 2, 3]])];
    expectRefusal(() => call(dense), type, 'Dense "head"', ...parts);
    expectSameNamedBits(contentsOf(dense), before);
    expectSameBits(dense.forward([[1, 2, 3]]), output, "output");
  });

  test("Dense.backward: a gradient of another shape, and the right one still fits", () => {
    const dense = makeDense();
    dense.forward([[1, 2, 3]], { training: true });
    expectRefusal(() => dense.backward([[1, 2, 3]]), ShapeError, '"head"', "[1, 2]", "[1, 3]");
    expect(dense.backward([[1, 2]]).input.shape).toEqual([1, 3]);
  });

  test("forward without training is not enough for backward", () => {
    const [lstm, dense] = [makeLSTM(), makeDense()];
    lstm.forward(x);
    dense.forward([[1, 2, 3]]);
    expectRefusal(() => lstm.backward(LSTM_GRADIENT), StateError, '"encoder"', "{ training: true }");
    expectRefusal(() => dense.backward([[1, 2]]), StateError, '"head"', "{ training: true }");
  });

  test("a failed training forward leaves the pending one for backward", () => {
    const [lstm, twin] = [makeLSTM(), makeLSTM()];
    for (const layer of [lstm, twin]) layer.forward(x, { training: true });
    expectRefusal(() => lstm.forward(x, { training: true, lengths: [9, 9] }), OptionError, "9");
    expectSameNamedBits({ ...lstm.backward(LSTM_GRADIENT) }, { ...twin.backward(LSTM_GRADIENT) });
  });

  test("a layer that a failed call did not build still takes any input size", () => {
    const lstm = new LSTM({ units: 3 });
    expectRefusal(() => lstm.getWeights(), StateError, "inputSize");
    expectRefusal(() => lstm.setWeights({}), ShapeError, "weight_ih");
    expectRefusal(() => lstm.forward(x, { initialState: { hidden: [[1]], cell: [[1]] } }), ShapeError, "[2, 3]");
    expect(lstm.inputSize).toBeUndefined();
    expect(lstm.forward([[[1, 2, 3, 4, 5]]]).hidden.shape).toEqual([1, 3]);
  });
});
