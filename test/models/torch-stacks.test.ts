import { beforeAll, describe, expect, test } from "vitest";
import {
  LSTM,
  type LSTMSymbols,
  Model,
  type RNNSymbols,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
} from "../../src/index.ts";
import { type GoldenTensor, lstmGoldens, tensorOf } from "../support/golden.ts";
import { type StackGolden, stackGoldens } from "../support/golden-models.ts";
import { expectClose, f32, loadCore, named } from "../support/layers.ts";
import { goldenDx, lstmDirections } from "../support/lstm-golden.ts";
import { backpropagate, CLOSE, tableInput, weightedSum } from "../support/models.ts";

beforeAll(async () => {
  await loadCore();
});

type Table = ReturnType<typeof tableInput>;

/** One of the layers of a stack, [layers, B, H]. */
function slice({ shape: [, B = 0, H = 0], data }: GoldenTensor, layer: number): Float64Array {
  return data.slice(layer * B * H, (layer + 1) * B * H);
}

describe("stacks of PyTorch's recurrent layers as models: outputs, states and every gradient to 2e-6 + 2e-5", () => {
  interface Stack {
    readonly model: Model<readonly SymbolicTensor[]>;
    /** x, then the initial states of each layer. */
    readonly tables: readonly Table[];
  }

  function layerOf({ kind, config }: StackGolden): LSTM | SimpleRNN {
    const { hidden_size: units, bias: useBias = true } = config;
    const shared = { units, useBias, doubleBias: true, returnSequences: true, returnState: true };
    return kind === "LSTM" ? new LSTM(shared) : new SimpleRNN({ ...shared, activation: config.nonlinearity });
  }

  function build(golden: StackGolden): Stack {
    const { config, inputs, batch, params } = golden;
    const x = tensorOf(inputs, "x");
    const tables = [tableInput("x", x.data, x.shape)];
    const outputs: SymbolicTensor[] = [];
    let sequence = tables[0]?.value as SymbolicTensor;
    for (let n = 0; n < config.num_layers; n++) {
      const initial = golden.kind === "LSTM" ? { hidden: "h0", cell: "c0" } : { hidden: "h0" };
      const states = Object.entries(initial).map(([name, from]) => {
        const table = tableInput(`${from}_${n}`, slice(tensorOf(inputs, from), n), [batch, config.hidden_size]);
        tables.push(table);
        return [name, table.value] as const;
      });
      const layer = layerOf(golden);
      const initialState = Object.fromEntries(states) as unknown as { hidden: SymbolicTensor; cell: SymbolicTensor };
      const result: LSTMSymbols & RNNSymbols = layer.apply(sequence, { initialState });
      const names = Object.keys(layer.weightShapes(config.input_size));
      const weights = names.flatMap((name) => {
        const given = params[`${name}_l${n}`];
        return given === undefined ? [] : [[name, f32(given.data, ...given.shape)] as const];
      });
      layer.setWeights(Object.fromEntries(weights));
      sequence = result;
      outputs.push(...[result.hidden, result.cell].filter((state) => state !== undefined));
    }
    outputs.unshift(sequence);
    return { model: new Model({ inputs: tables.map(({ input }) => input), outputs }), tables };
  }

  /** In the order of a stack's outputs. */
  function listed({ kind, config, batch }: StackGolden, tensors: StackGolden["outputs"]): readonly Tensor[] {
    const { hidden_size: H } = config;
    const finals = kind === "LSTM" ? ["hn", "cn"] : ["hn"];
    const states = Array.from({ length: config.num_layers }, (_, n) =>
      finals.map((name) => f32(slice(tensorOf(tensors, name), n), batch, H)),
    );
    const y = tensorOf(tensors, "y");
    return [f32(y.data, ...y.shape), ...states.flat()];
  }

  const goldens = stackGoldens();

  test("there are 5 stacks", () => expect(goldens).toHaveLength(5));

  test.each(goldens.map((golden) => [golden.name, golden] as const))("%s", (_name, golden) => {
    const { model, tables } = build(golden);
    model.compile({ loss: weightedSum });
    const x = tables.map(({ ids }) => ids);
    const lengths = tables.map((_, i) => (i === 0 ? golden.lengths : undefined));
    const predicted = model.predict(x, { lengths });
    for (const [i, { data }] of listed(golden, golden.outputs).entries()) {
      expectClose(predicted[i]?.data ?? [], data, `output ${i}`, CLOSE);
    }
    const { gradients } = backpropagate(model, x, listed(golden, golden.loss_weights), { lengths });
    for (const [name, grad] of Object.entries(golden.grads)) {
      const [, parameter, layer] = /^(.*)_l(\d)$/.exec(name) ?? [];
      if (parameter !== undefined) {
        const kind = golden.kind === "LSTM" ? "lstm" : "simple_rnn";
        const own = `${layer === "0" ? kind : `${kind}_${layer}`}.${parameter}`;
        expectClose(named(gradients, own).data, grad.data, name, CLOSE);
      } else if (name === "x") {
        expectClose(named(gradients, "x.weight").data, grad.data, name, CLOSE);
      } else {
        for (let n = 0; n < golden.config.num_layers; n++) {
          expectClose(named(gradients, `${name}_${n}.weight`).data, slice(grad, n), `${name} of layer ${n}`, CLOSE);
        }
      }
    }
    model.dispose();
  });
});

