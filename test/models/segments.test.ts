import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Core, requireCore, setCore } from "../../src/core/context.ts";
import { Region } from "../../src/core/memory.ts";
import {
  Adam,
  Dense,
  Embedding,
  input,
  LSTM,
  load as loadModel,
  Model,
  type NamedTensors,
  OptionError,
  Random,
  Sequential,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from "../../src/index.ts";
import { readData } from "../../src/training/read.ts";
import { expectSameBits, expectSameNamedBits, loadCore, RANDOM_SHAPES, randomTensor } from "../support/layers.ts";

/** What a layer may be, and how much it is given. */
interface Case {
  readonly kind: "LSTM" | "SimpleRNN";
  readonly B: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
  readonly options: {
    readonly returnSequences: boolean;
    readonly goBackwards: boolean;
    readonly dropout: number;
    readonly recurrentDropout: number;
    readonly doubleBias: boolean;
  };
  readonly isRagged: boolean;
  /** Whether the layer reads token ids, and may look them up itself. */
  readonly hasIds: boolean;
  /** Share of the memory of a whole cache, per cent; 0: the least there is. */
  readonly share: number;
  readonly seed: number;
}

const upTo = (max: number) => fc.integer({ min: 1, max });
const rate = fc.constantFrom(0, 0, 0.4);
const anyCase: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom("LSTM" as const, "SimpleRNN" as const),
  ...{ B: upTo(7), T: upTo(40), I: upTo(20), H: upTo(20) },
  options: fc.record({
    ...{ returnSequences: fc.boolean(), goBackwards: fc.boolean(), doubleBias: fc.boolean() },
    ...{ dropout: rate, recurrentDropout: rate },
  }),
  ...{ isRagged: fc.boolean(), hasIds: fc.boolean() },
  share: fc.integer({ min: 0, max: 99 }),
  seed: fc.nat(),
});

interface Run {
  readonly outputs: readonly Tensor<Float32Array>[];
  readonly gradients: NamedTensors;
  readonly bytes: number;
  readonly calls: number;
}

let core: Core;
let calls = 0;

beforeAll(async () => {
  await loadCore();
  core = requireCore();
});

afterEach(() => {
  setCore(core);
  vi.restoreAllMocks();
});

/** Counts the forward calls of cells from here on. */
function countCalls(): void {
  const { kernels } = core;
  const counted = <Sizes extends readonly unknown[]>(run: (...sizes: Sizes) => void) => {
    return (...sizes: Sizes) => {
      calls++;
      run(...sizes);
    };
  };
  const cells = { lstmForward: counted(kernels.lstmForward), rnnForward: counted(kernels.rnnForward) };
  setCore({ ...core, kernels: { ...kernels, ...cells } });
}

/** Everything the layer takes has weights before it, everything it gives a target: no gradient is left out. */
function modelOf({ kind, I, H, options, hasIds, seed }: Case): Model {
  const first = input({ shape: [3] });
  const x = hasIds ? input({ shape: [null], dtype: "int32" }) : input({ shape: [null, 2] });
  const steps = (hasIds ? new Embedding({ inputDim: 5, outputDim: 16 }) : new Dense({ units: I })).apply(x);
  const hidden = new Dense({ units: H }).apply(first);
  const settings = { units: H, returnState: true, ...options };
  const outputs: SymbolicTensor & { readonly hidden?: SymbolicTensor; readonly cell?: SymbolicTensor } =
    kind === "LSTM"
      ? new LSTM(settings).apply(steps, { initialState: { hidden, cell: new Dense({ units: H }).apply(first) } })
      : new SimpleRNN(settings).apply(steps, { initialState: { hidden } });
  const finals = [outputs.hidden, outputs.cell].filter((state) => state !== undefined);
  const model = new Model({ inputs: [x, first], outputs: [new Dense({ units: 2 }).apply(outputs), ...finals], seed });
  model.compile({ optimizer: new Adam(), loss: "mse" });
  return model;
}

