import { describe, expect, test } from "vitest";
import { largestDifference, numericalGradient } from "../support/difference.ts";
import { type RnnGolden, rnnGoldens, tensorOf } from "../support/golden.ts";
import { kerasRecurrent } from "../support/keras-golden.ts";
import { at, dot } from "./elements.ts";
import { type RnnInputs, type RnnResult, rnnBackward, rnnForward } from "./rnn.ts";
import { reverseRows, swapFirstAxes } from "./sequence.ts";

// Both sides are float64 and differ in the order of their sums, of at most 20 terms below 10.
const GOLDEN_TOLERANCE = 1e-13;

// Central differences of width 1e-5: truncation and cancellation are each about 1e-10 of a loss below 10.
const DIFFERENCE_TOLERANCE = 1e-8;

interface Direction {
  readonly suffix: string;
  readonly index: number;
  readonly inputs: RnnInputs;
  readonly result: RnnResult;
}

/** Turns sequences [B, T, F] of the reverse direction around. */
function oriented({ batch: B, steps: T, lengths }: RnnGolden, index: number, x: Float64Array): Float64Array {
  return index % 2 === 0 ? x : reverseRows({ B, T, F: x.length / (B * T), x, lengths });
}

/** Columns of one direction of y [B T, 2H]. */
function columnsOf(y: Float64Array, H: number, index: number): Float64Array {
  return y.filter((_, n) => Math.floor(n / H) % 2 === index % 2);
}

function runDirection(golden: RnnGolden, index: number, x: Float64Array): Direction {
  const { batch: B, steps: T, lengths, config, params, inputs } = golden;
  const H = config.hidden_size;
  const suffix = `_l${Math.floor(index / 2)}${index % 2 === 0 ? "" : "_reverse"}`;
  const parameter = (name: string) => tensorOf(params, `${name}${suffix}`).data;
  const own: RnnInputs = {
    ...{ B, T, I: x.length / (B * T), H, lengths, activation: config.nonlinearity, x: oriented(golden, index, x) },
    ...{ weight_ih: parameter("weight_ih"), weight_hh: parameter("weight_hh") },
    ...{ bias_ih: parameter("bias_ih"), bias_hh: parameter("bias_hh") },
    h0: inputs.h0.data.slice(index * B * H, (index + 1) * B * H),
  };
  return { suffix, index, inputs: own, result: rnnForward(own) };
}

/** [B T, 2H] of both directions. */
function joined(golden: RnnGolden, directions: readonly Direction[]): Float64Array {
  const H = golden.config.hidden_size;
  const outputs = directions.map(({ index, result }) => oriented(golden, index, result.output));
  return Float64Array.from({ length: 2 * golden.batch * golden.steps * H }, (_, n) => {
    const output = outputs[Math.floor(n / H) % 2] ?? new Float64Array();
    return at(output, Math.floor(n / (2 * H)) * H + (n % H));
  });
}

