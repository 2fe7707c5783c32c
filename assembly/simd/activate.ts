/**
 * Sigmoid and tanh of whole rows, eight chains in step: one chain after the other waits for its own results longer than a
 * processor looks ahead. The stages are those of math.ts, for both functions at once:
 *
 *     r, s of scale x, num = p s + (s - (scale - 1)), y = num / (num + scale): sigmoid for scale 1, tanh for scale 2
 *
 * One local holds one constant after the other: set again between the stages, it keeps Binaryen from sinking every chain
 * into a single expression. Constants as splats, and stores from high to low, are what turbo makes 256-bit code of.
 */
import { madd, nmadd } from "./f32x4";
import { LIMIT, LN2_HIGH, LN2_LOW, LOG2E, LOWER_LIMIT, LOWEST, MATH } from "./math";
import { ONE, power, Q0, Q1, Q2, Q3, Q4, ROUND } from "./math";

/** Scales of the four vectors of a panel of LSTM gates, [i | f | g | o], and of any four vectors for tanh. */
export const LSTM_GATES: usize = memory.data<f32>([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1], 16);
export const TANHS: usize = memory.data<f32>([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 16);

/**
 * y <- activations of x, `vectors` >= 4 of four floats each, by the four scales in turn. In place only where `vectors` is a
 * multiple of 4: the last group of four begins where it still fits, and may meet some vectors again.
 */
// prettier-ignore
export function activateRow(to: usize, from: usize, vectors: i32, scale: usize): void {
  const one = v128.load32_splat(MATH, ONE);
  const scale0 = v128.load(scale), scale1 = v128.load(scale, 16), scale2 = v128.load(scale, 32), scale3 = v128.load(scale, 48);
  const less0 = f32x4.sub(scale0, one), less1 = f32x4.sub(scale1, one);
  const less2 = f32x4.sub(scale2, one), less3 = f32x4.sub(scale3, one);
  const last = vectors - 4;
  for (let n = 0; n < vectors; n += 8) {
    const low = <usize>min(n, last) << 4, high = <usize>min(n + 4, last) << 4;
    const x = from + low, u = from + high;
    const lower = v128.load32_splat(MATH, LOWER_LIMIT);
    let k = v128.load32_splat(MATH, LIMIT);
    let x0 = f32x4.mul(v128.load(x), scale0), x1 = f32x4.mul(v128.load(x, 16), scale1);
    let x2 = f32x4.mul(v128.load(x, 32), scale2), x3 = f32x4.mul(v128.load(x, 48), scale3);
    let x4 = f32x4.mul(v128.load(u), scale0), x5 = f32x4.mul(v128.load(u, 16), scale1);
    let x6 = f32x4.mul(v128.load(u, 32), scale2), x7 = f32x4.mul(v128.load(u, 48), scale3);
    x0 = f32x4.pmax(f32x4.pmin(x0, k), lower); x1 = f32x4.pmax(f32x4.pmin(x1, k), lower);
    x2 = f32x4.pmax(f32x4.pmin(x2, k), lower); x3 = f32x4.pmax(f32x4.pmin(x3, k), lower);
    x4 = f32x4.pmax(f32x4.pmin(x4, k), lower); x5 = f32x4.pmax(f32x4.pmin(x5, k), lower);
    x6 = f32x4.pmax(f32x4.pmin(x6, k), lower); x7 = f32x4.pmax(f32x4.pmin(x7, k), lower);
    k = v128.load32_splat(MATH, LOG2E);
    const round = v128.load32_splat(MATH, ROUND);
    let r0 = madd(x0, k, round), r1 = madd(x1, k, round), r2 = madd(x2, k, round), r3 = madd(x3, k, round);
    let r4 = madd(x4, k, round), r5 = madd(x5, k, round), r6 = madd(x6, k, round), r7 = madd(x7, k, round);
    k = v128.load32_splat(MATH, LOWEST);
    const s0 = v128.andnot(power(r0), f32x4.lt(x0, k)), s1 = v128.andnot(power(r1), f32x4.lt(x1, k));
    const s2 = v128.andnot(power(r2), f32x4.lt(x2, k)), s3 = v128.andnot(power(r3), f32x4.lt(x3, k));
    const s4 = v128.andnot(power(r4), f32x4.lt(x4, k)), s5 = v128.andnot(power(r5), f32x4.lt(x5, k));
    const s6 = v128.andnot(power(r6), f32x4.lt(x6, k)), s7 = v128.andnot(power(r7), f32x4.lt(x7, k));
    k = v128.load32_splat(MATH, LN2_HIGH);
    r0 = f32x4.sub(r0, round); r1 = f32x4.sub(r1, round); r2 = f32x4.sub(r2, round); r3 = f32x4.sub(r3, round);
    r4 = f32x4.sub(r4, round); r5 = f32x4.sub(r5, round); r6 = f32x4.sub(r6, round); r7 = f32x4.sub(r7, round);
    x0 = nmadd(r0, k, x0); x1 = nmadd(r1, k, x1); x2 = nmadd(r2, k, x2); x3 = nmadd(r3, k, x3);
    x4 = nmadd(r4, k, x4); x5 = nmadd(r5, k, x5); x6 = nmadd(r6, k, x6); x7 = nmadd(r7, k, x7);
    k = v128.load32_splat(MATH, LN2_LOW);
    r0 = nmadd(r0, k, x0); r1 = nmadd(r1, k, x1); r2 = nmadd(r2, k, x2); r3 = nmadd(r3, k, x3);
    r4 = nmadd(r4, k, x4); r5 = nmadd(r5, k, x5); r6 = nmadd(r6, k, x6); r7 = nmadd(r7, k, x7);
    const q4 = v128.load32_splat(MATH, Q4);
    k = v128.load32_splat(MATH, Q3);
    x0 = madd(q4, r0, k); x1 = madd(q4, r1, k); x2 = madd(q4, r2, k); x3 = madd(q4, r3, k);
    x4 = madd(q4, r4, k); x5 = madd(q4, r5, k); x6 = madd(q4, r6, k); x7 = madd(q4, r7, k);
    k = v128.load32_splat(MATH, Q2);
    x0 = madd(x0, r0, k); x1 = madd(x1, r1, k); x2 = madd(x2, r2, k); x3 = madd(x3, r3, k);
    x4 = madd(x4, r4, k); x5 = madd(x5, r5, k); x6 = madd(x6, r6, k); x7 = madd(x7, r7, k);
    k = v128.load32_splat(MATH, Q1);
    x0 = madd(x0, r0, k); x1 = madd(x1, r1, k); x2 = madd(x2, r2, k); x3 = madd(x3, r3, k);
    x4 = madd(x4, r4, k); x5 = madd(x5, r5, k); x6 = madd(x6, r6, k); x7 = madd(x7, r7, k);
    k = v128.load32_splat(MATH, Q0);
    x0 = madd(x0, r0, k); x1 = madd(x1, r1, k); x2 = madd(x2, r2, k); x3 = madd(x3, r3, k);
    x4 = madd(x4, r4, k); x5 = madd(x5, r5, k); x6 = madd(x6, r6, k); x7 = madd(x7, r7, k);
    x0 = madd(f32x4.mul(r0, r0), x0, r0); x1 = madd(f32x4.mul(r1, r1), x1, r1);
    x2 = madd(f32x4.mul(r2, r2), x2, r2); x3 = madd(f32x4.mul(r3, r3), x3, r3);
    x4 = madd(f32x4.mul(r4, r4), x4, r4); x5 = madd(f32x4.mul(r5, r5), x5, r5);
    x6 = madd(f32x4.mul(r6, r6), x6, r6); x7 = madd(f32x4.mul(r7, r7), x7, r7);
    x0 = madd(x0, s0, f32x4.sub(s0, less0)); x1 = madd(x1, s1, f32x4.sub(s1, less1));
    x2 = madd(x2, s2, f32x4.sub(s2, less2)); x3 = madd(x3, s3, f32x4.sub(s3, less3));
    x4 = madd(x4, s4, f32x4.sub(s4, less0)); x5 = madd(x5, s5, f32x4.sub(s5, less1));
    x6 = madd(x6, s6, f32x4.sub(s6, less2)); x7 = madd(x7, s7, f32x4.sub(s7, less3));
    x0 = f32x4.div(x0, f32x4.add(x0, scale0)); x1 = f32x4.div(x1, f32x4.add(x1, scale1));
    x2 = f32x4.div(x2, f32x4.add(x2, scale2)); x3 = f32x4.div(x3, f32x4.add(x3, scale3));
    x4 = f32x4.div(x4, f32x4.add(x4, scale0)); x5 = f32x4.div(x5, f32x4.add(x5, scale1));
    x6 = f32x4.div(x6, f32x4.add(x6, scale2)); x7 = f32x4.div(x7, f32x4.add(x7, scale3));
    const y = to + low, v = to + high;
    v128.store(y, x1, 16); v128.store(y, x0); v128.store(y, x3, 48); v128.store(y, x2, 32);
    v128.store(v, x5, 16); v128.store(v, x4); v128.store(v, x7, 48); v128.store(v, x6, 32);
  }
}
