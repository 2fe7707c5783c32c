import { LEAST, MATH, vanished } from "../simd/math";

/**
 * Adam (Kingma and Ba 2015) and its relatives, one pass over a flat block of N floats:
 *
 *     m = b1 m + (1 - b1) g    v = b2 v + (1 - b2) g^2    largest = max(largest, v)
 *     p -= step (fromMean m + fromGradient g) / (sqrt(v) rootScale + epsilon)
 *
 * With `largest` (0: none) the root is taken of it (AMSGrad, Reddi, Kale and Kumar 2018). The caller folds the bias
 * corrections c1 = 1 - b1^t and c2 = 1 - b2^t into the scalars. Adam of Keras: step = lr sqrt(c2) / c1, rootScale = 1; of
 * PyTorch: step = lr / c1, rootScale = 1 / sqrt(c2); fromMean = 1 and fromGradient = 0 in both. Nadam mixes m and g by
 * its momentum schedule; RAdam takes rootScale = 0 and epsilon = 1 while v says too little.
 *
 * Moments below 2^-100 become 0, in all optimizers: they would decay to a subnormal number and stay there, which is slow.
 */
export function adam(
  params: usize,
  m: usize,
  v: usize,
  largest: usize,
  gradients: usize,
  N: i32,
  step: f32,
  fromMean: f32,
  fromGradient: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  rootScale: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const a1 = f32x4.splat(oneMinusBeta1);
  const b2 = f32x4.splat(beta2);
  const a2 = f32x4.splat(oneMinusBeta2);
  const least = v128.load32_splat(MATH, LEAST);
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    const mean = vanished(f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(a1, g)), least);
    let square = vanished(f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(a2, f32x4.mul(g, g))), least);
    v128.store(m, mean);
    v128.store(v, square);
    if (largest) {
      square = f32x4.pmax(v128.load(largest), square);
      v128.store(largest, square);
      largest += 16;
    }
    const direction = f32x4.add(f32x4.mul(f32x4.splat(fromMean), mean), f32x4.mul(f32x4.splat(fromGradient), g));
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(square), f32x4.splat(rootScale)), f32x4.splat(epsilon));
    const update = f32x4.mul(f32x4.splat(step), f32x4.div(direction, root));
    v128.store(params, f32x4.sub(v128.load(params), update));
    params += 16;
    m += 16;
    v += 16;
    gradients += 16;
  }
}

/**
 * Adamax (Kingma and Ba 2015, section 7.1), with the largest gradient instead of the root of a mean:
 *
 *     m = b1 m + (1 - b1) g    u = max(b2 u, |g| + inside)    p -= step m / (u + outside)
 *
 * step = lr / (1 - b1^t); one of `inside` and `outside` is epsilon, the other 0.
 */
export function adamax(
  params: usize,
  m: usize,
  u: usize,
  gradients: usize,
  N: i32,
  step: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  inside: f32,
  outside: f32,
): void {
  const least = v128.load32_splat(MATH, LEAST);
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    const sum = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m)), f32x4.mul(f32x4.splat(oneMinusBeta1), g));
    const mean = vanished(sum, least);
    const size = f32x4.add(f32x4.abs(g), f32x4.splat(inside));
    const most = vanished(f32x4.pmax(f32x4.mul(f32x4.splat(beta2), v128.load(u)), size), least);
    const update = f32x4.mul(f32x4.splat(step), f32x4.div(mean, f32x4.add(most, f32x4.splat(outside))));
    v128.store(m, mean);
    v128.store(u, most);
    v128.store(params, f32x4.sub(v128.load(params), update));
    params += 16;
    m += 16;
    u += 16;
    gradients += 16;
  }
}
