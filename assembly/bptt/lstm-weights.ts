/**
 * The parameter block of an LSTM: panels (matmul/pack.ts) of four units, [b | I rows W | H rows R], and behind them a second
 * bias vector [4H] where `biases`, the number of trained bias vectors, is 2. Gradients and moments have the same layout.
 */
import { packWeight, unpackWeight } from "../matmul/pack";
import { at, padded, PANEL, panelFloats } from "../simd/layout";

/** Floats of the block. */
export function lstmParameterFloats(I: i32, H: i32, biases: i32): f64 {
  return panelFloats(1 + I + H, 4 * padded(H)) + (biases == 2 ? 4 * padded(H) : 0);
}

/** Address of the second bias vector of a block. */
export function secondBias(params: usize, I: i32, H: i32): usize {
  return at(params, <i32>panelFloats(1 + I + H, 4 * padded(H)));
}

/** params <- weightIh [4H, I], weightHh [4H, H], biasIh, biasHh [4H] in PyTorch's order; one trained bias is biasIh. */
export function lstmWriteWeights(
  params: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  I: i32,
  H: i32,
  biases: i32,
): void {
  const panel = (1 + I + H) * PANEL;
  packWeight(at(params, PANEL), weightIh, 4, H, I, panel);
  packWeight(at(params, (1 + I) * PANEL), weightHh, 4, H, H, panel);
  if (biases) packWeight(params, biasIh, 4, H, 1, panel);
  if (biases == 2) packWeight(secondBias(params, I, H), biasHh, 4, H, 1, PANEL);
}

/** The way back; with one trained bias biasHh is left alone. */
export function lstmReadWeights(
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  params: usize,
  I: i32,
  H: i32,
  biases: i32,
): void {
  const panel = (1 + I + H) * PANEL;
  unpackWeight(weightIh, at(params, PANEL), 4, H, I, panel);
  unpackWeight(weightHh, at(params, (1 + I) * PANEL), 4, H, H, panel);
  if (biases) unpackWeight(biasIh, params, 4, H, 1, panel);
  if (biases == 2) unpackWeight(biasHh, secondBias(params, I, H), 4, H, 1, PANEL);
}
