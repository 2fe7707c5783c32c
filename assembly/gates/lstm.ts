/**
 * One time step of an LSTM after its matmul, for rows of a batch, gate pre-activations z = x W + b + h' R:
 *
 *     i = sigmoid(zi)   f = sigmoid(zf)   g = tanh(zg)   o = sigmoid(zo)
 *     c = f c' + i g    h = o tanh(c)
 *
 * (Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000, as in PyTorch and Keras.)
 *
 * A row of gates is [i0-3 | f0-3 | g0-3 | o0-3 | i4-7 | ...], 64 bytes for four units, rowStride(4 padded(H)) floats long.
 * States are rows of rowStride(H) floats. Pad units have z = 0 and c' = 0, hence c = h = 0 and, backward, zero gradients.
 */
import { activateRow, LSTM_GATES, TANHS } from "../simd/activate";
import { madd } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { LEAST, MATH, ONE, tanh, vanished } from "../simd/math";

/**
 * hidden, tanhCell [B, H] <- gates (z in, activations out), cell [B, H] (c' in, c out): a row at a time, or all rows as one
 * where nothing is between them.
 */
export function lstmGatesForward(hidden: usize, cell: usize, tanhCell: usize, gates: usize, B: i32, H: i32): void {
  const stateRow = rowStride(H);
  const gateRow = rowStride(4 * padded(H));
  H = padded(H);
  if (stateRow == H && gateRow == 4 * H) {
    H *= B;
    B = 1;
  }
  const bytes = (<usize>H) << 2;
  for (; B > 0; --B) {
    activateRow(gates, gates, H, LSTM_GATES);
    for (let n: usize = 0; n < bytes; n += 16) nextCell(cell + n, gates + 4 * n);
    if (H >= 16) activateRow(tanhCell, cell, H >> 2, TANHS);
    else for (let n: usize = 0; n < bytes; n += 16) v128.store(tanhCell + n, tanh(v128.load(cell + n)));
    for (let n: usize = 0; n < bytes; n += 16) nextHidden(hidden + n, gates + 4 * n, tanhCell + n);
    gates = at(gates, gateRow);
    cell = at(cell, stateRow);
    tanhCell = at(tanhCell, stateRow);
    hidden = at(hidden, stateRow);
  }
}

/** c = f c' + i g, four units. */
// @ts-ignore: decorator
@inline
function nextCell(cell: usize, gates: usize): void {
  const i = v128.load(gates);
  const f = v128.load(gates, 16);
  const g = v128.load(gates, 32);
  v128.store(cell, madd(f, v128.load(cell), f32x4.mul(i, g)));
}

/** h = o tanh(c), four units. */
// @ts-ignore: decorator
@inline
function nextHidden(hidden: usize, gates: usize, tanhCell: usize): void {
  const o = v128.load(gates, 48);
  v128.store(hidden, f32x4.mul(o, v128.load(tanhCell)));
}

/**
 * The step backward, in place: gates (activations in, dz out), dCell [B, H] (dc in, dc' out), from dOutput (0: none) and
 * dHidden, whose sum is dh:
 *
 *     dc += dh o (1 - tanh(c)^2)   di = dc g   df = dc c'   dg = dc i   do = dh tanh(c)   dc' = dc f
 *     dzi = di i (1 - i)   dzf = df f (1 - f)   dzg = dg (1 - g^2)   dzo = do o (1 - o)
 *
 * dc counts as 0 below 2^-100 (simd/math.ts); dh follows, since without dc it gets smaller by slopes below 1/4.
 */
export function lstmGatesBackward(
  gates: usize,
  dCell: usize,
  dOutput: usize,
  dHidden: usize,
  cellBefore: usize,
  tanhCell: usize,
  B: i32,
  H: i32,
): void {
  const stateSkip = (<usize>(rowStride(H) - padded(H))) << 2;
  const gateSkip = (<usize>(rowStride(4 * padded(H)) - 4 * padded(H))) << 2;
  const one = v128.load32_splat(MATH, ONE);
  const least = v128.load32_splat(MATH, LEAST);
  for (; B > 0; --B) {
    for (let unit = 0; unit < H; unit += 4) {
      const i = v128.load(gates);
      const f = v128.load(gates, 16);
      const g = v128.load(gates, 32);
      const o = v128.load(gates, 48);
      const tanhC = v128.load(tanhCell);
      const dh = dOutput ? f32x4.add(v128.load(dOutput), v128.load(dHidden)) : v128.load(dHidden);
      const slope = f32x4.mul(o, f32x4.sub(one, f32x4.mul(tanhC, tanhC)));
      const dc = vanished(madd(dh, slope, v128.load(dCell)), least);
      const di = f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i)));
      const df = f32x4.mul(f32x4.mul(dc, v128.load(cellBefore)), f32x4.mul(f, f32x4.sub(one, f)));
      const dg = f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g)));
      const dO = f32x4.mul(f32x4.mul(dh, tanhC), f32x4.mul(o, f32x4.sub(one, o)));
      v128.store(gates, di);
      v128.store(gates, df, 16);
      v128.store(gates, dg, 32);
      v128.store(gates, dO, 48);
      v128.store(dCell, f32x4.mul(dc, f));
      gates += 64;
      dCell += 16;
      dHidden += 16;
      cellBefore += 16;
      tanhCell += 16;
      if (dOutput) dOutput += 16;
    }
    gates += gateSkip;
    dCell += stateSkip;
    dHidden += stateSkip;
    cellBefore += stateSkip;
    tanhCell += stateSkip;
    if (dOutput) dOutput += stateSkip;
  }
}
