import { LEAST, MATH, vanished } from "../simd/math";

/**
 * Stochastic gradient descent with momentum, one pass over a flat block of N floats:
 *
 *     m = momentum m + intake g    p += fromMomentum m + fromGradient g
 *
 * Keras: intake = -lr; fromMomentum = 1, fromGradient = 0, or with Nesterov momentum and -lr. PyTorch: intake = 1;
 * fromMomentum = -lr, fromGradient = 0, or with Nesterov -lr momentum and -lr.
 */
export function sgdMomentum(
  params: usize,
  m: usize,
  gradients: usize,
  N: i32,
  momentum: f32,
  intake: f32,
  fromMomentum: f32,
  fromGradient: f32,
): void {
  const least = v128.load32_splat(MATH, LEAST);
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    const sum = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(m)), f32x4.mul(f32x4.splat(intake), g));
    const buffer = vanished(sum, least);
    const update = f32x4.add(f32x4.mul(f32x4.splat(fromMomentum), buffer), f32x4.mul(f32x4.splat(fromGradient), g));
    v128.store(m, buffer);
    v128.store(params, f32x4.add(v128.load(params), update));
    params += 16;
    m += 16;
    gradients += 16;
  }
}

/**
 * x = keep x + intake y, where x and y may be the same: descent without momentum (p, g, 1, -lr), weight decay of the
 * gradient (g, p, 1, decay) or of the weights (p, p, 1, -lr decay), and running averages of weights.
 */
export function blend(x: usize, y: usize, N: i32, keep: f32, intake: f32): void {
  for (let n = 0; n < N; n += 4, x += 16, y += 16) {
    const kept = f32x4.mul(f32x4.splat(keep), v128.load(x));
    v128.store(x, f32x4.add(kept, f32x4.mul(f32x4.splat(intake), v128.load(y))));
  }
}

/**
 * Lion (Chen et al. 2023), a step of the same length for every parameter:
 *
 *     p -= lr sign(b1 m + (1 - b1) g)    m = b2 m + (1 - b2) g
 */
export function lion(
  params: usize,
  m: usize,
  gradients: usize,
  N: i32,
  learningRate: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
): void {
  const least = v128.load32_splat(MATH, LEAST);
  const rate = f32x4.splat(learningRate);
  const zero = f32x4.splat(0);
  for (let n = 0; n < N; n += 4, params += 16, m += 16, gradients += 16) {
    const g = v128.load(gradients);
    const mean = v128.load(m);
    const direction = f32x4.add(f32x4.mul(f32x4.splat(beta1), mean), f32x4.mul(f32x4.splat(oneMinusBeta1), g));
    const down = v128.and(f32x4.gt(direction, zero), rate);
    const up = v128.and(f32x4.lt(direction, zero), rate);
    v128.store(params, f32x4.add(f32x4.sub(v128.load(params), down), up));
    const next = f32x4.add(f32x4.mul(f32x4.splat(beta2), mean), f32x4.mul(f32x4.splat(oneMinusBeta2), g));
    v128.store(m, vanished(next, least));
  }
}
