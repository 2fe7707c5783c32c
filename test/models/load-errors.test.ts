import { beforeAll, describe, expect, test } from "vitest";
import { Activation, Adam, Dense, FormatError, input, LSTM, load, Model, Sequential } from "../../src/index.ts";
import { writeSafetensors } from "../../src/io/safetensors.ts";
import { type Config, type Edits, edited, expectSameBytes, set } from "../support/edited-file.ts";
import { loadCore } from "../support/layers.ts";
import { heldBytes } from "../support/load-fuzz.ts";
import { numbers } from "../support/saved-models.ts";

let file: Uint8Array;
let graph: Uint8Array;

beforeAll(async () => {
  await loadCore();
  const model = new Sequential([new LSTM({ units: 2, name: "lstm" }), new Dense({ units: 1, name: "dense" })], {
    inputShape: [null, 3],
    seed: 1,
  });
  model.compile({ optimizer: new Adam({ globalClipNorm: null }), loss: "mse", metrics: ["mae"] });
  model.trainOnBatch(numbers(1, 2, 4, 3), numbers(2, 2, 1));
  file = model.save({ optimizer: true });
  const x = input({ shape: [3], name: "x" });
  const outputs = [
    new Dense({ units: 2, name: "a" }).apply(x),
    new Activation({ activation: "relu", name: "b" }).apply(x),
  ];
  graph = new Model({ inputs: x, outputs, seed: 1 }).save();
});

function errorOf(bytes: Uint8Array): Error {
  const before = heldBytes();
  try {
    load(bytes).dispose();
  } catch (error) {
    expect(heldBytes()).toBe(before);
    return error as Error;
  }
  throw new Error("The file was loaded.");
}

type Case = readonly [what: string, edits: Edits, message: string];

