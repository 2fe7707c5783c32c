/** Steps divided by the root of squared gradients: RMSprop, Adagrad and Adadelta. */
import { LEAST, MATH, vanished } from "../simd/math";

/**
 * RMSprop (Hinton 2012), centered or not, with or without momentum, one pass over a flat block of N floats:
 *
 *     v = rho v + intake g^2    mean = rho mean + intake g    d = intoStep g / (sqrt(v - mean^2 + inside) + outside)
 *     buffer = momentum buffer + d    p -= step buffer
 *
 * `mean` and `buffer` are 0 for none: then mean counts as zero and p -= step d. Keras: intoStep = lr, step = 1, epsilon
 * inside; PyTorch: intoStep = 1, step = lr, epsilon outside. Adagrad (Duchi, Hazan and Singer 2011) is rho = intake = 1
 * with its initial accumulator inside. v - mean^2 is not negative but for rounding, which is cut off.
 */
export function rmsprop(
  params: usize,
  v: usize,
  mean: usize,
  buffer: usize,
  gradients: usize,
  N: i32,
  rho: f32,
  intake: f32,
  momentum: f32,
  intoStep: f32,
  step: f32,
  inside: f32,
  outside: f32,
): void {
  const tiny = v128.load32_splat(MATH, LEAST);
  const keep = f32x4.splat(rho);
  const share = f32x4.splat(intake);
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    let square = vanished(f32x4.add(f32x4.mul(keep, v128.load(v)), f32x4.mul(share, f32x4.mul(g, g))), tiny);
    v128.store(v, square);
    if (mean) {
      const average = vanished(f32x4.add(f32x4.mul(keep, v128.load(mean)), f32x4.mul(share, g)), tiny);
      v128.store(mean, average);
      square = f32x4.max(f32x4.sub(square, f32x4.mul(average, average)), f32x4.splat(0));
      mean += 16;
    }
    const root = f32x4.add(f32x4.sqrt(f32x4.add(square, f32x4.splat(inside))), f32x4.splat(outside));
    let d = f32x4.div(f32x4.mul(f32x4.splat(intoStep), g), root);
    if (buffer) {
      d = vanished(f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(buffer)), d), tiny);
      v128.store(buffer, d);
      buffer += 16;
    }
    v128.store(params, f32x4.sub(v128.load(params), f32x4.mul(f32x4.splat(step), d)));
    params += 16;
    v += 16;
    gradients += 16;
  }
}

/**
 * Adadelta (Zeiler 2012):
 *
 *     v = rho v + (1 - rho) g^2    d = g sqrt(u + epsilon) / sqrt(v + epsilon)    u = rho u + (1 - rho) d^2    p -= lr d
 */
export function adadelta(
  params: usize,
  v: usize,
  u: usize,
  gradients: usize,
  N: i32,
  learningRate: f32,
  rho: f32,
  oneMinusRho: f32,
  epsilon: f32,
): void {
  const tiny = v128.load32_splat(MATH, LEAST);
  const keep = f32x4.splat(rho);
  const share = f32x4.splat(oneMinusRho);
  const least = f32x4.splat(epsilon);
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    const square = vanished(f32x4.add(f32x4.mul(keep, v128.load(v)), f32x4.mul(share, f32x4.mul(g, g))), tiny);
    const steps = v128.load(u);
    const ratio = f32x4.div(f32x4.sqrt(f32x4.add(steps, least)), f32x4.sqrt(f32x4.add(square, least)));
    const d = f32x4.mul(ratio, g);
    v128.store(v, square);
    v128.store(u, vanished(f32x4.add(f32x4.mul(keep, steps), f32x4.mul(share, f32x4.mul(d, d))), tiny));
    v128.store(params, f32x4.sub(v128.load(params), f32x4.mul(f32x4.splat(learningRate), d)));
    params += 16;
    v += 16;
    u += 16;
    gradients += 16;
  }
}
