import { beforeAll, describe, test } from "vitest";
import { LSTM, type NamedTensors } from "../../src/index.ts";
import { lstmGoldens } from "../support/golden.ts";
import { expectClose, f32, loadCore } from "../support/layers.ts";
import { type LstmDirection, lstmDirections } from "../support/lstm-golden.ts";

/** 2e-6 absolute + 2e-5 relative: some 30 float32 roundings of a value near 1. */
const TOLERANCE = { absolute: 2e-6, relative: 2e-5 };

function run({ inputs, ...golden }: LstmDirection): void {
  const { B, T, I, H } = inputs;
  const hasBias = inputs.bias_ih !== undefined;
  const lstm = new LSTM({ units: H, inputSize: I, returnSequences: true, useBias: hasBias });
  const zero = () => new Float64Array(4 * H);
  lstm.setWeights({
    weight_ih: f32(inputs.weight_ih, 4 * H, I),
    weight_hh: f32(inputs.weight_hh, 4 * H, H),
    ...(hasBias
      ? { bias_ih: f32(inputs.bias_ih ?? zero(), 4 * H), bias_hh: f32(inputs.bias_hh ?? zero(), 4 * H) }
      : {}),
  });
  const state = inputs.h0 && inputs.c0 && { hidden: f32(inputs.h0, B, H), cell: f32(inputs.c0, B, H) };
  const result = lstm.forward(f32(inputs.x, B, T, I), {
    training: true,
    initialState: state,
    lengths: inputs.lengths && Array.from(inputs.lengths),
  });
  expectClose(result.output.data, golden.output, "output", TOLERANCE);
  expectClose(result.hidden.data, golden.hidden, "hidden", TOLERANCE);
  expectClose(result.cell.data, golden.cell, "cell", TOLERANCE);
  const d = lstm.backward({
    output: f32(golden.dOutput, B, T, H),
    hidden: f32(golden.dHidden, B, H),
    cell: f32(golden.dCell, B, H),
  });
  const gradients: NamedTensors = { ...lstm.getGradients(), h0: d.hidden, c0: d.cell };
  for (const [name, expected] of Object.entries(golden.gradients)) {
    expectClose(gradients[name]?.data ?? [], expected, name, TOLERANCE);
  }
  lstm.dispose();
}

describe("LSTM against PyTorch's float64 goldens to 2e-6 + 2e-5 relative", () => {
  beforeAll(async () => {
    await loadCore();
  });
  for (const golden of lstmGoldens()) {
    test(golden.name, () => {
      for (const direction of lstmDirections(golden)) run(direction);
    });
  }
});
