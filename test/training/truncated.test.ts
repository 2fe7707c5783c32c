import { beforeAll, describe, expect, test } from "vitest";
import {
  Dense,
  Embedding,
  input,
  LSTM,
  type LSTMState,
  Model,
  meanSquaredError,
  Random,
  Sequential,
  SGD,
  type SymbolicTensor,
  type Tensor,
} from "../../src/index.ts";
import { expectClose, expectSameNamedBits, f32, loadCore, mayBeStrict, randomTensor } from "../support/layers.ts";
import { drawWeights } from "../support/models.ts";

beforeAll(async () => {
  await loadCore({ numerics: mayBeStrict ? "strict" : "fast" });
});

const random = new Random(41);
const [B, T, F] = [3, 7, 2];
const sgd = () => new SGD({ learningRate: 0.1, momentum: 0.5, globalClipNorm: 1e30 });

/** Steps `from` to `to` - 1. */
function steps({ data, shape: [rows = 0, all = 0, features = 0] }: Tensor, from: number, to: number): Tensor {
  const parts = Array.from({ length: rows }, (_, b) => [
    ...data.subarray((b * all + from) * features, (b * all + to) * features),
  ]);
  return f32(parts.flat(), rows, to - from, features);
}

function pair(): { readonly model: Sequential; readonly layers: readonly [LSTM, LSTM] } {
  const layers = () =>
    [new LSTM({ units: 4, returnSequences: true }), new LSTM({ units: 2, returnSequences: true })] as const;
  const model = new Sequential(layers(), { inputShape: [null, F] });
  drawWeights(random, model);
  const alone = layers();
  for (const [i, layer] of alone.entries()) layer.setWeights(model.layers[i]?.getWeights() ?? {});
  return { model, layers: alone };
}

