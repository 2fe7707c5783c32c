import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Activation, Add, Dense, FormatError, input, load, Model, Random, Sequential } from "../../src/index.ts";
import { type Config, edited, expectSameBytes } from "../support/edited-file.ts";
import { loadCore } from "../support/layers.ts";
import { heldBytes } from "../support/load-fuzz.ts";
import { checkpointOf, EXAMPLES, numbers } from "../support/saved-models.ts";

/** Far above what any of these takes on a busy machine, far below what the square of its size would. */
const LONGEST_MS = 20_000;

/** A graph of one layer. */
let file: Uint8Array;

beforeAll(async () => {
  await loadCore();
  const x = input({ shape: [3] });
  file = new Model({ inputs: x, outputs: new Activation({ activation: "relu", name: "f" }).apply(x), seed: 1 }).save();
});

let start = 0;
beforeEach(() => {
  start = performance.now();
  return () => expect(performance.now() - start).toBeLessThan(LONGEST_MS);
});

/** The graph with other layers and steps; the last step is the output. */
function graphFile(layers: readonly Config[], steps: readonly Config[]): Uint8Array {
  const config = (saved: Config) => ({ ...saved, layers, steps, outputs: [[steps.length - 1, 0]] });
  return edited(file, { config });
}

const range = <Item>(length: number, make: (i: number) => Item): Item[] => Array.from({ length }, (_, i) => make(i));

describe("a file of the largest size", () => {
  test("10,000 steps of one layer: it predicts, and is saved as the same bytes", () => {
    const bytes = graphFile(
      [{ kind: "Activation", config: { activation: "relu", name: "f" } }],
      range(10_000, (i) => ({ layer: 0, inputs: [[i - 1, 0]] })),
    );
    const model = load(bytes) as Model;
    expect(model.predict([[1, -2, 3]])).toEqual({ data: Float32Array.of(1, 0, 3), shape: [1, 3] });
    expectSameBytes(model.save(), bytes);
    model.dispose();
  });

  test("10,000 layers, each with the weights of another", () => {
    const dense = (i: number) => new Dense({ units: 1, name: `d${i}`, useBias: false, seed: i });
    const chain = new Sequential(range(10_000, dense), { inputShape: [1], seed: 1 });
    const bytes = chain.save();
    chain.dispose();
    const model = load(bytes);
    expectSameBytes(model.save(), bytes);
    model.dispose();
  });

  test("a sum of 100,000 times the same", () => {
    const bytes = graphFile(
      [{ kind: "Add", config: { name: "sum" } }],
      [{ layer: 0, inputs: range(100_000, () => [-1, 0]) }],
    );
    const model = load(bytes) as Model;
    expect(model.predict([[1, -2, 0.5]])).toEqual({ data: Float32Array.of(100_000, -200_000, 50_000), shape: [1, 3] });
    model.dispose();
  });

  test("1,000 metrics", () => {
    const model = new Sequential([new Dense({ units: 1 })], { inputShape: [1], seed: 1 });
    const metrics = range(1000, (i) => ({ kind: "auc" as const, name: `auc ${i}`, thresholds: 100 }));
    model.compile({ loss: "mse", metrics });
    const bytes = model.save();
    expectSameBytes(load(bytes).save(), bytes);
  });
});

