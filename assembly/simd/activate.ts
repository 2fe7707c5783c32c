/**
 * Activations of sixteen floats, four chains in step: one chain after the other waits for its own results longer than a
 * processor looks ahead. The stages are those of math.ts.
 */
import { madd } from "./f32x4";
import { doubled, limited, MATH, power, powerOrZero, Q0, Q1, Q2, Q3, Q4 } from "./math";
import { remainder, rounded, sigmoidOf, tanhOf } from "./math";

/** One panel of LSTM gates in place: i, f, o <- sigmoid, g <- tanh. */
// @ts-ignore: decorator
@inline
export function activateGates(panel: usize): void {
  const xi = limited(v128.load(panel));
  const xf = limited(v128.load(panel, 16));
  const xg = doubled(v128.load(panel, 32));
  const xo = limited(v128.load(panel, 48));
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
  v128.store(panel, sigmoidOf(pi, powerOrZero(xi, ti)));
  v128.store(panel, sigmoidOf(pf, powerOrZero(xf, tf)), 16);
  v128.store(panel, tanhOf(pg, power(tg)), 32);
  v128.store(panel, sigmoidOf(po, powerOrZero(xo, to)), 48);
}

/** y <- tanh(x), sixteen floats. */
// @ts-ignore: decorator
@inline
export function tanhSixteen(y: usize, x: usize): void {
  const x0 = doubled(v128.load(x));
  const x1 = doubled(v128.load(x, 16));
  const x2 = doubled(v128.load(x, 32));
  const x3 = doubled(v128.load(x, 48));
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
  v128.store(y, tanhOf(p0, power(t0)));
  v128.store(y, tanhOf(p1, power(t1)), 16);
  v128.store(y, tanhOf(p2, power(t2)), 32);
  v128.store(y, tanhOf(p3, power(t3)), 48);
}
