import { beforeAll, describe, expect, test } from "vitest";
import { init, LSTM, type NamedTensors, tensor } from "../../src/index.ts";
import { lstmGoldens } from "../support/golden.ts";
import { type LstmDirection, lstmDirections } from "../support/lstm-golden.ts";

/** 2e-6 absolute + 2e-5 relative: some 30 float32 roundings of a value near 1. */
function expectClose(actual: ArrayLike<number>, expected: Float64Array, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs((actual[i] ?? Number.NaN) - value);
    if (!(difference <= 2e-6 + 2e-5 * Math.abs(value))) expect.fail(`${what}[${i}]: ${actual[i]} for ${value}`);
  }
}

const f32 = (values: Float64Array, shape: number[]) => tensor(Float32Array.from(values), shape);

function run({ inputs, ...golden }: LstmDirection): void {
  const { B, T, I, H } = inputs;
  const hasBias = inputs.bias_ih !== undefined;
  const lstm = new LSTM({ units: H, inputSize: I, returnSequences: true, useBias: hasBias });
  const zero = () => new Float64Array(4 * H);
  lstm.setWeights({
    weight_ih: f32(inputs.weight_ih, [4 * H, I]),
    weight_hh: f32(inputs.weight_hh, [4 * H, H]),
    ...(hasBias
      ? { bias_ih: f32(inputs.bias_ih ?? zero(), [4 * H]), bias_hh: f32(inputs.bias_hh ?? zero(), [4 * H]) }
      : {}),
  });
  const state = inputs.h0 && inputs.c0 && { hidden: f32(inputs.h0, [B, H]), cell: f32(inputs.c0, [B, H]) };
  const result = lstm.forward(f32(inputs.x, [B, T, I]), {
    training: true,
    initialState: state,
    lengths: inputs.lengths && Array.from(inputs.lengths),
  });
  expectClose(result.output.data, golden.output, "output");
  expectClose(result.hidden.data, golden.hidden, "hidden");
  expectClose(result.cell.data, golden.cell, "cell");
  const d = lstm.backward({
    output: f32(golden.dOutput, [B, T, H]),
    hidden: f32(golden.dHidden, [B, H]),
    cell: f32(golden.dCell, [B, H]),
  });
  const gradients: NamedTensors = { ...lstm.getGradients(), h0: d.hidden, c0: d.cell };
  for (const [name, expected] of Object.entries(golden.gradients)) {
    expectClose(gradients[name]?.data ?? [], expected, name);
  }
  lstm.dispose();
}

describe("LSTM against PyTorch's float64 goldens to 2e-6 + 2e-5 relative", () => {
  beforeAll(async () => {
    await init();
  });
  for (const golden of lstmGoldens()) {
    test(golden.name, () => {
      for (const direction of lstmDirections(golden)) run(direction);
    });
  }
});