describe("refused is a file with", () => {
  const add = { kind: "Add", config: { name: "f" } };
  const cases: readonly (readonly [what: string, bytes: () => Uint8Array, message: string])[] = [
    [
      "a layer too many",
      () =>
        graphFile(
          range(10_001, (i) => ({ kind: "Add", config: { name: `${i}` } })),
          [],
        ),
      "gatefold.layers must be an array of at most 10000 elements, got an array of length 10001.",
    ],
    [
      "a step too many",
      () =>
        graphFile(
          [add],
          range(10_001, (i) => ({ layer: 0, inputs: [[i - 1, 0]] })),
        ),
      "gatefold.steps must be an array of at most 10000 elements, got an array of length 10001.",
    ],
    [
      "an input of a step too many",
      () => graphFile([add], [{ layer: 0, inputs: range(100_001, () => [-1, 0]) }]),
      "gatefold.steps must have at most 100000 inputs in all.",
    ],
    [
      "features that double 1,100 times, to infinity",
      () => {
        const twice = (i: number) => ({
          layer: 0,
          inputs: [
            [i - 1, 0],
            [i - 1, 0],
          ],
        });
        return graphFile([{ kind: "Concatenate", config: { name: "twice" } }], range(1100, twice));
      },
      "gatefold.steps make 100663296 features: there may be 67108864.",
    ],
    [
      "9,000 layers around each other",
      () => {
        const wrap = (i: number) => ({ kind: "TimeDistributed", config: { name: `${i}`, layer: i - 1 } });
        const layers = range(9000, (i) =>
          i === 0 ? { kind: "Activation", config: { name: "0", activation: "relu" } } : wrap(i),
        );
        return graphFile(layers, [{ layer: 8999, inputs: [[-1, 0]] }]);
      },
      'gatefold.steps[0] is refused: TimeDistributed "8999" expects [batch, steps, ...], got [null, 3].',
    ],
    [
      "half a million sums",
      () =>
        edited(file, {
          config: (saved) => ({
            ...saved,
            compile: {
              optimizer: { name: "adam" },
              loss: [{ name: "mse" }],
              lossWeights: [1],
              metrics: [[]],
              onNonFinite: "throw",
            },
            training: { progress: { ...COUNTS, sums: range(490_000, () => 1) }, rows: 0, optimizer: null },
          }),
          tensors: (all) => [...all, { name: "training.sums", shape: [490_000], data: new Float64Array(490_000) }],
        }),
      "gatefold.training.progress.sums must be an array of at most 1001 elements, got an array of length 490000.",
    ],
  ];

  test.each(cases)("%s", (_, make, message) => {
    const before = heldBytes();
    const bytes = make();
    let error: unknown;
    try {
      load(bytes);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message.startsWith(message), (error as Error).message).toBe(true);
    expect(heldBytes()).toBe(before);
  });
});

const COUNTS = { epoch: 0, trainedEpochs: 0, position: 0, batches: 0, steps: 0, waiting: 0 };

describe("save refuses what load would not read", () => {
  const save = (model: Sequential | Model, options = {}) => {
    try {
      return model.save(options);
    } finally {
      model.dispose();
    }
  };
  const chain = (name: string) => new Sequential([new Dense({ units: 1, name })], { inputShape: [1], seed: 1 });

  test("a name of 1,001 characters", () => {
    expect(() => save(chain("x".repeat(1001)))).toThrow(
      'Sequential "sequential".save cannot make a file of this model: it has 1001 characters in a name, files have at most 1000.',
    );
    const bytes = save(chain("x".repeat(1000)));
    expect(load(bytes).layers[0]?.name).toBe("x".repeat(1000));
  });

  test("10,001 steps", () => {
    const x = input({ shape: [1] });
    const relu = new Activation({ activation: "relu" });
    let last = x;
    for (let i = 0; i < 10_001; i++) last = relu.apply(last);
    expect(() => save(new Model({ inputs: x, outputs: last }))).toThrow(
      "it has 10001 steps, files have at most 10000.",
    );
    const sum = new Add().apply([last, last]);
    expect(new Model({ inputs: x, outputs: sum }).predict([[2]]).data).toEqual(Float32Array.of(4));
  });

  test("metadata that is no text", () => {
    expect(() => save(chain("a"), { metadata: null })).toThrow(
      'Sequential "sequential".save needs metadata to be an object of strings, got null.',
    );
    expect(() => save(chain("a"), { metadata: { epoch: 3 } })).toThrow("string");
    expect(() => save(chain("a"), { metadata: { gatefold: "" } })).toThrow(
      'Sequential "sequential".save writes the metadata "gatefold" itself: choose another name.',
    );
  });

  test("names that UTF-8 cannot hold, and a tensor twice", () => {
    expect(() => save(chain("\ud800"))).toThrow("lone surrogates");
    const model = new Sequential(
      [new Dense({ units: 1, name: "a" }), new Dense({ units: 1, name: "optimizer.mean.a" })],
      { inputShape: [1], seed: 1 },
    );
    model.compile({ loss: "mse" });
    model.trainOnBatch([[1]], [[1]]);
    expect(() => model.save({ optimizer: true })).toThrow('got two tensors called "optimizer.mean.a.bias".');
    expect(load(model.save()).layers[1]?.name).toBe("optimizer.mean.a");
    model.dispose();
  });
});

