/**
 * Losses that are sums over elements: L = sum of w_n l(y, t) / divisor, dy = w_n scale l'(y, t) / divisor, with d = y - t:
 *
 *     code       l                                      l'
 *     SQUARED    d^2                                    2 d
 *     ABSOLUTE   |d|                                    sign d
 *     HUBER      q (|d| - q / 2), q = min(|d|, delta)   sign(d) q
 *     LOG_COSH   |d| + log(1 + exp(-2 |d|)) - log 2     tanh d
 *     POISSON    y - t log(y + 1e-7)                    1 - t / (y + 1e-7)
 *     DIVERGENCE t log(t / y), both in [1e-7, 1]        -t / y
 *     LOGITS     u softplus(y) + v softplus(-y)         u sigmoid(y) - v sigmoid(-y)
 *     BINARY     -u log(1 - y) - v log y                u / (1 - y) - v / y, y in [1e-7, 1 - 1e-7]
 *
 * where u = 1 - t, v = t times the weight of positives, and t was smoothed to t (1 - s) + s / 2. A prediction that was
 * clipped has the gradient 0. Definitions, epsilon included, are Keras's. Elements are float32, sums f64, row by row.
 */
import { activate, SIGMOID, SOFTPLUS, TANH } from "../simd/activation";
import { sumOf, sumOfSquaresOf } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { clipped, dotLog, EPSILON, firstLanes, rowWeight } from "./row";

/** The same numbers stand in src/losses/elementwise.ts. */
const SQUARED: i32 = 0;
const ABSOLUTE: i32 = 1;
const HUBER: i32 = 2;
const LOG_COSH: i32 = 3;
const POISSON: i32 = 4;
const DIVERGENCE: i32 = 5;
const LOGITS: i32 = 6;
const BINARY: i32 = 7;

const LN2: f32 = 0.6931471805599453;

/**
 * Value; dY [N, F], or none at address 0, <- y, target [N, F]. `weights` f32[N], all 1 at address 0; `positive` f32[F],
 * the weights of positives, all 1 at address 0; `parameter` is delta or the smoothing s.
 */
export function elementwiseLoss(
  dY: usize,
  y: usize,
  target: usize,
  weights: usize,
  positive: usize,
  N: i32,
  F: i32,
  code: i32,
  parameter: f32,
  divisor: f64,
  scale: f64,
): f64 {
  const stride = (<usize>rowStride(F)) << 2;
  let sum: f64 = 0;
  for (let row = 0; row < N; ++row) {
    const weight = rowWeight(weights, row);
    if (weight != 0) {
      const factor = <f32>(((code == SQUARED ? 2 : 1) * weight * scale) / divisor);
      for (let f = 0; f < F; f += 4) {
        const x = v128.load(at(y, f));
        const t = v128.load(at(target, f));
        const share = positive ? v128.load(at(positive, f)) : f32x4.splat(1);
        sum += weight * fourElements(dY ? at(dY, f) : 0, x, t, share, code, parameter, factor, F - f);
      }
    } else if (dY) {
      memory.fill(dY, 0, (<usize>padded(F)) << 2);
    }
    if (dY) dY += stride;
    y += stride;
    target += stride;
  }
  return sum / divisor;
}

/** Their losses; dY <- factor times their slopes. Only the first `lanes` count. */
function fourElements(
  dY: usize,
  x: v128,
  t: v128,
  share: v128,
  code: i32,
  parameter: f32,
  factor: f32,
  lanes: i32,
): f64 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const among = firstLanes(lanes);
  const d = f32x4.sub(x, t);
  let value = f32x4.abs(d);
  let slope = d;
  let sum: f64 = 0;
  if (code == HUBER) {
    const q = f32x4.pmin(value, f32x4.splat(parameter));
    value = f32x4.mul(q, f32x4.sub(value, f32x4.mul(q, f32x4.splat(0.5))));
    slope = withSign(q, d);
  } else if (code == ABSOLUTE) {
    slope = v128.and(withSign(one, d), f32x4.ne(d, zero));
  } else if (code == LOG_COSH) {
    value = logCosh(value);
    slope = activate(d, TANH);
  } else if (code == POISSON) {
    const mean = f32x4.add(x, f32x4.splat(EPSILON));
    value = x;
    sum = -dotLog(v128.and(t, among), mean);
    slope = f32x4.sub(one, f32x4.div(t, mean));
  } else if (code == DIVERGENCE) {
    const c = clipped(x, 1);
    t = clipped(t, 1);
    const ratio = f32x4.div(t, c);
    value = zero;
    sum = dotLog(v128.and(t, among), ratio);
    slope = v128.and(f32x4.neg(ratio), f32x4.eq(c, x));
  } else if (code != SQUARED) {
    t = f32x4.add(f32x4.mul(t, f32x4.splat(1 - parameter)), f32x4.splat(parameter * 0.5));
    const u = f32x4.sub(one, t);
    const v = f32x4.mul(t, share);
    const minus = f32x4.neg(x);
    if (code == LOGITS) {
      value = f32x4.add(f32x4.mul(u, activate(x, SOFTPLUS)), f32x4.mul(v, activate(minus, SOFTPLUS)));
      slope = f32x4.sub(f32x4.mul(u, activate(x, SIGMOID)), f32x4.mul(v, activate(minus, SIGMOID)));
    } else {
      const c = clipped(x, 1 - EPSILON);
      const rest = clipped(f32x4.sub(one, x), 1);
      value = zero;
      sum = -dotLog(v128.and(v, among), c) - dotLog(v128.and(u, among), rest);
      slope = f32x4.sub(f32x4.div(u, rest), f32x4.div(v, c));
      slope = v128.and(slope, f32x4.eq(c, x));
    }
  }
  if (dY) v128.store(dY, v128.and(f32x4.mul(slope, f32x4.splat(factor)), among));
  return code == SQUARED ? sumOfSquaresOf(d) : sum + sumOf(v128.and(value, among));
}

/** log cosh of d >= 0. Near 0 its digits cancel, so there it is d^2/2 - d^4/12 + d^6/45. */
function logCosh(d: v128): v128 {
  const far = f32x4.sub(f32x4.add(d, activate(f32x4.mul(d, f32x4.splat(-2)), SOFTPLUS)), f32x4.splat(LN2));
  const d2 = f32x4.mul(d, d);
  let near = f32x4.sub(f32x4.splat(1.0 / 12), f32x4.mul(d2, f32x4.splat(1.0 / 45)));
  near = f32x4.mul(d2, f32x4.sub(f32x4.splat(0.5), f32x4.mul(d2, near)));
  return v128.bitselect(near, far, f32x4.lt(d, f32x4.splat(0.25)));
}

/** `magnitude` with the sign of d. */
// @ts-ignore: decorator
@inline
function withSign(magnitude: v128, d: v128): v128 {
  return v128.bitselect(d, magnitude, i32x4.splat(0x80000000));
}
