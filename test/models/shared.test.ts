import { beforeAll, describe, expect, test } from "vitest";
import {
  Add,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  input,
  LSTM,
  Masking,
  Model,
  Random,
  Sequential,
  SparseCategoricalCrossentropy,
  StateError,
  type SymbolicTensor,
  TimeDistributed,
} from "../../src/index.ts";
import { expectSameBits, expectSameNamedBits, f32, loadCore, randomTensor } from "../support/layers.ts";

beforeAll(async () => {
  await loadCore();
});

const random = new Random(91);
const x = randomTensor(random, 4, 5, 2);

/** A tagger, and a model of its hidden states. */
function pair() {
  const symbol = input({ shape: [null, 2] });
  const hidden = new LSTM({ units: 3, returnSequences: true }).apply(symbol);
  const tagger = new Model<SymbolicTensor>({
    inputs: symbol,
    outputs: new Dense({ units: 2 }).apply(hidden),
    name: "tagger",
    seed: 1,
  });
  const states = new Model<SymbolicTensor>({ inputs: symbol, outputs: hidden, name: "states" });
  return { tagger, states };
}

describe("two models over one layer", () => {
  const y = randomTensor(random, 4, 5, 2);

  test("the second predicts and streams with the weights that the first trains, at every step", async () => {
    const { tagger, states } = pair();
    states.predict(x);
    tagger.compile({ optimizer: "adam", loss: "meanSquaredError" });
    const stream = states.stream();
    const copy = new Sequential([new LSTM({ units: 3, returnSequences: true })], { inputShape: [null, 2] });
    const onStepEnd = () => {
      copy.setWeights(states.getWeights());
      expectSameBits(states.predict(x), copy.predict(x), "hidden");
      const { "lstm.weight_ih": shared } = tagger.getWeights();
      expect(states.getWeights()["lstm.weight_ih"]).toEqual(shared);
      stream.reset();
      expectSameBits(f32(stream.step(x.data.subarray(0, 2)), 3), f32(copy.predict(x).data.slice(0, 3), 3), "stream");
    };
    const before = states.predict(x);
    await tagger.fit(x, y, { epochs: 2, batchSize: 2, callbacks: [{ onStepEnd }], verbose: 0 });
    expect(states.predict(x).data).not.toEqual(before.data);
  });

  test("the second may not be compiled, nor set weights, while the first trains; alone it may", async () => {
    const { tagger, states } = pair();
    tagger.compile({ loss: "meanSquaredError" });
    expect(() => states.compile({ loss: "meanSquaredError" })).toThrow(
      'LSTM "lstm" is trained by Model "tagger", so Model "states" can only predict and stream with it.',
    );
    expect(() => states.optimizer).toThrow(StateError);
    const before = tagger.getWeights();
    const run = tagger.fit(x, y, { epochs: 50, verbose: 0 });
    expect(() => states.setWeights(states.getWeights())).toThrow(StateError);
    await run;
    states.setWeights({ ...Object.fromEntries(Object.entries(before).filter(([name]) => name.startsWith("lstm"))) });
    expect(tagger.getWeights()["lstm.weight_hh"]).toEqual(before["lstm.weight_hh"]);
    const other = pair();
    other.tagger.predict(x);
    other.states.compile({ loss: "meanSquaredError" });
    await other.states.fit(x, randomTensor(random, 4, 5, 3), { verbose: 0 });
    expect(() => other.tagger.compile({ loss: "meanSquaredError" })).toThrow(StateError);
    expect(other.tagger.predict(x).shape).toEqual([4, 5, 2]);
  });

  test("disposing the one that predicts leaves the trained one; disposing the trained one ends both", () => {
    const { tagger, states } = pair();
    tagger.compile({ loss: "meanSquaredError" });
    const expected = tagger.predict(x);
    states.predict(x);
    states.dispose();
    expect(tagger.predict(x)).toEqual(expected);
    const again = pair();
    again.tagger.compile({ loss: "meanSquaredError" });
    again.states.predict(x);
    again.tagger.dispose();
    expect(() => again.states.predict(x)).toThrow(StateError);
    expect(() => again.tagger.predict(x)).toThrow('Model "tagger" was disposed: make a new Model.');
  });

  test("an encoder trained as a part of one model decodes in another", async () => {
    const [source, target] = [input({ shape: [null, 2], name: "source" }), input({ shape: [null, 2], name: "target" })];
    const encoder = new LSTM({ units: 3, returnState: true, name: "encoder" });
    const decoder = new LSTM({ units: 3, returnSequences: true, returnState: true, name: "decoder" });
    const encoded = encoder.apply(source);
    const [hidden, cell] = [encoded.hidden, encoded.cell] as [SymbolicTensor, SymbolicTensor];
    const model = new Model<SymbolicTensor>({
      inputs: [source, target],
      outputs: decoder.apply(target, { initialState: { hidden, cell } }),
      seed: 2,
    });
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    await model.fit([x, x], randomTensor(random, 4, 5, 3), { verbose: 0 });
    const first = new Model({ inputs: source, outputs: [hidden, cell] });
    const [h, c] = [input({ shape: [3], name: "h" }), input({ shape: [3], name: "c" })];
    const step = decoder.apply(target, { initialState: { hidden: h, cell: c } });
    const second = new Model<readonly SymbolicTensor[]>({
      inputs: [target, h, c],
      outputs: [step, step.hidden, step.cell].filter((one) => one !== undefined),
    });
    let states = first.predict(x) as readonly { data: Float32Array; shape: readonly number[] }[];
    const whole = model.predict([x, x]);
    for (let t = 0; t < 5; t++) {
      const part = f32(
        Array.from({ length: 4 }, (_, b) => [...x.data.subarray(b * 10 + 2 * t, b * 10 + 2 * t + 2)]).flat(),
        4,
        1,
        2,
      );
      const [output, ...next] = second.predict([part, ...states]);
      states = next;
      const expected = Array.from({ length: 4 }, (_, b) => [
        ...whole.data.subarray((b * 5 + t) * 3, (b * 5 + t + 1) * 3),
      ]).flat();
      for (const [n, value] of expected.entries()) expect(output?.data[n]).toBeCloseTo(value, 6);
    }
  });
});