/** Two batches in training, the second going on from the first, with at most so many bytes. */
function runCase(sample: Case, most: number): Run {
  const { B, T, H, options, isRagged, hasIds, seed } = sample;
  const random = new Random(seed);
  const ids = tensor(
    Int32Array.from({ length: B * T }, () => random.integer(5)),
    [B, T],
  );
  const model = modelOf(sample);
  const { objective } = model.compiled;
  const last = [options.returnSequences ? [B, T, 2] : [B, 2], ...model.outputPorts.slice(1).map(() => [B, H])];
  const data = readData(
    "test",
    model,
    objective,
    [hasIds ? ids : randomTensor(random, B, T, 2), randomTensor(random, B, 3)],
    last.map((shape) => randomTensor(random, ...shape)),
    { lengths: isRagged ? [Array.from({ length: B }, () => 1 + random.integer(T)), undefined] : undefined },
  );
  const batch = data.batch(0, B);
  const { runner } = model.ready();
  calls = 0;
  const ensure = vi.spyOn(Region.prototype, "ensure");
  for (const carry of [false, true]) {
    runner.run(requireCore(), batch, objective, { training: true, carry, scale: 1 }, model.progress, most);
  }
  const counted = calls;
  // The batch's block is the largest by far.
  const bytes = Math.max(...ensure.mock.calls.map(([asked]) => asked));
  ensure.mockRestore();
  const outputs = runner.predict(requireCore(), batch);
  const run = { outputs, gradients: model.getGradients(), bytes, calls: counted };
  model.dispose();
  return run;
}

describe("training in segments", () => {
  test(`has the bits of training at once: outputs and all gradients, over ${RANDOM_SHAPES} random layers`, () => {
    countCalls();
    let cut = 0;
    fc.assert(
      fc.property(anyCase, (sample) => {
        const whole = runCase(sample, Number.POSITIVE_INFINITY);
        const least = runCase(sample, 0);
        expect(whole.calls).toBe(2);
        const most = least.bytes + Math.floor(((whole.bytes - least.bytes) * sample.share) / 100);
        const run = runCase(sample, most);
        expect(run.bytes).toBeLessThanOrEqual(Math.max(most, 1.25 * least.bytes));
        for (const { outputs, gradients } of [least, run]) {
          expectSameNamedBits(gradients, whole.gradients);
          for (const [i, output] of outputs.entries())
            expectSameBits(output, whole.outputs[i] as Tensor, `output ${i}`);
        }
        cut += run.calls > 2 ? 1 : 0;
      }),
      { numRuns: RANDOM_SHAPES },
    );
    expect(cut).toBeGreaterThan(RANDOM_SHAPES / 3);
  });
});

/** As a new program sees it, with a memory of its own. */
async function load(maxMemory?: number) {
  vi.resetModules();
  const api = { ...(await import("../../src/index.ts")), ...(await import("../../src/core/context.ts")) };
  await api.init({ maxMemory });
  return api;
}

type Api = Awaited<ReturnType<typeof load>>;
const MiB = 2 ** 20;