function expectAgrees(golden: RnnGolden): void {
  const { batch: B, steps: T, config, inputs, outputs, loss_weights, grads } = golden;
  const H = config.hidden_size;
  const batchFirst = (data: Float64Array) => swapFirstAxes(T, B, data.length / (B * T), data);
  const state = (data: Float64Array, index: number) => data.slice(index * B * H, (index + 1) * B * H);
  const x = batchFirst(inputs.x.data);
  const bottom = [0, 1].map((index) => runDirection(golden, index, x));
  const top = [2, 3].map((index) => runDirection(golden, index, joined(golden, bottom)));
  expect(largestDifference(joined(golden, top), batchFirst(outputs.y.data))).toBeLessThan(GOLDEN_TOLERANCE);

  let dy = batchFirst(loss_weights.y.data);
  for (const layer of [top, bottom]) {
    const upstream = dy;
    const dx = layer.map(({ suffix, index, inputs, result }) => {
      expect(largestDifference(result.hidden, state(outputs.hn.data, index))).toBeLessThan(GOLDEN_TOLERANCE);
      const dOutput = oriented(golden, index, columnsOf(upstream, H, index));
      const dHidden = state(loss_weights.hn.data, index);
      const { x, h0, ...d } = rnnBackward({ ...inputs, output: result.output, dOutput, dHidden });
      expect(largestDifference(h0, state(tensorOf(grads, "h0").data, index))).toBeLessThan(GOLDEN_TOLERANCE);
      for (const [name, gradient] of Object.entries(d)) {
        const expected = tensorOf(grads, `${name}${suffix}`).data;
        expect(largestDifference(gradient, expected), `${name}${suffix}`).toBeLessThan(GOLDEN_TOLERANCE);
      }
      return oriented(golden, index, x);
    });
    dy = Float64Array.from(dx[0] ?? [], (value, n) => value + at(dx[1] ?? [], n));
  }
  expect(largestDifference(dy, batchFirst(tensorOf(grads, "x").data)), "x").toBeLessThan(GOLDEN_TOLERANCE);
}

describe("RNN twin against frameworks", () => {
  test.each(
    rnnGoldens().map((golden) => [golden.name, golden] as const),
  )("PyTorch's %s: outputs, states and every gradient within 1e-13", (_, golden) => expectAgrees(golden));

  test("Keras's SimpleRNN: output and every gradient within 1e-13", () => {
    const { inputs, output, gradients } = kerasRecurrent("SimpleRNN");
    const result = rnnForward(inputs);
    expect(largestDifference(result.hidden, output.value)).toBeLessThan(GOLDEN_TOLERANCE);
    const actual = rnnBackward({ ...inputs, output: result.output, dHidden: output.gradient });
    for (const [name, gradient] of Object.entries(gradients)) {
      expect(largestDifference(actual[name as keyof typeof gradients], gradient), name).toBeLessThan(GOLDEN_TOLERANCE);
    }
  });
});

/** Different in every element and between -1 and 1. */
function wave(length: number, phase: number): Float64Array {
  return Float64Array.from({ length }, (_, n) => Math.sin(1.7 * n + phase));
}

const NAMES = ["x", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "h0"] as const;
const SIZES = { B: 3, T: 4, I: 2, H: 3 } as const;

function waveInputs(rest: Partial<RnnInputs>): RnnInputs & { readonly [Name in (typeof NAMES)[number]]: Float64Array } {
  const { B, T, I, H } = SIZES;
  return {
    ...{ ...SIZES, x: wave(B * T * I, 0), weight_ih: wave(H * I, 1), weight_hh: wave(H * H, 2) },
    ...{ ...rest, bias_ih: wave(H, 3), bias_hh: wave(H, 4), h0: wave(B * H, 5) },
  };
}

describe("RNN twin against itself", () => {
  test.each([
    waveInputs({}),
    waveInputs({ lengths: [2, 4, 0] }),
    waveInputs({ recurrentMask: Float64Array.of(0, 2, 1.25, 0, 1, 2, 2, 2, 0) }),
    waveInputs({ activation: "softplus" }),
    waveInputs({ activation: "leakyRelu", lengths: [4, 1, 3] }),
  ])("lengths $lengths mask $recurrentMask $activation: gradients equal finite differences within 1e-8", (inputs) => {
    const { B, T, H } = SIZES;
    const [dOutput, dHidden] = [wave(B * T * H, 7), wave(B * H, 8)];
    const loss = () => {
      const { output, hidden } = rnnForward(inputs);
      return dot(output, dOutput) + dot(hidden, dHidden);
    };
    const gradients = rnnBackward({ ...inputs, output: rnnForward(inputs).output, dOutput, dHidden });
    for (const name of NAMES) {
      const expected = numericalGradient(loss, inputs[name]);
      expect(largestDifference(gradients[name], expected), name).toBeLessThan(DIFFERENCE_TOLERANCE);
    }
  });
});