describe("names", () => {
  test("layers without a name are numbered in the order of their first use, those with one keep it", () => {
    const layers = [
      new LSTM({ units: 2, returnSequences: true, inputSize: 1 }),
      new LSTM({ units: 2, returnSequences: true, name: "lstm_1" }),
      new LSTM({ units: 2, returnSequences: true }),
      new TimeDistributed({ layer: new Dense({ units: 2 }) }),
      new Dense({ units: 1, name: "out" }),
    ];
    const model = new Sequential(layers);
    expect(model.layers.map(({ name }) => name)).toEqual([
      "lstm",
      "lstm_1",
      "lstm_2",
      "time_distributed",
      "dense",
      "out",
    ]);
    expect([...model.weightShapes().keys()].filter((name) => name.endsWith("bias"))).toEqual([
      "dense.bias",
      "out.bias",
    ]);
    expect(
      () =>
        new Sequential([new Dense({ units: 1, name: "a" }), new Dense({ units: 1, name: "a" })], { inputShape: [1] }),
    ).toThrow('two layers called "a"');
  });

  test("initial weights follow from the seed and the names, not from what was made before", () => {
    const build = () =>
      new Sequential([new LSTM({ units: 2 }), new Dense({ units: 1 })], { inputShape: [null, 1], seed: 5 });
    const first = build().getWeights();
    new Sequential([new Dense({ units: 3, inputSize: 2 })]).getWeights();
    expectSameNamedBits(build().getWeights(), first);
  });
});

describe("summary", () => {
  test("of a chain", () => {
    const layers = [
      new Embedding({ inputDim: 1000, outputDim: 8, maskZero: true }),
      new LSTM({ units: 16 }),
      new Dropout({ rate: 0.5 }),
      new Dense({ units: 1 }),
    ];
    const lines: string[] = [];
    const text = new Sequential(layers, { name: "reviews" }).summary({ print: (line) => void lines.push(line) });
    expect(text).toBe(`Model: Sequential "reviews"
┌───────────────────────┬─────────────────┬────────────┐
│ Layer (type)          │ Output shape    │ Parameters │
├───────────────────────┼─────────────────┼────────────┤
│ input (input)         │ [null, null]    │          0 │
│ embedding (Embedding) │ [null, null, 8] │      8,000 │
│ lstm (LSTM)           │ [null, 16]      │      1,600 │
│ dropout (Dropout)     │ [null, 16]      │          0 │
│ dense (Dense)         │ [null, 1]       │         17 │
└───────────────────────┴─────────────────┴────────────┘
Parameters: 9,617 (37.6 KB)`);
    expect(lines.join("\n")).toBe(text);
  });

  test("of a graph that branches, with a layer that is used twice", () => {
    const [a, b] = [input({ shape: [7, 2], name: "a" }), input({ shape: [7, 2], name: "b" })];
    const lstm = new LSTM({ units: 3 });
    const sum = new Add().apply([lstm.apply(a), lstm.apply(b)]);
    const model = new Model({
      inputs: [a, b],
      outputs: new Dense({ units: 1 }).apply(new Concatenate().apply([sum, sum])),
    });
    expect(model.summary({ print: null })).toBe(`Model: Model "model"
┌───────────────────────────┬──────────────┬────────────┬──────────────┐
│ Layer (type)              │ Output shape │ Parameters │ Connected to │
├───────────────────────────┼──────────────┼────────────┼──────────────┤
│ a (input)                 │ [null, 7, 2] │          0 │              │
│ b (input)                 │ [null, 7, 2] │          0 │              │
│ lstm (LSTM)               │ [null, 3]    │         72 │ a            │
│ lstm (LSTM)               │ [null, 3]    │     shared │ b            │
│ add (Add)                 │ [null, 3]    │          0 │ lstm, lstm   │
│ concatenate (Concatenate) │ [null, 6]    │          0 │ add, add     │
│ dense (Dense)             │ [null, 1]    │          7 │ concatenate  │
└───────────────────────────┴──────────────┴────────────┴──────────────┘
Parameters: 79 (316 B)`);
  });
});

