/**
 * Dense layer over rows: y = x W + b, and backward dx = dy W^T, [db; dW] += [1; x]^T dy. Parameters are panels
 * [b | W]; `biases` is 0 where b stays zero, else 1. Threads share rows, and the gradients of weights by columns.
 */
import { gemm } from "../matmul/gemm";
import { settleBias, weightGradient } from "../matmul/gradient";
import { packTransposed, packWeight, unpackWeight } from "../matmul/pack";
import { at, PANEL, panelFloats, rowStride, transposedRows, ZEROS } from "../simd/layout";

/** Floats of parameters, gradients and each optimizer moment, for I inputs and O outputs. */
export function denseParameterFloats(I: i32, O: i32): f64 {
  return panelFloats(1 + I, O);
}

/** params <- weight [O, I], bias [O] (0: none). */
export function denseWriteWeights(params: usize, weight: usize, bias: usize, I: i32, O: i32): void {
  packWeight(at(params, PANEL), weight, 1, O, I, (1 + I) * PANEL);
  if (bias) packWeight(params, bias, 1, O, 1, (1 + I) * PANEL);
}

/** weight [O, I], bias [O] (0: not wanted) <- params. */
export function denseReadWeights(weight: usize, bias: usize, params: usize, I: i32, O: i32): void {
  unpackWeight(weight, at(params, PANEL), 1, O, I, (1 + I) * PANEL);
  if (bias) unpackWeight(bias, params, 1, O, 1, (1 + I) * PANEL);
}

/** y [N, O] <- x [N, I], params. */
export function denseForward(y: usize, x: usize, params: usize, N: i32, I: i32, O: i32, tile: i32): void {
  assert(N > 0 && I > 0 && O > 0);
  const panel = (1 + I) * PANEL;
  gemm(y, rowStride(O), params, 0, panel, x, rowStride(I), 1, at(params, PANEL), panel, N, I, O, tile);
}

/** Floats of W^T, which backward multiplies by. */
export function denseTransposedFloats(I: i32, O: i32): f64 {
  return panelFloats(transposedRows(O), I);
}

/** transposed <- W^T, in panels. */
export function denseTranspose(transposed: usize, params: usize, I: i32, O: i32): void {
  packTransposed(transposed, at(params, PANEL), I, O, (1 + I) * PANEL);
}

/** dX [N, I] <- dY [N, O], transposed. */
export function denseBackward(dX: usize, dY: usize, transposed: usize, N: i32, I: i32, O: i32, tile: i32): void {
  const panel = transposedRows(O) * PANEL;
  gemm(dX, rowStride(I), ZEROS, 0, 0, dY, rowStride(O), 1, transposed, panel, N, O, I, tile);
}

/** Columns [first, end) of dParams += from dY [N, O], x [N, I]; scratch of gradientScratchFloats(I, O). */
export function denseGradients(
  dParams: usize,
  scratch: usize,
  dY: usize,
  x: usize,
  N: i32,
  I: i32,
  O: i32,
  biases: i32,
  first: i32,
  end: i32,
  tile: i32,
): void {
  weightGradient(dParams, dY, rowStride(O), x, rowStride(I), 0, 0, scratch, N, I, 0, true, first, end, tile);
  if (!biases) settleBias(dParams, 0, (1 + I) * PANEL, first, end);
}