/** Edits of the configuration of the chain. */
const CONFIG: readonly (readonly [what: string, edit: (config: Config) => unknown, message: string])[] = [
  ["no object", () => [], "gatefold must be an object, got an array of length 0."],
  [
    "a later version",
    (c) => ({ version: 2, unknown: c }),
    "The file has version 2, this gatefold reads 1: update gatefold.",
  ],
  ["version 0", set("version", 0), "gatefold.version must be an integer from 1 to 2^53 - 1, got 0."],
  ["no version", set("version", undefined), "gatefold.version is missing."],
  [
    "an unknown key",
    set("code", "eval"),
    "gatefold.code is not known: gatefold has version, kind, name, seed, numerics, layers, inputs, steps, outputs, hasList, compile, training.",
  ],
  ["another kind", set("kind", "Functional"), 'gatefold.kind must be one of "Sequential", "Model", got "Functional".'],
  ["no name", set("name", ""), 'gatefold.name must be a name of 1 to 1000 characters, got "".'],
  [
    "a name of 10 MB",
    set("layers.0.config.name", "x".repeat(10_000_000)),
    `gatefold.layers[0].config.name must be a name of 1 to 1000 characters, got "${"x".repeat(59)}....`,
  ],
  [
    "a seed past 2^53",
    set("seed", 2 ** 60),
    "gatefold.seed must be an integer from 0 to 2^53 - 1, got 1152921504606847000.",
  ],
  ["other numerics", set("numerics", 1), 'gatefold.numerics must be one of "strict", "fast", got 1.'],
  [
    "an unknown layer",
    set("layers.1.kind", "Lambda"),
    'gatefold.layers[1] is of the kind "Lambda": there are Activation, Add,',
  ],
  [
    "the name of a method as a layer",
    set("layers.1.kind", "constructor"),
    'gatefold.layers[1] is of the kind "constructor": there are Activation,',
  ],
  [
    "a layer's unknown option",
    set("layers.1.config.unit", 2),
    'gatefold.layers[1] is refused: Dense has no option "unit": did you mean "units"?',
  ],
  [
    "a layer's option of another type",
    set("layers.1.config.units", "2"),
    'gatefold.layers[1] is refused: Dense "dense" needs units to be a positive integer, got "2".',
  ],
  [
    "a layer's input size",
    set("layers.1.config.inputSize", 2),
    "gatefold.layers[1].config.inputSize is not known: the shapes of the weights tell it.",
  ],
  [
    "2^26 units",
    set("layers.1.config.units", 67108864),
    'The file needs the tensor "dense.weight" [67108864, 2], got [1, 2].',
  ],
  [
    "2^26 units before",
    set("layers.0.config.units", 67108864),
    'The file needs the tensor "lstm.weight_ih" [268435456, 3], got [8, 3].',
  ],
  [
    "2^53 units",
    set("layers.0.config.units", 2 ** 53 - 1),
    'gatefold.layers[0] is refused: LSTM "lstm" needs units to be an integer from 1 to 67108864, got 9007199254740991.',
  ],
  [
    "two layers of one name",
    set("layers.1.config.name", "lstm"),
    'gatefold.steps is refused: Sequential "sequential" has two layers called "lstm": give each a name of its own.',
  ],
  [
    "a layer's option called __proto__",
    (c) => JSON.parse(JSON.stringify(c).replace('"units":1', '"units":1,"__proto__":{"polluted":1}')),
    "gatefold.layers[1].config.__proto__ is no name for an option.",
  ],
  [
    "a layer inside of one that has none",
    set("layers.1.config.layer", 0),
    'gatefold.layers[1] is refused: Dense has no option "layer"',
  ],
  [
    "a layer inside of itself",
    set("layers.1", { kind: "TimeDistributed", config: { name: "dense", layer: 1 } }),
    "gatefold.layers[1].config.layer must be the number of a layer before it, got 1.",
  ],
  [
    "a wrapper of nothing",
    set("layers.1", { kind: "TimeDistributed", config: { name: "dense" } }),
    'gatefold.layers[1] is refused: TimeDistributed "dense" needs layer to be a layer, got undefined.',
  ],
  [
    "a layer of no step",
    (c) => void c.layers.push({ kind: "Add", config: { name: "add" } }),
    "gatefold.layers[2] is used by no step.",
  ],
  [
    "an input without features",
    set("inputs.0.shape", [3, null]),
    'gatefold.steps is refused: Sequential "sequential" needs the last size of shape to be a number of features, got null.',
  ],
  [
    "an input of 2^40 features",
    set("inputs.0.shape", [null, 2 ** 40]),
    "gatefold.inputs[0].shape[1] must be an integer from 1 to 67108864, got 1099511627776.",
  ],
  [
    "another number of features",
    set("inputs.0.shape", [null, 4]),
    'The file needs the tensor "lstm.weight_ih" [8, 4], got [8, 3].',
  ],
  [
    "an input of rows for an LSTM",
    set("inputs.0.shape", [3]),
    'gatefold.steps is refused: LSTM "lstm" expects [batch, steps, features], got [null, 3]: a recurrent layer before it needs returnSequences: true.',
  ],
  ["token ids for an LSTM", set("inputs.0.dtype", "int32"), 'gatefold.inputs[0] must be "input" of float32.'],
  ["a step without a layer", set("steps.1.layer", 2), "gatefold.steps[1].layer must be one of the 2 layers, got 2."],
  [
    "a step that needs a later one",
    set("steps.0.inputs", [[1, 0]]),
    "gatefold.steps[0].inputs[0] must be a tensor of an earlier step or an input, got an array of length 2.",
  ],
  [
    "a step that needs another input",
    set("steps.0.inputs", [[-2, 0]]),
    "gatefold.steps[0].inputs[0] must be a tensor of an earlier step or an input, got an array of length 2.",
  ],
  [
    "a tensor of one number",
    set("steps.0.inputs", [[-1]]),
    "gatefold.steps[0].inputs[0] must be a step and the number of its output, got an array of length 1.",
  ],
  [
    "a tensor in parts",
    set("steps.0.inputs", [[-1, 0.5]]),
    "gatefold.steps[0].inputs[0][1] must be an integer from -(2^53 - 1) to 2^53 - 1, got 0.5.",
  ],
  [
    "a chain that skips a step",
    set("steps.1.inputs", [[-1, 0]]),
    "gatefold is no chain from one input to one output, as a Sequential is.",
  ],
  [
    "a chain with two outputs",
    set("outputs", [
      [1, 0],
      [0, 0],
    ]),
    "gatefold is no chain from one input to one output, as a Sequential is.",
  ],
  [
    "an unknown optimizer",
    set("compile.optimizer.name", "lbfgs"),
    "gatefold.compile.optimizer is refused: load() needs optimizer.name to be",
  ],
  [
    "an optimizer's option",
    set("compile.optimizer.beta1", 2),
    "gatefold.compile.optimizer is refused: Adam needs beta1 to be a finite number at least 0 and below 1, got 2.",
  ],
  [
    "a schedule without options",
    set("compile.optimizer.learningRate", { name: "cosineDecay" }),
    "gatefold.compile.optimizer is refused: CosineDecay needs initialLearningRate to be a finite number at least 0 and at most 1e+30, got undefined.",
  ],
  [
    "an unknown loss",
    set("compile.loss.0.name", "hinge"),
    'gatefold.compile.loss[0] is refused: load() needs loss to be "meanSquaredError"',
  ],
  [
    "two losses of one output",
    (c) => void c.compile.loss.push(null),
    'gatefold.compile is refused: Sequential "sequential".compile needs loss to be a loss for each of the 1 outputs, got an array of length 2.',
  ],
  [
    "no loss",
    set("compile.loss.0", null),
    'gatefold.compile is refused: Sequential "sequential".compile needs loss to be a loss for each of the 1 outputs, got an array of length 1.',
  ],
  [
    "an unknown metric",
    set("compile.metrics.0.0.kind", "bleu"),
    "gatefold.compile.metrics[0][0] is refused: load() needs metrics to be",
  ],
  [
    "a metric twice",
    (c) => void c.compile.metrics[0].push(c.compile.metrics[0][0]),
    'gatefold.compile is refused: Sequential "sequential".compile has the metric "mae" twice.',
  ],
  [
    "ten million thresholds",
    set(
      "compile.metrics.0",
      Array.from({ length: 10 }, (_, i) => ({
        kind: "auc",
        name: `${i}`,
        thresholds: 1e6,
      })),
    ),
    "gatefold.compile.metrics must have at most 4194304 thresholds in all.",
  ],
  [
    "1001 metrics",
    set(
      "compile.metrics.0",
      Array.from({ length: 1001 }, (_, i) => ({ kind: "auc", name: `${i}` })),
    ),
    "gatefold.compile.metrics must be at most 1000 in all.",
  ],
  [
    "training without compile",
    set("compile", null),
    "gatefold.training must be null where compile is null, got an object.",
  ],
  [
    "a position past 2^52",
    set("training.progress.position", 2 ** 53 - 1),
    "gatefold.training.progress.position must be an integer from 0 to 4503599627370496, got 9007199254740991.",
  ],
  [
    "sums that are not there",
    set("training.progress.sums", [4, 2]),
    "gatefold.training.progress.sums tells of 6 numbers, but the tensor training.sums has 0.",
  ],
  [
    "states of no stateful layer",
    set("training.rows", 2),
    "gatefold.training.rows must be 0, since no layer is stateful.",
  ],
  [
    "gradients that are not there",
    set("training.progress.waiting", 1),
    'The file needs the tensor "gradient.lstm.weight_ih" [8, 3], got none.',
  ],
  [
    "moments of another optimizer",
    set("training.optimizer.moments", ["variance", "mean"]),
    "gatefold.training.optimizer.moments must be mean, variance.",
  ],
  [
    "a moment too few",
    (c) => void c.training.optimizer.moments.pop(),
    "gatefold.training.optimizer.moments must be mean, variance.",
  ],
  [
    "a moment that is not there",
    set("training.optimizer.moments", ["momentum"]),
    'The file needs the tensor "optimizer.momentum.lstm.weight_ih" [8, 3], got none.',
  ],
  [
    "a power too few",
    (c) => void c.training.optimizer.powers.pop(),
    "The saved state of Adam has 1 + 2 finite numbers, after at least one step.",
  ],
];

