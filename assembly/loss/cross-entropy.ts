/**
 * Softmax cross-entropy with class indices: p = softmax(logits), L = mean over rows of log sum exp(logits) - logits[label],
 * dlogits = (p - onehot(label)) / N. The row maximum is subtracted first, so no logit overflows.
 */
import { sumOf } from "../simd/f32x4";
import { at, padded, rowStride } from "../simd/layout";
import { exp, log } from "../simd/math";

/** Value; dLogits [N, V] <- logits [N, V], labels i32[N] in [0, V), which the caller has checked. */
export function softmaxCrossEntropy(dLogits: usize, logits: usize, labels: usize, N: i32, V: i32): f64 {
  const stride = (<usize>rowStride(V)) << 2;
  let sum: f64 = 0;
  for (let row = 0; row < N; ++row) {
    const label = load<i32>(at(labels, row));
    assert(label >= 0 && label < V);
    sum += rowLoss(dLogits, logits, label, V, 1 / <f64>N);
    dLogits += stride;
    logits += stride;
  }
  return sum / <f64>N;
}

function rowLoss(dLogits: usize, logits: usize, label: i32, V: i32, weight: f64): f64 {
  let highest = load<f32>(logits);
  for (let v = 1; v < V; ++v) highest = max(highest, load<f32>(at(logits, v)));
  const shift = f32x4.splat(highest);
  let total: f64 = 0;
  for (let v = 0; v < V; v += 4) {
    const e = exp(f32x4.sub(v128.load(at(logits, v)), shift));
    v128.store(at(dLogits, v), e);
    if (v + 4 <= V) total += sumOf(e);
  }
  for (let v = V & ~3; v < V; ++v) total += <f64>load<f32>(at(dLogits, v));
  const scale = f32x4.splat(<f32>(weight / total));
  for (let v = 0; v < V; v += 4) v128.store(at(dLogits, v), f32x4.mul(v128.load(at(dLogits, v)), scale));
  for (let v = V; v < padded(V); ++v) store<f32>(at(dLogits, v), 0);
  const atLabel = at(dLogits, label);
  store<f32>(atLabel, load<f32>(atLabel) - <f32>weight);
  if (total != total) return total;
  return log(total) - (<f64>load<f32>(at(logits, label)) - <f64>highest);
}
