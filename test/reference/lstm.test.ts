import { describe, expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { type LstmGolden, lstmGoldens } from "../support/golden.ts";
import { kerasRecurrent } from "../support/keras-golden.ts";
import { goldenDx, lstmDirections } from "../support/lstm-golden.ts";
import { type LstmInputs, type LstmResult, lstmBackward, lstmForward } from "./lstm.ts";
import { reverseRows } from "./sequence.ts";

// Both sides are float64 and differ in the order of their sums: at most 99 terms (a weight gradient over B = 9 rows
// and T = 11 steps), each below 10 and rounded to 1.1e-16 of itself.
const GOLDEN_TOLERANCE = 1e-13;

// Central differences of width 1e-5: truncation about 1e-10 times the third derivative, cancellation
// 1e-16 * |loss| / 1e-5 = 1e-10 for the losses here, which are below 10.
const DIFFERENCE_TOLERANCE = 1e-8;

function expectForwardAgrees(golden: LstmGolden): void {
  for (const { inputs, ...expected } of lstmDirections(golden)) {
    const actual = lstmForward(inputs);
    expect(largestDifference(actual.output, expected.output)).toBeLessThan(GOLDEN_TOLERANCE);
    expect(largestDifference(actual.hidden, expected.hidden)).toBeLessThan(GOLDEN_TOLERANCE);
    expect(largestDifference(actual.cell, expected.cell)).toBeLessThan(GOLDEN_TOLERANCE);
  }
}

function expectBackwardAgrees(golden: LstmGolden): void {
  const dx = new Float64Array(golden.inputs.x.data.length);
  lstmDirections(golden).forEach(({ inputs, dOutput, dHidden, dCell, gradients }, index) => {
    const { B, T, I, lengths } = inputs;
    const { cache } = lstmForward(inputs);
    const { x, ...actual } = lstmBackward({ ...inputs, cache, dOutput, dHidden, dCell });
    for (const [name, gradient] of Object.entries(actual)) {
      const expected = gradients[name];
      if (expected) expect(largestDifference(gradient, expected), name).toBeLessThan(GOLDEN_TOLERANCE);
    }
    const oriented = index === 0 ? x : reverseRows({ B, T, F: I, x, lengths });
    oriented.forEach((g, n) => {
      dx[n] = (dx[n] ?? 0) + g;
    });
  });
  expect(largestDifference(dx, goldenDx(golden)), "x").toBeLessThan(GOLDEN_TOLERANCE);
}

describe("LSTM twin against PyTorch", () => {
  const goldens = lstmGoldens();

  test("there are 27 goldens, 6 of them bidirectional", () => {
    expect(goldens).toHaveLength(27);
    expect(goldens.filter(({ config }) => config.bidirectional)).toHaveLength(6);
  });

  const named = goldens.map((golden) => [golden.name, golden] as const);
  test.each(named)("%s: output and final states within 1e-13", (_, golden) => expectForwardAgrees(golden));
  test.each(named)("%s: every gradient within 1e-13", (_, golden) => expectBackwardAgrees(golden));
});

test("LSTM twin with hardSigmoid against Keras: output and every gradient within 1e-13", () => {
  const { inputs, output, gradients } = kerasRecurrent("LSTM hard_sigmoid");
  const lstm: LstmInputs = { ...inputs, recurrentActivation: "hardSigmoid" };
  const result = lstmForward(lstm);
  expect(largestDifference(result.output, output.value)).toBeLessThan(GOLDEN_TOLERANCE);
  const actual = lstmBackward({ ...lstm, cache: result.cache, dOutput: output.gradient });
  for (const [name, gradient] of Object.entries(gradients)) {
    expect(largestDifference(actual[name as keyof typeof gradients], gradient), name).toBeLessThan(GOLDEN_TOLERANCE);
  }
});

/** Different in every element and between -1 and 1, so that no gate or row can stand in for another. */
function wave(length: number, phase: number): Float64Array {
  return Float64Array.from({ length }, (_, n) => Math.sin(1.7 * n + phase));
}

type Cell = Pick<LstmInputs, "activation" | "recurrentActivation" | "recurrentMask">;

function waveInputs(B: number, T: number, I: number, H: number, lengths?: number[], cell: Cell = {}): WaveInputs {
  return {
    ...{ B, T, I, H, lengths, ...cell },
    x: wave(B * T * I, 0),
    weight_ih: wave(4 * H * I, 1),
    weight_hh: wave(4 * H * H, 2),
    bias_ih: wave(4 * H, 3),
    bias_hh: wave(4 * H, 4),
    h0: wave(B * H, 5),
    c0: wave(B * H, 6),
  };
}

type WaveInputs = LstmInputs & { readonly [Name in (typeof NAMES)[number]]: Float64Array };

const NAMES = ["x", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "h0", "c0"] as const;

describe("LSTM twin against itself", () => {
  test.each([
    waveInputs(1, 1, 1, 1),
    waveInputs(2, 3, 1, 2),
    waveInputs(2, 4, 3, 2),
    waveInputs(3, 4, 2, 3, [2, 4, 1]),
    waveInputs(3, 4, 2, 3, [2, 0, 4]),
    waveInputs(2, 3, 2, 2, undefined, { recurrentMask: Float64Array.of(0, 2, 1.25, 0) }),
    waveInputs(2, 3, 2, 2, [3, 1], { recurrentActivation: "hardSigmoid", recurrentMask: Float64Array.of(2, 0, 1, 2) }),
    waveInputs(2, 3, 2, 2, undefined, { activation: "softplus", recurrentActivation: "softsign" }),
    waveInputs(2, 3, 2, 2, undefined, { activation: "elu", recurrentActivation: "relu6" }),
  ])("B=$B T=$T I=$I H=$H lengths $lengths $activation $recurrentActivation: gradients equal finite differences within 1e-8", (inputs) => {
    const { B, T, H } = inputs;
    const dOutput = wave(B * T * H, 7);
    const dHidden = wave(B * H, 8);
    const dCell = wave(B * H, 9);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, n) => sum + value * (b[n] ?? 0), 0);
    const loss = () => {
      const { output, hidden, cell } = lstmForward(inputs);
      return dot(output, dOutput) + dot(hidden, dHidden) + dot(cell, dCell);
    };
    const gradients = lstmBackward({ ...inputs, cache: lstmForward(inputs).cache, dOutput, dHidden, dCell });
    for (const name of NAMES) {
      const expected = numericalGradient(loss, inputs[name]);
      expect(largestDifference(gradients[name], expected), name).toBeLessThan(DIFFERENCE_TOLERANCE);
    }
  });

  test("a row of length 3 gives the bits of the same row run alone for 3 steps, and exact zeros after it", () => {
    const [B, T, I, H] = [2, 5, 3, 2];
    const inputs = waveInputs(B, T, I, H, [3, 5]);
    const padded = lstmForward(inputs);
    const alone = lstmForward({ ...firstRow(inputs), T: 3 });
    expect(padded.output.slice(0, 3 * H)).toEqual(alone.output);
    expect(padded.output.slice(3 * H, T * H)).toEqual(new Float64Array(2 * H));
    expect(finalStates(padded, H)).toEqual(finalStates(alone, H));
  });
});

function firstRow({ T, I, H, ...inputs }: WaveInputs): LstmInputs {
  const { x, h0, c0 } = inputs;
  return {
    ...{ ...inputs, T, I, H, B: 1, lengths: undefined },
    x: x.slice(0, T * I),
    h0: h0.slice(0, H),
    c0: c0.slice(0, H),
  };
}

function finalStates({ hidden, cell }: LstmResult, H: number): readonly Float64Array[] {
  return [hidden.slice(0, H), cell.slice(0, H)];
}