describe("under every limit of the memory, from what the core itself needs to success", () => {
  type Api = typeof import("../../src/index.ts") & typeof import("../../src/core/context.ts");

  async function newProgram(maxMemory: number): Promise<Api> {
    vi.resetModules();
    const api = { ...(await import("../../src/index.ts")), ...(await import("../../src/core/context.ts")) };
    await api.init({ maxMemory });
    return api;
  }

  test.each(Object.keys(EXAMPLES))("%s loads, or ends in OutOfMemoryError and leaves nothing", async (name) => {
    const example = (EXAMPLES[name] as () => ReturnType<(typeof EXAMPLES)["line"]>)();
    // Wide enough to need pages of its own.
    const bytes = await checkpointOf(example);
    example.model.dispose();
    for (let pages = 1, loaded = 0; loaded < 2; pages++) {
      const { load: loadIn, requireCore, Dense: DenseIn } = await newProgram(pages * 65536);
      const { memory, scratch } = requireCore();
      const held = () => memory.usedBytes - scratch.bytes;
      const before = held();
      try {
        loadIn(bytes).dispose();
        loaded += 1;
      } catch (error) {
        expect((error as Error).name).toBe("OutOfMemoryError");
      }
      expect(held()).toBe(before);
      if (loaded > 0) expect(new DenseIn({ units: 1, inputSize: 1, seed: 1 }).forward([[1]]).data).toHaveLength(1);
    }
  });

  test("a model of 2.7 MB loads, or ends in OutOfMemoryError and leaves nothing", async () => {
    const model = new Sequential([new Dense({ units: 300 }), new Dense({ units: 300 })], {
      inputShape: [300],
      seed: 1,
    });
    model.compile({ optimizer: "adam", loss: "mse" });
    model.trainOnBatch(numbers(1, 2, 300), numbers(2, 2, 300));
    const bytes = model.save({ optimizer: true });
    const expected = model.predict(numbers(3, 1, 300));
    model.dispose();
    let failures = 0;
    for (let loaded = false, pages = 1; !loaded; pages += 2) {
      const { load: loadIn, requireCore } = await newProgram(pages * 65536);
      const { memory, scratch } = requireCore();
      const held = () => memory.usedBytes - scratch.bytes;
      const before = held();
      try {
        const again = loadIn(bytes) as Sequential;
        loaded = true;
        expect(again.predict(numbers(3, 1, 300)).data).toEqual(expected.data);
        again.dispose();
      } catch (error) {
        expect((error as Error).name).toBe("OutOfMemoryError");
        failures++;
        // A smaller one has room.
        const { Dense: DenseIn } = await import("../../src/index.ts");
        if (pages > 4) expect(new DenseIn({ units: 1, inputSize: 1, seed: 1 }).forward([[1]]).data).toHaveLength(1);
      }
      expect(held() - before).toBeLessThan(1024);
    }
    expect(failures).toBeGreaterThan(20);
  });
});

test("a file is only read: its bytes stay as they are, and are not needed afterwards", async () => {
  const example = EXAMPLES.branches?.() as ReturnType<(typeof EXAMPLES)["line"]>;
  const bytes = await checkpointOf(example);
  const copy = bytes.slice();
  const model = load(bytes);
  expectSameBytes(bytes, copy);
  bytes.fill(new Random(1).integer(256));
  expectSameBytes(model.save({ optimizer: true }), copy);
  model.dispose();
  example.model.dispose();
});
