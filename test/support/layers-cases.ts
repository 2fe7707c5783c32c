import fc from "fast-check";
import { LSTM, type NamedTensors, Random, type Tensor, tensor } from "../../src/index.ts";
import { randomTensor, randomWeights } from "./layers.ts";

/** One call of an LSTM forward and backward, with everything it takes. */
export interface Case {
  readonly T: number;
  readonly B: number;
  readonly I: number;
  readonly H: number;
  readonly biases: 0 | 1 | 2;
  readonly lengths: readonly number[] | undefined;
  readonly seed: number;
  /** [B, T, I] */
  readonly x: Tensor<Float32Array>;
  /** [B, T, H] */
  readonly dOutput: Tensor<Float32Array>;
  /** [B, H] each */
  readonly hidden: Tensor<Float32Array>;
  readonly cell: Tensor<Float32Array>;
  readonly dHidden: Tensor<Float32Array>;
  readonly dCell: Tensor<Float32Array>;
}

export interface Run {
  readonly results: NamedTensors & {
    output: Tensor<Float32Array>;
    hidden: Tensor<Float32Array>;
    cell: Tensor<Float32Array>;
  };
  readonly inputGradients: NamedTensors & {
    input: Tensor<Float32Array>;
    hidden: Tensor<Float32Array>;
    cell: Tensor<Float32Array>;
  };
}

interface Wanted {
  /** Lengths in no case, in about half of them, in all. */
  readonly lengths: "none" | "some" | "all";
}

/** Mostly small; one in six past the blocks of the kernels: 128 rows of a chunk, 96 of a matmul, 256 of its depth. */
const sizes = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(upTo(12), upTo(9), upTo(40), upTo(40)) },
  { weight: 1, arbitrary: fc.tuple(upTo(40), upTo(20), upTo(40), upTo(40)) },
  { weight: 1, arbitrary: fc.tuple(upTo(3), upTo(4), upTo(300), upTo(80)) },
);

function upTo(max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max });
}

/** A case of random sizes with random contents. */
export function caseOfAnyShape({ lengths }: Wanted): fc.Arbitrary<Case> {
  const hasLengths = lengths === "some" ? fc.boolean() : fc.constant(lengths === "all");
  const biases = fc.constantFrom(0 as const, 1 as const, 2 as const);
  return fc
    .tuple(sizes, biases, fc.integer({ min: 0, max: 2 ** 32 - 1 }), hasLengths)
    .map(([[T, B, I, H], biases, seed, isRagged]) => {
      const random = new Random(seed);
      const state = () => randomTensor(random, B, H);
      return {
        ...{ T, B, I, H, biases, seed },
        lengths: isRagged ? Array.from({ length: B }, () => 1 + random.integer(T)) : undefined,
        ...{ x: randomTensor(random, B, T, I), dOutput: randomTensor(random, B, T, H) },
        ...{ hidden: state(), cell: state(), dHidden: state(), dCell: state() },
      };
    });
}

/** Lets a failure print the sizes and the seed, from which everything follows, instead of all numbers. */
export function describeCase<Sample extends Case>(sample: Sample): Sample {
  const { T, B, I, H, biases, lengths, seed } = sample;
  const text = JSON.stringify({ T, B, I, H, biases, lengths, seed, cuts: "cuts" in sample ? sample.cuts : undefined });
  return Object.defineProperty(sample, fc.toStringMethod, { value: () => text });
}

/** A layer of the case's sizes with random weights. */
export function layerOf({ I, H, biases, seed }: Case): LSTM {
  const lstm = new LSTM({
    ...{ units: H, inputSize: I, returnSequences: true, seed },
    ...{ useBias: biases > 0, doubleBias: biases === 2 },
  });
  lstm.setWeights(randomWeights(new Random(seed).fork("weights"), lstm));
  return lstm;
}

export function forwardCase(lstm: LSTM, sample: Case, training: boolean): Run["results"] {
  const { x, hidden, cell, lengths } = sample;
  return { ...lstm.forward(x, { training, initialState: { hidden, cell }, lengths }) };
}

/** Forward in training, and back. */
export function runCase(lstm: LSTM, sample: Case): Run {
  const results = forwardCase(lstm, sample, true);
  const { dOutput, dHidden, dCell } = sample;
  return { results, inputGradients: { ...lstm.backward({ output: dOutput, hidden: dHidden, cell: dCell }) } };
}

/** Steps `from` to `end` of a sequence [B, T, F]. */
export function stepsOf(
  { data, shape: [B = 0, T = 0, F = 0] }: Tensor,
  from: number,
  end: number,
): Tensor<Float32Array> {
  const steps = new Float32Array(B * (end - from) * F);
  for (let b = 0; b < B; b++) {
    steps.set(data.subarray((b * T + from) * F, (b * T + end) * F), b * (end - from) * F);
  }
  return tensor(steps, [B, end - from, F]);
}

/** Row `b` of a batch [B, ...], as a batch of one. */
export function rowOf({ data, shape: [B = 1, ...rest] }: Tensor<Float32Array>, b: number): Tensor<Float32Array> {
  const size = data.length / B;
  return tensor(data.slice(b * size, (b + 1) * size), [1, ...rest]);
}

/** The case's steps `from` to `end`, without its lengths. */
export function cutInTime(sample: Case, from: number, end: number): Case {
  const { x, dOutput } = sample;
  const cut = { x: stepsOf(x, from, end), dOutput: stepsOf(dOutput, from, end) };
  return { ...sample, ...cut, T: end - from, lengths: undefined };
}

/** The case's row `b` alone, cut to its length. */
export function singleRow(sample: Case, b: number): Case {
  const { x, dOutput, hidden, cell, dHidden, dCell, lengths, T } = sample;
  const alone = {
    ...{ B: 1, x: rowOf(x, b), dOutput: rowOf(dOutput, b), hidden: rowOf(hidden, b), cell: rowOf(cell, b) },
    ...{ dHidden: rowOf(dHidden, b), dCell: rowOf(dCell, b) },
  };
  return cutInTime({ ...sample, ...alone }, 0, lengths?.[b] ?? T);
}