describe("2,000 steps of 8 rows through two layers, the last step only", () => {
  const [B, T] = [8, 2000];
  const x = randomTensor(new Random(1), B, T, 2);
  const y = randomTensor(new Random(2), B, 1);
  const lengths = Int32Array.from({ length: B }, (_, b) => T - 90 * b);

  /** Weights after three steps, and what the core's memory has grown to. */
  function train({ Sequential, LSTM, SimpleRNN, Dense, requireCore }: Api, memoryBudget?: number) {
    const model = new Sequential(
      [
        new SimpleRNN({ units: 8, returnSequences: true, dropout: 0.1 }),
        new LSTM({ units: 16 }),
        new Dense({ units: 1 }),
      ],
      { inputShape: [null, 2], seed: 3 },
    );
    model.compile({ optimizer: "adam", loss: "mse", memoryBudget });
    const { memory } = requireCore();
    const before = memory.usedBytes;
    const losses = [{}, { lengths }, {}].map((options) => model.trainOnBatch(x, y, options).loss);
    const used = memory.usedBytes - before;
    return { model, losses, weights: model.getWeights(), used, memoryBytes: memory.byteLength };
  }

  test("in a memory of 6 MiB, where a whole cache needs 11: the same weights, and room for a prediction", async () => {
    const whole = train(await load());
    expect(whole.memoryBytes).toBeGreaterThan(11 * MiB);
    const expected = whole.model.predict(x, { lengths });
    const short = train(await load(6 * MiB));
    expect(short.losses).toEqual(whole.losses);
    expectSameNamedBits(short.weights, whole.weights);
    expectSameBits(short.model.predict(x, { lengths }), expected, "prediction");
  });

  test("with a memoryBudget of 6 MiB: the same weights, and no byte more in use", async () => {
    const whole = train(await load());
    const budget = train(await load(), 6 * MiB);
    expect(budget.losses).toEqual(whole.losses);
    expectSameNamedBits(budget.weights, whole.weights);
    // Moments of Adam, and states.
    const beside = 8 * budget.model.parameterCount + 16384;
    expect(budget.used).toBeLessThanOrEqual(6 * MiB + beside);
    expect(budget.used).toBeGreaterThan(5 * MiB);
  });

  test("a budget that was enough without is no limit, one that is too small takes the least there is", async () => {
    const whole = train(await load());
    const ample = train(await load(), 64 * MiB);
    expect(ample.used).toBe(whole.used);
    const least = train(await load(), MiB);
    expectSameNamedBits(least.weights, whole.weights);
    expect(least.used).toBeLessThan(4 * MiB);
  });

  test("a prediction needs no outputs of all steps", async () => {
    // They would be 2,000 x 8 x 80 floats, 4.9 MiB.
    const [ofModel, ofLayer] = [await load(4 * MiB), await load(4 * MiB)];
    const model = new ofModel.Sequential([new ofModel.LSTM({ units: 64 })], { inputShape: [null, 2], seed: 3 });
    const alone = new ofLayer.LSTM({ units: 64, inputSize: 2 });
    alone.setWeights(model.layers[0]?.getWeights() ?? {});
    expectSameBits(alone.forward(x).output, model.predict(x), "output");
  });

  test("a layer on its own does the same where there is no room", async () => {
    const run = ({ LSTM }: Api) => {
      const lstm = new LSTM({ units: 16, inputSize: 2, seed: 4, goBackwards: true });
      const { hidden } = lstm.forward(x, { training: true, lengths });
      const { input, cell } = lstm.backward({ hidden });
      return { hidden, input, cell, ...lstm.getGradients() };
    };
    const whole = await load();
    const expected = run(whole);
    expect(whole.requireCore().info.memoryBytes).toBeGreaterThan(8 * MiB);
    expectSameNamedBits(run(await load(5 * MiB)), expected);
  });
});

describe("memoryBudget", () => {
  const model = () => new Sequential([new LSTM({ units: 2 })], { inputShape: [null, 1] });

  test.each([0, MiB - 1, MiB + 0.5, Number.POSITIVE_INFINITY, "64 MB", null])("%s is refused", (memoryBudget) => {
    const made = model();
    expect(() => made.compile({ loss: "mse", memoryBudget: memoryBudget as number })).toThrow(OptionError);
    expect(() => made.compiled).toThrow("was not compiled");
  });

  test("is about the machine: a file does not have it", () => {
    const made = model();
    made.compile({ loss: "mse", memoryBudget: MiB });
    expect(made.compiled.memoryBudget).toBe(MiB);
    expect(loadModel(made.save({ optimizer: true })).compiled.memoryBudget).toBe(Number.POSITIVE_INFINITY);
  });
});
