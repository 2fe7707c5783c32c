import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Core, requireCore, setCore } from "../../src/core/context.ts";
import { Region } from "../../src/core/memory.ts";
import {
  Adam,
  Dense,
  input,
  LSTM,
  Model,
  type NamedTensors,
  Random,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
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
  isRagged: fc.boolean(),
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
function modelOf({ kind, I, H, options, seed }: Case): Model {
  const [x, first] = [input({ shape: [null, 2] }), input({ shape: [3] })];
  const steps = new Dense({ units: I }).apply(x);
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
  const { B, T, H, options, isRagged, seed } = sample;
  const random = new Random(seed);
  const model = modelOf(sample);
  const { objective } = model.compiled;
  const last = [options.returnSequences ? [B, T, 2] : [B, 2], ...model.outputPorts.slice(1).map(() => [B, H])];
  const data = readData(
    "test",
    model,
    objective,
    [randomTensor(random, B, T, 2), randomTensor(random, B, 3)],
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
