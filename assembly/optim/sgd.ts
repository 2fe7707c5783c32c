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
  for (let n = 0; n < N; n += 4) {
    const g = v128.load(gradients);
    const buffer = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(m)), f32x4.mul(f32x4.splat(intake), g));
    const update = f32x4.add(f32x4.mul(f32x4.splat(fromMomentum), buffer), f32x4.mul(f32x4.splat(fromGradient), g));
    v128.store(m, buffer);
    v128.store(params, f32x4.add(v128.load(params), update));
    params += 16;
    m += 16;
    gradients += 16;
  }
}

/** p -= lr g. */
export function sgd(params: usize, gradients: usize, N: i32, learningRate: f32): void {
  for (let n = 0; n < N; n += 4, params += 16, gradients += 16) {
    const update = f32x4.mul(f32x4.splat(learningRate), v128.load(gradients));
    v128.store(params, f32x4.sub(v128.load(params), update));
  }
}