describe("the configuration of a chain, with", () => {
  test.each(CONFIG)("%s", (_, config, message) => {
    const error = errorOf(edited(file, { config }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message.startsWith(message), error.message).toBe(true);
  });
});

const GRAPH: typeof CONFIG = [
  ["an output of a step that has one", set("outputs.1", [0, 1]), "gatefold.outputs[1] has no output 1 of step 0."],
  [
    "a second output of an input",
    set("outputs.1", [-1, 1]),
    "gatefold.outputs[1] must be a tensor of an earlier step or an input, got an array of length 2.",
  ],
  ["steps that no output needs", set("outputs", [[0, 0]]), "gatefold.outputs need 1 of the 2 steps."],
  ["two outputs that are no list", set("hasList", false), "gatefold.hasList must be true for 2 outputs."],
  [
    "no output",
    set("outputs", []),
    'gatefold.steps is refused: Model "model" needs outputs to be what input() and apply() give, alone or in an array, got an array of length 0.',
  ],
  [
    "an input that nothing uses",
    (c) => void c.inputs.push(c.inputs[0]),
    `gatefold.steps is refused: The model's outputs do not use its input "x": leave it out.`,
  ],
  [
    "token ids as an output",
    (c) => {
      c.inputs.push({ name: "ids", shape: [], dtype: "int32" });
      c.outputs.push([-2, 0]);
    },
    "gatefold.outputs[2] must be numbers, got token ids.",
  ],
  [
    "a layer of two inputs with one",
    set("layers.1", { kind: "Multiply", config: { name: "b" } }),
    'gatefold.steps[1] is refused: Multiply "b" does not take 1 inputs.',
  ],
  [
    "a layer of one input with two",
    (c) => void c.steps[1].inputs.push([-1, 0]),
    'gatefold.steps[1] is refused: Activation "b" does not take 2 inputs.',
  ],
  [
    "a layer of one input with none",
    set("steps.1.inputs", []),
    'gatefold.steps[1] is refused: Activation "b" does not take 0 inputs.',
  ],
  [
    "a mask of what a layer gave",
    (c) => {
      c.inputs[0].shape = [null, 3];
      c.layers[1] = { kind: "Masking", config: { name: "b" } };
      c.steps[1].inputs = [[0, 0]];
    },
    'gatefold.steps[1] is refused: Masking "b" reads an input of the model, got the output of Dense "a".',
  ],
  [
    "a mask for each step",
    (c) => {
      c.layers.push({ kind: "TimeDistributed", config: { name: "c", layer: 1 } });
      c.layers[1].kind = "Masking";
      delete c.layers[1].config.activation;
      c.steps[1].layer = 2;
    },
    'gatefold.layers[2] is refused: TimeDistributed "c" needs layer to be a layer of one input that is not Masking, got an object.',
  ],
];

describe("the configuration of a graph, with", () => {
  test.each(GRAPH)("%s", (_, config, message) => {
    const error = errorOf(edited(graph, { config: (saved) => void config(saved) }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message.startsWith(message), error.message).toBe(true);
  });
});

describe("a file with", () => {
  const cases: readonly Case[] = [
    [
      "a tensor missing",
      { tensors: (all) => all.filter(({ name }) => name !== "dense.bias") },
      'The file needs the tensor "dense.bias" [1], got none.',
    ],
    [
      "a tensor of another shape",
      { tensors: (all) => all.map((one) => (one.name === "dense.weight" ? { ...one, shape: [2, 1] } : one)) },
      'The file needs the tensor "dense.weight" [1, 2], got [2, 1].',
    ],
    [
      "a tensor of integers",
      { tensors: (all) => all.map((one) => (one.name === "dense.bias" ? { ...one, data: Int32Array.of(1) } : one)) },
      'Tensor "dense.bias" has dtype I32, but only F32, F16, BF16, F64 can be read as float32.',
    ],
    [
      "a moment missing",
      { tensors: (all) => all.filter(({ name }) => name !== "optimizer.mean.dense.bias") },
      'The file needs the tensor "optimizer.mean.dense.bias" [1], got none.',
    ],
    ["a configuration that is no JSON", { text: (text) => text.slice(1) }, "gatefold must be JSON, got"],
    [
      "a configuration 40 levels deep",
      { text: (text) => `${"[".repeat(40)}${text}${"]".repeat(40)}` },
      "gatefold must be nested at most 32 levels.",
    ],
    [
      "a number that is infinite",
      { text: (text) => text.replace('"beta1":0.9', '"beta1":1e999') },
      "gatefold.compile.optimizer.beta1 must be plain JSON, got Infinity.",
    ],
  ];

  test.each(cases)("%s", (_, edits, message) => {
    const error = errorOf(edited(file, edits));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message.startsWith(message), error.message).toBe(true);
  });

  test("no configuration", () => {
    const bytes = writeSafetensors([{ name: "weight", shape: [1], data: Float32Array.of(1) }], { format: "pt" });
    expect(errorOf(bytes).message).toBe(
      'load() needs a file that model.save() wrote, got safetensors without the metadata "gatefold".',
    );
    expect(errorOf(bytes)).toBeInstanceOf(FormatError);
  });

  test("tensors that the model does not need, and weights in float64: it is loaded", () => {
    const more = { name: "running_mean", shape: [2], data: Float32Array.of(1, 2) };
    const model = load(
      edited(file, { tensors: (all) => [...all.map((one) => ({ ...one, data: Float64Array.from(one.data) })), more] }),
    );
    expectSameBytes(model.save({ optimizer: true }), file);
    model.dispose();
  });
});

test("load takes no other bytes than a Uint8Array", () => {
  expect(() => load("model.safetensors" as unknown as Uint8Array)).toThrow(
    'readSafetensors() needs bytes to be a Uint8Array, got "model.safetensors".',
  );
});
