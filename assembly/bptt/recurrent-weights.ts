/**
 * The parameter block of a recurrent layer: panels (matmul/pack.ts) of [b | I rows W | H rows R], each with all `gates` (1
 * or 4) of 16 / gates units, and behind them a second bias vector where `biases`, the number of trained bias vectors, is
 * 2. Gradients and moments have the same layout.
 */
import { packWeight, unpackWeight } from "../matmul/pack";
import { at, padded, PANEL, panelFloats } from "../simd/layout";

/** Floats of the block. */
export function parameterFloats(gates: i32, I: i32, H: i32, biases: i32): f64 {
  return panelFloats(1 + I + H, gates * padded(H)) + (biases == 2 ? gates * padded(H) : 0);
}

/** Address of the second bias vector of a block. */
export function secondBias(params: usize, gates: i32, I: i32, H: i32): usize {
  return at(params, <i32>panelFloats(1 + I + H, gates * padded(H)));
}

/** params <- weightIh [gates H, I], weightHh [gates H, H], biasIh, biasHh [gates H]; one trained bias is biasIh. */
export function writeWeights(
  params: usize,
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  gates: i32,
  I: i32,
  H: i32,
  biases: i32,
): void {
  const panel = (1 + I + H) * PANEL;
  packWeight(at(params, PANEL), weightIh, gates, H, I, panel);
  packWeight(at(params, (1 + I) * PANEL), weightHh, gates, H, H, panel);
  if (biases) packWeight(params, biasIh, gates, H, 1, panel);
  if (biases == 2) packWeight(secondBias(params, gates, I, H), biasHh, gates, H, 1, PANEL);
}

/** The way back; with one trained bias biasHh is left alone. */
export function readWeights(
  weightIh: usize,
  weightHh: usize,
  biasIh: usize,
  biasHh: usize,
  params: usize,
  gates: i32,
  I: i32,
  H: i32,
  biases: i32,
): void {
  const panel = (1 + I + H) * PANEL;
  unpackWeight(weightIh, at(params, PANEL), gates, H, I, panel);
  unpackWeight(weightHh, at(params, (1 + I) * PANEL), gates, H, H, panel);
  if (biases) unpackWeight(biasIh, params, gates, H, 1, panel);
  if (biases == 2) unpackWeight(biasHh, secondBias(params, gates, I, H), gates, H, 1, PANEL);
}
