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
import { madd } from "../simd/f32x4";
import { padded, rowStride } from "../simd/layout";
import {
  limited,
  MATH,
  ONE,
  power,
  Q0,
  Q1,
  Q2,
  Q3,
  Q4,
  remainder,
  rounded,
  sigmoidOf,
  tanh,
  tanhOf,
} from "../simd/math";

/**
 * hidden, tanhCell [B, H] <- gates (z in, activations out), cell [B, H] (c' in, c out). The four gates go through every
 * stage of math.ts together and tanh(c) follows in a loop of its own: one chain after the other takes 60 % longer.
 */
export function lstmGatesForward(hidden: usize, cell: usize, tanhCell: usize, gates: usize, B: i32, H: i32): void {
  const stateRow = (<usize>rowStride(H)) << 2;
  const gateRow = (<usize>rowStride(4 * padded(H))) << 2;
  for (; B > 0; --B) {
    cellRow(cell, gates, H);
    hiddenRow(hidden, tanhCell, gates, cell, H);
    gates += gateRow;
    cell += stateRow;
    tanhCell += stateRow;
    hidden += stateRow;
  }
}

/** gates <- activations, cell <- c: one row. */
// @ts-ignore: decorator
@inline
function cellRow(cell: usize, gates: usize, H: i32): void {
  for (let unit = 0; unit < H; unit += 4, gates += 64, cell += 16) {
    const zg = v128.load(gates, 32);
    const xi = limited(v128.load(gates));
    const xf = limited(v128.load(gates, 16));
    const xg = limited(f32x4.add(zg, zg));
    const xo = limited(v128.load(gates, 48));
    const ti = rounded(xi);
    const tf = rounded(xf);
    const tg = rounded(xg);
    const to = rounded(xo);
    const ri = remainder(xi, ti);
    const rf = remainder(xf, tf);
    const rg = remainder(xg, tg);
    const ro = remainder(xo, to);
    const q4 = v128.load(MATH, Q4);
    const q3 = v128.load(MATH, Q3);
    const q2 = v128.load(MATH, Q2);
    const ai = madd(madd(q4, ri, q3), ri, q2);
    const af = madd(madd(q4, rf, q3), rf, q2);
    const ag = madd(madd(q4, rg, q3), rg, q2);
    const ao = madd(madd(q4, ro, q3), ro, q2);
    const q1 = v128.load(MATH, Q1);
    const q0 = v128.load(MATH, Q0);
    const qi = madd(madd(ai, ri, q1), ri, q0);
    const qf = madd(madd(af, rf, q1), rf, q0);
    const qg = madd(madd(ag, rg, q1), rg, q0);
    const qo = madd(madd(ao, ro, q1), ro, q0);
    const i = sigmoidOf(madd(f32x4.mul(ri, ri), qi, ri), power(ti));
    const f = sigmoidOf(madd(f32x4.mul(rf, rf), qf, rf), power(tf));
    const g = tanhOf(madd(f32x4.mul(rg, rg), qg, rg), power(tg));
    const o = sigmoidOf(madd(f32x4.mul(ro, ro), qo, ro), power(to));
    v128.store(gates, i);
    v128.store(gates, f, 16);
    v128.store(gates, g, 32);
    v128.store(gates, o, 48);
    v128.store(cell, madd(f, v128.load(cell), f32x4.mul(i, g)));
  }
}

/** hidden <- o tanh(c): one row. */
// @ts-ignore: decorator
@inline
function hiddenRow(hidden: usize, tanhCell: usize, gates: usize, cell: usize, H: i32): void {
  for (let unit = 0; unit < H; unit += 4, gates += 64, cell += 16, tanhCell += 16, hidden += 16) {
    const tanhC = tanh(v128.load(cell));
    v128.store(tanhCell, tanhC);
    v128.store(hidden, f32x4.mul(v128.load(gates, 48), tanhC));
  }
}

/**
 * The step backward, in place: gates (activations in, dz out), dCell [B, H] (dc in, dc' out), from dOutput (0: none) and
 * dHidden, whose sum is dh:
 *
 *     dc += dh o (1 - tanh(c)^2)   di = dc g   df = dc c'   dg = dc i   do = dh tanh(c)   dc' = dc f
 *     dzi = di i (1 - i)   dzf = df f (1 - f)   dzg = dg (1 - g^2)   dzo = do o (1 - o)
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
  const one = v128.load(MATH, ONE);
  for (; B > 0; --B) {
    for (let unit = 0; unit < H; unit += 4) {
      const i = v128.load(gates);
      const f = v128.load(gates, 16);
      const g = v128.load(gates, 32);
      const o = v128.load(gates, 48);
      const tanhC = v128.load(tanhCell);
      const dh = dOutput ? f32x4.add(v128.load(dOutput), v128.load(dHidden)) : v128.load(dHidden);
      const slope = f32x4.mul(o, f32x4.sub(one, f32x4.mul(tanhC, tanhC)));
      const dc = madd(dh, slope, v128.load(dCell));
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