describe("graphs that cannot be", () => {
  const sequence = () => input({ shape: [null, 2] });

  test.each([
    [
      "an input that nothing uses",
      () => new Model({ inputs: [sequence(), sequence()], outputs: new LSTM({ units: 1 }).apply(sequence()) }),
      "among its inputs",
    ],
    [
      "an output given twice",
      () => {
        const s = sequence();
        const y = new LSTM({ units: 1 }).apply(s);
        return new Model({ inputs: s, outputs: [y, y] });
      },
      'the output "lstm" twice',
    ],
    [
      "an input given twice",
      () => {
        const s = sequence();
        return new Model({ inputs: [s, s], outputs: new LSTM({ units: 1 }).apply(s) });
      },
      'the input "input" twice',
    ],
    [
      "two widths in Add",
      () => new Add().apply([sequence(), input({ shape: [null, 3] })]),
      "inputs of one shape, got [null, null, 2] and [null, null, 3]",
    ],
    [
      "a mask in the middle",
      () => new Masking().apply(new LSTM({ units: 2, returnSequences: true }).apply(sequence())),
      'got the output of LSTM "lstm"',
    ],
    [
      "a mask of inner steps",
      () => new TimeDistributed({ layer: new Masking() }).apply(input({ shape: [null, null, 2] })),
      "Masking",
    ],
    [
      "an LSTM after an LSTM without sequences",
      () => new Sequential([new LSTM({ units: 1 }), new LSTM({ units: 1 })], { inputShape: [null, 1] }),
      "needs returnSequences: true",
    ],
    [
      "numbers for an Embedding",
      () => new Embedding({ inputDim: 2, outputDim: 2 }).apply(sequence()),
      "expects token ids",
    ],
    [
      "states of other units",
      () => {
        const h = input({ shape: [2] });
        return new LSTM({ units: 3 }).apply(sequence(), { initialState: { hidden: h, cell: h } });
      },
      "expects an initial state [null, 3], got [null, 2]",
    ],
    [
      "several results in a chain",
      () => new Sequential([new LSTM({ units: 1, returnState: true })], { inputShape: [null, 1] }),
      "use Model",
    ],
  ] as const)("%s: a sentence that says so", (_what, build, message) => {
    expect(build).toThrow(message);
  });

  test("branches whose rows differ in one batch: joined by Add after two inputs", () => {
    const [a, b] = [sequence(), sequence()];
    const model = new Model({ inputs: [a, b], outputs: new Add().apply([a, b]) });
    expect(() => model.predict([x, randomTensor(random, 4, 6, 2)])).toThrow(
      "joins branches with the same steps, got 5 steps and 6 steps",
    );
    expect(() => model.predict([x, x], { lengths: [[1, 2, 3, 4], [1, 2, 3, 5]] })).toThrow("same lengths and masks"); // biome-ignore format: short
    expect(() => model.predict([x, randomTensor(random, 3, 5, 2)])).toThrow("one number of rows, got 4, 3");
    const { data } = model.predict([x, x], { lengths: [[1, 2, 3, 4], [1, 2, 3, 4]] }) as { data: Float32Array }; // biome-ignore format: short
    expect([...data.slice(0, 4)]).toEqual([2 * (x.data[0] ?? 0), 2 * (x.data[1] ?? 0), 0, 0]);
  });
});

test("a batch in which nothing counts makes no update and no error", async () => {
  const loss = new SparseCategoricalCrossentropy({ fromLogits: true, ignoreIndex: -1 });
  const model = new Sequential(
    [
      new Embedding({ inputDim: 3, outputDim: 2, maskZero: true }),
      new LSTM({ units: 2, returnSequences: true }),
      new Dense({ units: 2 }),
    ],
    { seed: 1 },
  );
  model.compile({ optimizer: "adam", loss, metrics: ["accuracy"] });
  const before = model.getWeights();
  const { history } = await model.fit([[0, 0], [1, 2]], [[0, 1], [-1, -1]], { batchSize: 1, verbose: 0 }); // biome-ignore format: short
  expect(history.loss).toEqual([0]);
  expect(model.trainOnBatch([[0, 0]], [[1, 1]]).loss).toBe(0);
  expectSameNamedBits(model.getWeights(), before);
  expect(model.optimizer.iterations).toBe(0);
});
