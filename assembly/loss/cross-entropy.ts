/**
 * Cross-entropy over classes: L = sum of w_n sum_v t_v (-log p_v) / divisor. The target t is a row, or 1 at a label,
 * smoothed to t (1 - s) + s / V, then times the weights of its classes; m = sum of t_v. Predictions are
 *
 *     logits          p = softmax(y), -log p_v = log sum exp(y) - y_v         dy = m p - t
 *     probabilities   q = y / sum of y, p = q in [1e-7, 1 - 1e-7] (Keras)     dy = (g - sum of g q) / sum of y,
 *                                                                             g = -t / p, 0 where q was clipped
 *
 * times w_n scale / divisor. A row's maximum is subtracted from its logits first, so that none overflows.
 */
import { madd, nmadd, sumOf } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { exp, log } from "../simd/math";
import { clipped, dot, dotLog, EPSILON, firstLanes, rowWeight } from "./row";

/**
 * values f64[N], what each row adds to L divisor, and dY [N, V], or none at address 0, <- y [N, V] and `target`: rows [N, V],
 * or where `labels` is true i32[N] in [0, V), which the caller has checked. `weights` f32[N] and `classWeights` f32[V] are all
 * 1 at address 0. Threads share rows.
 */
export function crossEntropy(
  values: usize,
  dY: usize,
  y: usize,
  target: usize,
  weights: usize,
  classWeights: usize,
  N: i32,
  V: i32,
  labels: bool,
  fromLogits: bool,
  smoothing: f64,
  divisor: f64,
  scale: f64,
): void {
  const stride = (<usize>rowStride(V)) << 2;
  for (let row = 0; row < N; ++row, values += 8) {
    const weight = rowWeight(weights, row);
    const label = labels ? load<i32>(at(target, row)) : -1;
    assert(!labels || (label >= 0 && label < V));
    const dense = labels ? 0 : target + <usize>row * stride;
    const factor = (weight * scale) / divisor;
    let value: f64 = 0;
    if (weight == 0) {
      if (dY) memory.fill(dY, 0, (<usize>padded(V)) << 2);
    } else if (fromLogits) {
      value = weight * logitsRow(dY, y, dense, label, classWeights, V, smoothing, factor);
    } else {
      value = weight * probabilitiesRow(dY, y, dense, label, classWeights, V, smoothing, factor);
    }
    store<f64>(values, value);
    if (dY) {
      for (let v = V; v < padded(V); ++v) store<f32>(at(dY, v), 0);
      dY += stride;
    }
    y += stride;
  }
}

/** The sum of f64[N], from the first on. */
export function sumOfValues(values: usize, N: i32): f64 {
  let sum: f64 = 0;
  for (; N > 0; --N, values += 8) sum += load<f64>(values);
  return sum;
}

function logitsRow(
  dY: usize,
  y: usize,
  dense: usize,
  label: i32,
  classWeights: usize,
  V: i32,
  smoothing: f64,
  factor: f64,
): f64 {
  const highest = maximum(y, V);
  const shift = f32x4.splat(highest);
  let total: f64 = 0;
  for (let v = 0; v < V; v += 4) {
    const e = exp(f32x4.sub(v128.load(at(y, v)), shift));
    if (dY) v128.store(at(dY, v), e);
    total = v + 4 <= V ? total + sumOf(e) : addLanes(total, e, V - v);
  }
  const only = label >= 0 && smoothing == 0;
  let mass = only && classWeights ? <f64>load<f32>(at(classWeights, label)) : 1;
  let product = only ? mass * <f64>load<f32>(at(y, label)) : 0;
  if (!only) {
    mass = 0;
    for (let v = 0; v < V; v += 4) {
      const t = targetOf(dense, label, classWeights, v, V, smoothing);
      mass += sumOf(t);
      product += dot(t, v128.load(at(y, v)));
    }
  }
  if (dY) {
    const share = f32x4.splat(<f32>((factor * mass) / total));
    for (let v = 0; v < V; v += 4) {
      let d = f32x4.mul(v128.load(at(dY, v)), share);
      if (!only) d = nmadd(targetOf(dense, label, classWeights, v, V, smoothing), f32x4.splat(<f32>factor), d);
      v128.store(at(dY, v), d);
    }
    if (only) store<f32>(at(dY, label), load<f32>(at(dY, label)) - <f32>(factor * mass));
  }
  if (total != total) return total;
  return mass * log(total) - (product - mass * <f64>highest);
}

function probabilitiesRow(
  dY: usize,
  y: usize,
  dense: usize,
  label: i32,
  classWeights: usize,
  V: i32,
  smoothing: f64,
  factor: f64,
): f64 {
  let total: f64 = 0;
  for (let v = 0; v < V; v += 4) total += sumOf(v128.load(at(y, v)));
  const divisor = f32x4.splat(<f32>total);
  let sum: f64 = 0;
  let mean: f64 = 0;
  for (let v = 0; v < V; v += 4) {
    const q = f32x4.div(v128.load(at(y, v)), divisor);
    const p = clipped(q, 1 - EPSILON);
    const t = targetOf(dense, label, classWeights, v, V, smoothing);
    sum += dotLog(t, p);
    if (!dY) continue;
    const g = v128.and(f32x4.div(t, p), f32x4.eq(p, q));
    mean += dot(g, q);
    v128.store(at(dY, v), g);
  }
  if (dY) {
    const share = f32x4.splat(<f32>(factor / total));
    for (let v = 0; v < V; v += 4) {
      const g = f32x4.sub(f32x4.splat(<f32>mean), v128.load(at(dY, v)));
      v128.store(at(dY, v), f32x4.mul(g, share));
    }
  }
  return -sum;
}

/** Four elements of t, from class v on; 0 past the last class. */
function targetOf(dense: usize, label: i32, classWeights: usize, v: i32, V: i32, smoothing: f64): v128 {
  const one = v128.and(f32x4.splat(1), i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(label - v)));
  let t = dense ? v128.load(at(dense, v)) : one;
  t = madd(t, f32x4.splat(<f32>(1 - smoothing)), f32x4.splat(<f32>(smoothing / V)));
  if (classWeights) t = f32x4.mul(t, v128.load(at(classWeights, v)));
  return v128.and(t, firstLanes(V - v));
}

function maximum(y: usize, V: i32): f32 {
  let highest = load<f32>(y);
  let v = 0;
  if (V >= 4) {
    let four = v128.load(y);
    for (v = 4; v + 4 <= V; v += 4) four = f32x4.max(four, v128.load(at(y, v)));
    four = f32x4.max(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    highest = max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1));
  }
  for (; v < V; ++v) highest = max(highest, load<f32>(at(y, v)));
  return highest;
}

/** The first `lanes` of one to three, one after the other. */
function addLanes(total: f64, e: v128, lanes: i32): f64 {
  total += <f64>f32x4.extract_lane(e, 0);
  if (lanes > 1) total += <f64>f32x4.extract_lane(e, 1);
  return lanes > 2 ? total + <f64>f32x4.extract_lane(e, 2) : total;
}
