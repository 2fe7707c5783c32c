import { beforeAll, describe, expect, test } from "vitest";
import {
  Dense,
  Embedding,
  input,
  LSTM,
  Masking,
  Model,
  type NamedTensors,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from "../../src/index.ts";
import { at } from "../reference/elements.ts";
import { reverseRows } from "../reference/sequence.ts";
import { type GoldenTensor, kerasRecurrentGolden } from "../support/golden.ts";
import { type KerasModelGolden, kerasModelGoldens } from "../support/golden-models.ts";
import { transposed } from "../support/kernels-panels.ts";
import { expectClose, f32, loadCore, named } from "../support/layers.ts";
import { backpropagate, CLOSE, tableInput, weightedSum } from "../support/models.ts";

beforeAll(async () => {
  await loadCore();
});

const goldens = kerasModelGoldens();
const goldenOf = (name: string) => goldens.find((one) => one.name === name) as KerasModelGolden;
const kindOf = ({ name }: KerasModelGolden) => (name.includes("SimpleRNN") ? "SimpleRNN" : "LSTM");

/** Kernels transposed, under PyTorch's names. */
function torchNames(list: readonly GoldenTensor[]): Readonly<Record<string, Tensor<Float32Array>>> {
  const [kernel, recurrent, bias] = list as [GoldenTensor, GoldenTensor, GoldenTensor];
  const turned = ({ data, shape: [rows = 0, columns = 0] }: GoldenTensor) =>
    f32(transposed(data, rows, columns), columns, rows);
  return { weight_ih: turned(kernel), weight_hh: turned(recurrent), bias_ih: f32(bias.data, ...bias.shape) };
}

function layerOf(golden: KerasModelGolden, direction: 0 | 1, options: object = {}): LSTM | SimpleRNN {
  const { units = 1, return_sequences: returnSequences, go_backwards: goBackwards } = golden.config;
  const shared = {
    units,
    returnSequences,
    goBackwards: goBackwards !== (direction === 1),
    returnState: true,
    ...options,
  };
  const layer = kindOf(golden) === "LSTM" ? new LSTM(shared) : new SimpleRNN(shared);
  const given = torchNames(golden.weights.slice(3 * direction, 3 * direction + 3));
  layer.setWeights({ ...given, bias_hh: f32(named(given, "bias_ih").data.map(() => 0), ...named(given, "bias_ih").shape) }); // biome-ignore format: short
  return layer;
}

function expectWeightGradients(gradients: NamedTensors, layer: string, golden: readonly GoldenTensor[]): void {
  for (const [name, { data }] of Object.entries(torchNames(golden))) {
    expectClose(named(gradients, `${layer}.${name}`).data, data, `${layer}.${name}`, CLOSE);
  }
}

/** Predictions, and gradients of sum(outputs * loss_weights). */
function run(model: Model<readonly SymbolicTensor[]>, x: readonly Tensor[], targets: readonly Tensor[]) {
  model.compile({ loss: weightedSum });
  const predicted = model.predict(x.length === 1 ? (x[0] as Tensor) : x);
  const y = targets.length === 1 ? (targets[0] as Tensor) : targets;
  return { predicted, ...backpropagate(model, x.length === 1 ? (x[0] as Tensor) : x, y) };
}

const tensors = (list: readonly GoldenTensor[]) => list.map(({ data, shape }) => f32(data, ...shape));

test.each([
  "LSTM",
  "LSTM go_backwards seq",
  "SimpleRNN go_backwards seq",
])("Keras's %s: outputs, final states, every gradient to 2e-6 + 2e-5", (name) => {
  const golden = goldenOf(name);
  const x = tableInput("x", golden.x.data, golden.x.shape);
  const result = layerOf(golden, 0, { name: "layer" }).apply(x.value) as SymbolicTensor &
    Record<string, SymbolicTensor>;
  const states = [result.hidden, result.cell].filter((state) => state !== undefined);
  const outputs = [result, ...states].slice(0, golden.outputs.length);
  const { predicted, gradients } = run(
    new Model({ inputs: [x.input], outputs }),
    [x.ids],
    tensors(golden.loss_weights),
  );
  for (const [i, { data }] of golden.outputs.entries()) expectClose(predicted[i]?.data ?? [], data, `${i}`, CLOSE);
  expectClose(named(gradients, "x.weight").data, golden.grad_x.data, "x", CLOSE);
  expectWeightGradients(gradients, "layer", golden.grad_weights);
});

describe.each(["LSTM right mask", "SimpleRNN right mask"])("Keras's %s from initial states", (name) => {
  const golden = goldenOf(name);
  const [B = 0, T = 0, F = 0] = golden.x.shape;
  const H = golden.config.units ?? 0;
  const mask = (golden.mask ?? []).flat();
  const lengths = (golden.mask ?? []).map((row) => row.reduce((sum, one) => sum + one, 0));

  /** Keras also counts the steps that only repeat an output; ours does not, so the output has their loss weights too. */
  function targets(): readonly Tensor[] {
    const [y, ...states] = golden.loss_weights as [GoldenTensor, ...GoldenTensor[]];
    const data = y.data.slice();
    for (let n = B * T - 1; n >= 0; n--) {
      if (mask[n] === 1) continue;
      for (let j = 0; j < H; j++) data[(n - 1) * H + j] = at(data, (n - 1) * H + j) + at(data, n * H + j);
    }
    return [f32(data, ...y.shape), ...tensors(states)];
  }

  function build(x: SymbolicTensor, symbol: SymbolicTensor) {
    const tables = golden.initial_state.map(({ data, shape }, i) => tableInput(`state_${i}`, data, shape));
    const [hidden, cell] = tables.map(({ value }) => value) as [SymbolicTensor, SymbolicTensor];
    const layer = layerOf(golden, 0, { name: "layer" });
    const initialState =
      layer instanceof LSTM ? { hidden, cell } : ({ hidden } as { hidden: SymbolicTensor; cell: SymbolicTensor });
    const result = layer.apply(x, { initialState }) as SymbolicTensor & Record<string, SymbolicTensor>;
    const outputs = [result, result.hidden, result.cell].filter((one) => one !== undefined);
    return {
      model: new Model({ inputs: [symbol, ...tables.map((table) => table.input)], outputs }),
      ids: tables.map((table) => table.ids),
    };
  }

  function expectGolden({ predicted, gradients }: ReturnType<typeof run>): void {
    for (const [i, { data }] of golden.outputs.entries())
      expectClose(predicted[i]?.data ?? [], data, `output ${i}`, CLOSE);
    expectWeightGradients(gradients, "layer", golden.grad_weights);
    for (const [i, { data }] of golden.grad_initial_state.entries()) {
      expectClose(named(gradients, `state_${i}.weight`).data, data, `initial state ${i}`, CLOSE);
    }
  }

  test("by Masking: outputs repeat; gradients of weights and initial states to 2e-6 + 2e-5", () => {
    const symbol = input({ shape: [null, F] });
    const { model, ids } = build(new Masking({ maskValue: -7.1 }).apply(symbol), symbol);
    const x = golden.x.data.map((value, n) => (mask[Math.floor(n / F)] === 1 ? value : -7.1));
    expectGolden(run(model, [f32(x, B, T, F), ...ids], targets()));
  });

  test("by Embedding with maskZero: also the gradient of x", () => {
    const symbol = input({ shape: [null], dtype: "int32" });
    const table = new Embedding({ inputDim: 1 + B * T, outputDim: F, maskZero: true, name: "table" });
    table.setWeights({ weight: f32([...new Float32Array(F).fill(3), ...golden.x.data], 1 + B * T, F) });
    const { model, ids } = build(table.apply(symbol), symbol);
    const tokens = f32(mask.map((one, n) => one * (n + 1)), B, T); // biome-ignore format: short
    const result = run(model, [tokens, ...ids], targets());
    expectGolden(result);
    expectClose(named(result.gradients, "table.weight").data.slice(F), golden.grad_x.data, "x", CLOSE);
  });

  test("by lengths: outputs are 0 after the end, states are Keras's", () => {
    const symbol = input({ shape: [null, F] });
    const { model, ids } = build(symbol, symbol);
    const all = [lengths, ...ids.map(() => undefined)];
    const [y, ...states] = model.predict([f32(golden.x.data, B, T, F), ...ids], { lengths: all });
    const expected = golden.outputs[0]?.data.map((value, n) => (mask[Math.floor(n / H)] === 1 ? value : 0)) ?? [];
    expectClose(y?.data ?? [], expected, "y", CLOSE);
    for (const [i, state] of states.entries())
      expectClose(state.data, golden.outputs[i + 1]?.data ?? [], "state", CLOSE);
  });
});

test.each(["LSTM", "SimpleRNN"])("Keras's Bidirectional(%s), both ways of giving it out, as two branches", (kind) => {
  for (const name of [`Bidirectional(${kind}) concat`, `Bidirectional(${kind}) None`]) {
    const golden = goldenOf(name);
    const [B = 0, T = 0] = golden.x.shape;
    const H = golden.config.units ?? 0;
    const x = tableInput("x", golden.x.data, golden.x.shape);
    const outputs = ([0, 1] as const).map((d) =>
      layerOf(golden, d, { name: `layer_${d}`, returnState: false }).apply(x.value),
    );
    // Keras gives the second one out in the order of the input; ours is that in which it reads.
    const branches = (list: readonly GoldenTensor[]) =>
      [0, 1].map((d) => {
        const whole = list[list.length === 1 ? 0 : d]?.data ?? new Float64Array();
        const own = list.length === 1 ? whole.filter((_, n) => Math.floor(n / H) % 2 === d) : whole;
        return d === 0 ? own : reverseRows({ B, T, F: H, x: own });
      });
    const targets = branches(golden.loss_weights).map((data) => f32(data, B, T, H));
    const { predicted, gradients } = run(new Model({ inputs: [x.input], outputs }), [x.ids], targets);
    for (const [d, data] of branches(golden.outputs).entries())
      expectClose(predicted[d]?.data ?? [], data, name, CLOSE);
    expectClose(named(gradients, "x.weight").data, golden.grad_x.data, "x", CLOSE);
    expectWeightGradients(gradients, "layer_0", golden.grad_weights.slice(0, 3));
    expectWeightGradients(gradients, "layer_1", golden.grad_weights.slice(3));
  }
});

test("Keras's LSTM with hard_sigmoid and SimpleRNN", () => {
  for (const name of ["LSTM hard_sigmoid", "SimpleRNN"]) {
    const { config, weights, x: given, outputs, loss_weights, grad_x, grad_weights } = kerasRecurrentGolden(name);
    const x = tableInput("x", given.data, given.shape);
    const shared = { units: config.units, returnSequences: config.return_sequences, name: "layer" };
    const layer =
      name === "SimpleRNN" ? new SimpleRNN(shared) : new LSTM({ ...shared, recurrentActivation: "hardSigmoid" });
    const own = torchNames(weights);
    layer.setWeights({ ...own, bias_hh: f32(named(own, "bias_ih").data.map(() => 0), ...named(own, "bias_ih").shape) }); // biome-ignore format: short
    const model = new Model({ inputs: [x.input], outputs: [layer.apply(x.value)] });
    const { predicted, gradients } = run(model, [x.ids], tensors(loss_weights));
    expectClose(predicted[0]?.data ?? [], outputs[0].data, name, CLOSE);
    expectClose(named(gradients, "x.weight").data, grad_x.data, "x", CLOSE);
    expectWeightGradients(gradients, "layer", grad_weights);
  }
});

test("Keras's TimeDistributed(Dense)", () => {
  const { x: given, weights, outputs, loss_weights, grad_x, grad_weights } = goldenOf("TimeDistributed(Dense)");
  const [kernel, bias] = weights as [GoldenTensor, GoldenTensor];
  const [I = 0, O = 0] = kernel.shape;
  const x = tableInput("x", given.data, given.shape);
  const dense = new Dense({ units: O, activation: "tanh", name: "dense" });
  dense.setWeights({ weight: f32(transposed(kernel.data, I, O), O, I), bias: f32(bias.data, O) });
  const model = new Model({ inputs: [x.input], outputs: [new TimeDistributed({ layer: dense }).apply(x.value)] });
  const { predicted, gradients } = run(model, [x.ids], tensors(loss_weights));
  expect(predicted[0]?.shape).toEqual(outputs[0]?.shape);
  expectClose(predicted[0]?.data ?? [], outputs[0]?.data ?? [], "y", CLOSE);
  expectClose(named(gradients, "x.weight").data, grad_x.data, "x", CLOSE);
  expectClose(
    named(gradients, "dense.weight").data,
    transposed(grad_weights[0]?.data ?? new Float64Array(), I, O),
    "kernel",
    CLOSE,
  );
  expectClose(named(gradients, "dense.bias").data, grad_weights[1]?.data ?? [], "bias", CLOSE);
});
