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
  doubled,
  limited,
  MATH,
  ONE,
  power,
  powerOrZero,
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
 * hidden, tanhCell [B, H] <- gates (z in, activations out), cell [B, H] (c' in, c out). The four gates go
 * through every stage of math.ts together, and tanh(c) follows in a loop of its own, four vectors together: an engine's
 * window of instructions is too short to overlap whole chains.
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
    const xi = limited(v128.load(gates));
    const xf = limited(v128.load(gates, 16));
    const xg = doubled(v128.load(gates, 32));
    const xo = limited(v128.load(gates, 48));
    const ti = rounded(xi);
    const tf = rounded(xf);
    const tg = rounded(xg);
    const to = rounded(xo);
    const ri = remainder(xi, ti);
    const rf = remainder(xf, tf);
    const rg = remainder(xg, tg);
    const ro = remainder(xo, to);
    const k4 = v128.load(MATH, Q4);
    const k3 = v128.load(MATH, Q3);
    let qi = madd(k4, ri, k3);
    let qf = madd(k4, rf, k3);
    let qg = madd(k4, rg, k3);
    let qo = madd(k4, ro, k3);
    const k2 = v128.load(MATH, Q2);
    qi = madd(qi, ri, k2);
    qf = madd(qf, rf, k2);
    qg = madd(qg, rg, k2);
    qo = madd(qo, ro, k2);
    const k1 = v128.load(MATH, Q1);
    qi = madd(qi, ri, k1);
    qf = madd(qf, rf, k1);
    qg = madd(qg, rg, k1);
    qo = madd(qo, ro, k1);
    const k0 = v128.load(MATH, Q0);
    qi = madd(qi, ri, k0);
    qf = madd(qf, rf, k0);
    qg = madd(qg, rg, k0);
    qo = madd(qo, ro, k0);
    const pi = madd(f32x4.mul(ri, ri), qi, ri);
    const pf = madd(f32x4.mul(rf, rf), qf, rf);
    const pg = madd(f32x4.mul(rg, rg), qg, rg);
    const po = madd(f32x4.mul(ro, ro), qo, ro);
    const i = sigmoidOf(pi, powerOrZero(xi, ti));
    const f = sigmoidOf(pf, powerOrZero(xf, tf));
    const g = tanhOf(pg, power(tg));
    const o = sigmoidOf(po, powerOrZero(xo, to));
    v128.store(gates, i);
    v128.store(gates, f, 16);
    v128.store(gates, g, 32);
    v128.store(gates, o, 48);
    v128.store(cell, madd(f, v128.load(cell), f32x4.mul(i, g)));
  }
}

/** hidden <- o tanh(c): one row, sixteen units at a time and then four. */
// @ts-ignore: decorator
@inline
function hiddenRow(hidden: usize, tanhCell: usize, gates: usize, cell: usize, H: i32): void {
  let unit = 0;
  for (; unit + 12 < H; unit += 16, gates += 256, cell += 64, tanhCell += 64, hidden += 64) {
    const x0 = doubled(v128.load(cell));
    const x1 = doubled(v128.load(cell, 16));
    const x2 = doubled(v128.load(cell, 32));
    const x3 = doubled(v128.load(cell, 48));
    const t0 = rounded(x0);
    const t1 = rounded(x1);
    const t2 = rounded(x2);
    const t3 = rounded(x3);
    const r0 = remainder(x0, t0);
    const r1 = remainder(x1, t1);
    const r2 = remainder(x2, t2);
    const r3 = remainder(x3, t3);
    const k4 = v128.load(MATH, Q4);
    const k3 = v128.load(MATH, Q3);
    let q0 = madd(k4, r0, k3);
    let q1 = madd(k4, r1, k3);
    let q2 = madd(k4, r2, k3);
    let q3 = madd(k4, r3, k3);
    const k2 = v128.load(MATH, Q2);
    q0 = madd(q0, r0, k2);
    q1 = madd(q1, r1, k2);
    q2 = madd(q2, r2, k2);
    q3 = madd(q3, r3, k2);
    const k1 = v128.load(MATH, Q1);
    q0 = madd(q0, r0, k1);
    q1 = madd(q1, r1, k1);
    q2 = madd(q2, r2, k1);
    q3 = madd(q3, r3, k1);
    const k0 = v128.load(MATH, Q0);
    q0 = madd(q0, r0, k0);
    q1 = madd(q1, r1, k0);
    q2 = madd(q2, r2, k0);
    q3 = madd(q3, r3, k0);
    const p0 = madd(f32x4.mul(r0, r0), q0, r0);
    const p1 = madd(f32x4.mul(r1, r1), q1, r1);
    const p2 = madd(f32x4.mul(r2, r2), q2, r2);
    const p3 = madd(f32x4.mul(r3, r3), q3, r3);
    const y0 = tanhOf(p0, power(t0));
    const y1 = tanhOf(p1, power(t1));
    const y2 = tanhOf(p2, power(t2));
    const y3 = tanhOf(p3, power(t3));
    v128.store(tanhCell, y0);
    v128.store(tanhCell, y1, 16);
    v128.store(tanhCell, y2, 32);
    v128.store(tanhCell, y3, 48);
    v128.store(hidden, f32x4.mul(v128.load(gates, 48), y0));
    v128.store(hidden, f32x4.mul(v128.load(gates, 112), y1), 16);
    v128.store(hidden, f32x4.mul(v128.load(gates, 176), y2), 32);
    v128.store(hidden, f32x4.mul(v128.load(gates, 240), y3), 48);
  }
  for (; unit < H; unit += 4, gates += 64, cell += 16, tanhCell += 16, hidden += 16) {
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
