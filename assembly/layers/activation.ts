/**
 * Activations over rows, elementwise y = act(x), and softmax of every row. All of them work in place: y may be x and dX
 * may be dY. Pads are zero after each of them, whatever the activation makes of 0.
 */
import { activate, exponential, slope } from "../simd/activation";
import { sumOf } from "../simd/f32x4";
import { at, rowStride } from "../simd/layout";
import { clearPads } from "../simd/rows";

/** y [N, F] <- act(x [N, F]); `code` as in simd/activation.ts. */
export function activationForward(y: usize, x: usize, N: i32, F: i32, code: i32): void {
  const stride = rowStride(F);
  for (; N > 0; --N, y = at(y, stride), x = at(x, stride)) {
    for (let f = 0; f < F; f += 4) v128.store(at(y, f), activate(v128.load(at(x, f)), code));
    clearPads(y, 1, F);
  }
}

/** dX [N, F] <- dY [N, F] act'(x), from y = act(x). */
export function activationBackward(dX: usize, dY: usize, y: usize, N: i32, F: i32, code: i32): void {
  const stride = rowStride(F);
  for (; N > 0; --N, dX = at(dX, stride), dY = at(dY, stride), y = at(y, stride)) {
    for (let f = 0; f < F; f += 4) {
      v128.store(at(dX, f), f32x4.mul(v128.load(at(dY, f)), slope(v128.load(at(y, f)), code)));
    }
  }
}

/** y [N, F] <- e^x / sum of e^x, x [N, F] less its row's maximum, so that nothing overflows. */
export function softmaxForward(y: usize, x: usize, N: i32, F: i32): void {
  const stride = rowStride(F);
  for (; N > 0; --N, y = at(y, stride), x = at(x, stride)) {
    let highest = load<f32>(x);
    for (let f = 1; f < F; ++f) highest = max(highest, load<f32>(at(x, f)));
    const shift = f32x4.splat(highest);
    let total: f64 = 0;
    for (let f = 0; f < F; f += 4) {
      v128.store(at(y, f), exponential(f32x4.sub(v128.load(at(x, f)), shift)));
      if (f + 4 > F) clearPads(y, 1, F);
      total += sumOf(v128.load(at(y, f)));
    }
    const share = f32x4.splat(<f32>(1 / total));
    for (let f = 0; f < F; f += 4) v128.store(at(y, f), f32x4.mul(v128.load(at(y, f)), share));
    clearPads(y, 1, F);
  }
}

/** dX [N, F] <- y (dY - the row's sum of y dY), from y [N, F] = softmax(x). */
export function softmaxBackward(dX: usize, dY: usize, y: usize, N: i32, F: i32): void {
  const stride = rowStride(F);
  for (; N > 0; --N, dX = at(dX, stride), dY = at(dY, stride), y = at(y, stride)) {
    let sum: f64 = 0;
    for (let f = 0; f < F; ++f) sum += <f64>load<f32>(at(y, f)) * <f64>load<f32>(at(dY, f));
    const mean = f32x4.splat(<f32>sum);
    for (let f = 0; f < F; f += 4) {
      v128.store(at(dX, f), f32x4.mul(v128.load(at(y, f)), f32x4.sub(v128.load(at(dY, f)), mean)));
    }
    clearPads(dX, 1, F);
  }
}