describe("truncatedSteps", () => {
  const x = randomTensor(random, B, T, F);
  const y = randomTensor(random, B, T, 2);

  test("equals pieces trained by hand, the state carried over: 3, 3 and 1 of 7 steps, to the bit where strict", async () => {
    const {
      model,
      layers: [first, second],
    } = pair();
    model.compile({ optimizer: sgd(), loss: "meanSquaredError" });
    const { history } = await model.fit(x, y, { truncatedSteps: 3, epochs: 2, shuffle: false, verbose: 0 });
    const optimizer = sgd();
    const losses: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      let states: readonly (LSTMState | undefined)[] = [];
      let sum = 0;
      for (const [from, to] of [
        [0, 3],
        [3, 6],
        [6, 7],
      ] as const) {
        // biome-ignore format: short
        const a = first.forward(steps(x, from, to), { training: true, initialState: states[0] });
        const b = second.forward(a.output, { training: true, initialState: states[1] });
        const { value, gradient } = meanSquaredError(b.output, steps(y, from, to));
        first.backward({ output: second.backward({ output: gradient }).input });
        optimizer.apply([first, second]);
        sum += value * (to - from);
        states = [a, b].map(({ hidden, cell }) => ({ hidden, cell }));
      }
      losses.push(sum / T);
    }
    expect(model.optimizer.iterations).toBe(6);
    expectClose(history.loss ?? [], losses, "losses", { absolute: 1e-6, relative: 1e-6 });
    const expected = { lstm: first.getWeights(), lstm_1: second.getWeights() };
    const byName = Object.entries(expected).flatMap(([layer, weights]) =>
      Object.entries(weights).map(([name, value]) => [`${layer}.${name}`, value] as const),
    );
    if (mayBeStrict) expectSameNamedBits(model.getWeights(), Object.fromEntries(byName));
  });

  test("each batch starts from zeros, and pieces as long as the sequence are the whole", async () => {
    const [once, whole] = [pair(), pair()];
    whole.model.setWeights(once.model.getWeights());
    for (const { model } of [once, whole]) model.compile({ optimizer: sgd(), loss: "meanSquaredError" });
    const options = { epochs: 2, batchSize: 1, shuffle: false, verbose: 0 } as const;
    await once.model.fit(x, y, options);
    await whole.model.fit(x, y, { ...options, truncatedSteps: T });
    expectSameNamedBits(whole.model.getWeights(), once.model.getWeights());
  });

  test("with lengths: rows end where they end, a piece without rows makes no update", async () => {
    const lengths = [4, 2, 1];
    const { model } = pair();
    const short = pair();
    short.model.setWeights(model.getWeights());
    for (const one of [model, short.model]) one.compile({ optimizer: sgd(), loss: "meanSquaredError" });
    const options = { truncatedSteps: 2, epochs: 2, shuffle: false, verbose: 0, lengths } as const;
    const long = await model.fit(x, y, options);
    const cut = await short.model.fit(steps(x, 0, 4), steps(y, 0, 4), options);
    expect(model.optimizer.iterations).toBe(4);
    expect(long.history).toEqual(cut.history);
    expectSameNamedBits(model.getWeights(), short.model.getWeights());
  });

  test("states that another branch gives start the first piece only, and no gradient goes back past a piece", async () => {
    const symbol = input({ shape: [null, F] });
    const [encoder, decoder, dense] = [
      new LSTM({ units: 3, returnState: true }),
      new LSTM({ units: 3, returnSequences: true }),
      new Dense({ units: 2 }),
    ] as const;
    const encoded = encoder.apply(symbol);
    const initialState = { hidden: encoded.hidden as SymbolicTensor, cell: encoded.cell as SymbolicTensor };
    const model = new Model({ inputs: symbol, outputs: dense.apply(decoder.apply(symbol, { initialState })) });
    drawWeights(random, model);
    const alone = [
      new LSTM({ units: 3 }),
      new LSTM({ units: 3, returnSequences: true }),
      new Dense({ units: 2 }),
    ] as const;
    for (const [i, layer] of alone.entries()) layer.setWeights([encoder, decoder, dense][i]?.getWeights() ?? {});
    model.compile({ optimizer: new SGD({ learningRate: 0.1, globalClipNorm: 1e30 }), loss: "meanSquaredError" });
    await model.fit(x, y, { truncatedSteps: 4, shuffle: false, verbose: 0 });
    const [first, second, head] = alone;
    const optimizer = new SGD({ learningRate: 0.1 });
    let states: LSTMState = first.forward(steps(x, 0, 4), { training: true });
    for (const [from, to] of [
      [0, 4],
      [4, 7],
    ] as const) {
      // biome-ignore format: short
      const result = second.forward(steps(x, from, to), { training: true, initialState: { hidden: states.hidden, cell: states.cell } });
      const { gradient } = meanSquaredError(head.forward(result.output, { training: true }), steps(y, from, to));
      const d = second.backward({ output: head.backward(gradient).input });
      if (from === 0) first.backward({ hidden: d.hidden, cell: d.cell });
      optimizer.apply(from === 0 ? [first, second, head] : [second, head]);
      states = result;
    }
    for (const [i, layer] of alone.entries()) {
      for (const [name, { data }] of Object.entries(layer.getWeights())) {
        const own = [encoder, decoder, dense][i]?.getWeights()[name]?.data ?? [];
        expectClose(own, data, `${i} ${name}`, { absolute: 1e-6, relative: 1e-6 });
      }
    }
  });

  test("an epoch of the whole sequence as one piece a step: token ids and labels are cut too", async () => {
    const model = new Sequential(
      [
        new Embedding({ inputDim: 4, outputDim: 3 }),
        new LSTM({ units: 4, returnSequences: true }),
        new Dense({ units: 4, activation: "softmax" }),
      ],
      { seed: 1 },
    );
    model.compile({ optimizer: { name: "adam", learningRate: 0.02 }, loss: "sparseCategoricalCrossentropy" });
    const ids = [[0, 1, 2, 3, 0, 1], [3, 2, 1, 0, 3, 2]]; // biome-ignore format: short
    const next = [[1, 2, 3, 0, 1, 2], [2, 1, 0, 3, 2, 1]]; // biome-ignore format: short
    const sampleWeight = [[1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]]; // biome-ignore format: short
    const { history } = await model.fit(ids, next, { truncatedSteps: 1, epochs: 30, verbose: 0, sampleWeight });
    expect(model.optimizer.iterations).toBe(180);
    expect(history.loss?.at(-1)).toBeLessThan(0.9 * (history.loss?.[0] ?? 0));
  });

  test("refuses outputs without steps and layers that go backwards, in one sentence; nothing has changed", async () => {
    const last = new Sequential([new LSTM({ units: 2 })], { inputShape: [null, F] });
    last.compile({ loss: "meanSquaredError" });
    await expect(last.fit(x, [[0, 0], [0, 0], [0, 0]], { truncatedSteps: 2, verbose: 0 })).rejects.toThrow('"lstm" has no steps: use returnSequences: true.'); // biome-ignore format: short
    const back = new Sequential([new LSTM({ units: 2, returnSequences: true, goBackwards: true })], {
      inputShape: [null, F],
    });
    back.compile({ loss: "meanSquaredError" });
    const before = back.getWeights();
    await expect(back.fit(x, y, { truncatedSteps: 2, verbose: 0 })).rejects.toThrow('but LSTM "lstm" goes backwards.');
    expectSameNamedBits(back.getWeights(), before);
    await back.fit(x, y, { verbose: 0 });
  });
});
