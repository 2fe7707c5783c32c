/** Mean squared error over all elements: L = sum (y - target)^2 / (N F), dy = 2 (y - target) / (N F). */
import { sumOfSquaresOf } from "../simd/f32x4";
import { padded, rowStride } from "../simd/layout";

/** Value; dY [N, F] <- y, target [N, F]. Summed in f64, row after row. */
export function meanSquaredError(dY: usize, y: usize, target: usize, N: i32, F: i32): f64 {
  const count = <f64>N * <f64>F;
  const scale = f32x4.splat(<f32>(2 / count));
  const skip = (<usize>(rowStride(F) - padded(F))) << 2;
  let sum: f64 = 0;
  for (; N > 0; --N) {
    for (let f = 0; f < F; f += 4, dY += 16, y += 16, target += 16) {
      const difference = f32x4.sub(v128.load(y), v128.load(target));
      sum += sumOfSquaresOf(difference);
      v128.store(dY, f32x4.mul(difference, scale));
    }
    dY += skip;
    y += skip;
    target += skip;
  }
  return sum / count;
}
