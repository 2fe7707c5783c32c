/**
 * Layer normalisation over the features of each row (Ba, Kiros and Hinton 2016), with the biased variance:
 *
 *     n = (x - mean) r,  r = 1 / sqrt(variance + epsilon)         y = gamma n + beta
 *     g = gamma dy       dx = r (g - mean(g) - n mean(g n))       dgamma += dy n    dbeta += dy
 *
 * Parameters are [gamma | beta], rowStride(F) floats each. Forward keeps [mean | r] of every row in `stats`. Sums over
 * features are f64 in ascending order, the variance from a second pass; dgamma and dbeta add rows from the last one up.
 */
import { madd, nmadd, sumOf, sumOfSquaresOf } from "../simd/f32x4";
import { at, rowStride } from "../simd/layout";

/** Floats of parameters, gradients and each optimizer moment. */
export function layerNormParameterFloats(F: i32): f64 {
  return 2 * <f64>rowStride(F);
}

/** Floats of `stats` for N rows. */
export function layerNormStatsFloats(N: f64): f64 {
  return 2 * N;
}

/** y, stats [N, 2] <- x, params; `y` may be `x` where no backward follows. */
export function layerNormForward(y: usize, stats: usize, x: usize, params: usize, N: i32, F: i32, epsilon: f64): void {
  const stride = rowStride(F);
  const beta = at(params, stride);
  for (; N > 0; --N, y = at(y, stride), x = at(x, stride), stats += 8) {
    let sum: f64 = 0;
    for (let f = 0; f < F; f += 4) sum += sumOf(v128.load(at(x, f)));
    store<f32>(stats, <f32>(sum / <f64>F));
    const mean = v128.load32_splat(stats);
    sum = 0;
    for (let f = 0; f < F; f += 4) sum += sumOfSquaresOf(normalised(at(x, f), mean, f32x4.splat(1), F - f));
    store<f32>(stats, <f32>(1 / sqrt(sum / <f64>F + epsilon)), 4);
    const r = v128.load32_splat(stats, 4);
    for (let f = 0; f < F; f += 4) {
      const n = normalised(at(x, f), mean, r, F - f);
      v128.store(at(y, f), madd(n, v128.load(at(params, f)), v128.load(at(beta, f))));
    }
  }
}

/** dX (0: not wanted), dParams += from dY, stats, x, params; dX may be dY. */
export function layerNormBackward(
  dX: usize,
  dParams: usize,
  dY: usize,
  stats: usize,
  x: usize,
  params: usize,
  N: i32,
  F: i32,
): void {
  const stride = rowStride(F);
  const dBeta = at(dParams, stride);
  for (let row = N - 1; row >= 0; --row) {
    const mean = v128.load32_splat(at(stats, 2 * row));
    const r = v128.load32_splat(at(stats, 2 * row), 4);
    const xRow = at(x, row * stride);
    const dRow = at(dY, row * stride);
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let f = 0; f < F; f += 4) {
      const n = normalised(at(xRow, f), mean, r, F - f);
      const dy = v128.load(at(dRow, f));
      const g = f32x4.mul(dy, v128.load(at(params, f)));
      sum += sumOf(g);
      product += sumOf(f32x4.mul(g, n));
      v128.store(at(dParams, f), madd(dy, n, v128.load(at(dParams, f))));
      v128.store(at(dBeta, f), f32x4.add(v128.load(at(dBeta, f)), dy));
    }
    if (!dX) continue;
    const meanOfG = f32x4.splat(<f32>(sum / <f64>F));
    const meanOfProduct = f32x4.splat(<f32>(product / <f64>F));
    for (let f = 0; f < F; f += 4) {
      const n = normalised(at(xRow, f), mean, r, F - f);
      const g = f32x4.mul(v128.load(at(dRow, f)), v128.load(at(params, f)));
      const d = f32x4.mul(r, nmadd(n, meanOfProduct, f32x4.sub(g, meanOfG)));
      v128.store(at(dX, row * stride + f), first(d, F - f));
    }
  }
}

/** (x - mean) r of four features, of which `count` are wanted: zeros past them. */
// @ts-ignore: decorator
@inline
function normalised(x: usize, mean: v128, r: v128, count: i32): v128 {
  return first(f32x4.mul(f32x4.sub(v128.load(x), mean), r), count);
}

/** The first `count` lanes, the others zero. */
// @ts-ignore: decorator
@inline
function first(x: v128, count: i32): v128 {
  return v128.and(x, i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3)));
}
