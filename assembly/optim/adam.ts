/**
 * Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), one pass over a flat block of N floats:
 *
 *     p *= keep    m = b1 m + (1 - b1) g    v = b2 v + (1 - b2) g^2    p -= step m / (sqrt(v) rootScale + epsilon)
 *
 * The caller folds the bias corrections c1 = 1 - b1^t and c2 = 1 - b2^t into the scalars. Keras: step = lr sqrt(c2) / c1,
 * rootScale = 1. PyTorch: step = lr / c1, rootScale = 1 / sqrt(c2). keep = 1 - lr * weight decay, 1 in Adam.
 */
export function adam(
  params: usize,
  m: usize,
  v: usize,
  gradients: usize,
  N: i32,
  step: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  rootScale: f32,
  epsilon: f32,
  keep: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const a1 = f32x4.splat(oneMinusBeta1);
  const b2 = f32x4.splat(beta2);
  const a2 = f32x4.splat(oneMinusBeta2);
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    const mean = f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(a1, g));
    const square = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(a2, f32x4.mul(g, g)));
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(square), f32x4.splat(rootScale)), f32x4.splat(epsilon));
    const update = f32x4.mul(f32x4.splat(step), f32x4.div(mean, root));
    v128.store(params, f32x4.sub(f32x4.mul(v128.load(params), f32x4.splat(keep)), update));
    v128.store(m, mean);
    v128.store(v, square);
    params += 16;
    m += 16;
    v += 16;
    gradients += 16;
  }
}