describe("PyTorch's LSTMs of one layer, in both directions, as branches of a model", () => {
  const goldens = lstmGoldens();

  test("there are 27 LSTMs, 6 of them bidirectional", () => {
    expect(goldens).toHaveLength(27);
    expect(goldens.filter(({ config }) => config.bidirectional)).toHaveLength(6);
  });

  test.each(
    goldens.map((golden) => [golden.name, golden] as const),
  )("%s: outputs and every gradient to 2e-6 + 2e-5", (_name, golden) => {
    const directions = lstmDirections(golden);
    const { B, T, I, H, lengths: given } = directions[0]?.inputs ?? { B: 0, T: 0, I: 0, H: 0 };
    const x = tableInput("x", directions[0]?.inputs.x ?? [], [B, T, I]);
    const tables = [x];
    const branches = directions.map(({ inputs }, d) => {
      const layer = new LSTM({
        units: H,
        useBias: inputs.bias_ih !== undefined,
        doubleBias: true,
        returnSequences: true,
        returnState: true,
        goBackwards: d === 1,
        name: `lstm_${d}`,
      });
      const states = [inputs.h0, inputs.c0].map((values, i) =>
        tableInput(`${i === 0 ? "h0" : "c0"}_${d}`, values ?? new Float64Array(B * H), [B, H]),
      );
      tables.push(...states);
      const [hidden, cell] = states.map(({ value }) => value) as [SymbolicTensor, SymbolicTensor];
      const result = layer.apply(x.value, { initialState: { hidden, cell } });
      const weights = Object.entries(layer.weightShapes(I)).map(([name, shape]) => {
        return [name, f32(inputs[name as "weight_ih"], ...shape)] as const;
      });
      layer.setWeights(Object.fromEntries(weights));
      return result;
    });
    const outputs = branches.flatMap((result) =>
      [result, result.hidden, result.cell].filter((one) => one !== undefined),
    );
    const model = new Model({ inputs: tables.map(({ input }) => input), outputs });
    model.compile({ loss: weightedSum });
    const ids = tables.map((table) => table.ids);
    const lengths = tables.map((_, i) => (i === 0 ? given : undefined));
    const predicted = model.predict(ids, { lengths });
    const targets = directions.flatMap((one) => [
      f32(one.dOutput, B, T, H),
      f32(one.dHidden, B, H),
      f32(one.dCell, B, H),
    ]);
    const { gradients } = backpropagate(model, ids, targets, { lengths });
    for (const [d, one] of directions.entries()) {
      for (const [i, name] of (["output", "hidden", "cell"] as const).entries()) {
        expectClose(predicted[3 * d + i]?.data ?? [], one[name], `${name} ${d}`, CLOSE);
      }
      for (const [name, expected] of Object.entries(one.gradients)) {
        const own = name === "h0" || name === "c0" ? `${name}_${d}.weight` : `lstm_${d}.${name}`;
        expectClose(named(gradients, own).data, expected, `${name} ${d}`, CLOSE);
      }
    }
    expectClose(named(gradients, "x.weight").data, goldenDx(golden), "x", CLOSE);
    model.dispose();
  });
});
