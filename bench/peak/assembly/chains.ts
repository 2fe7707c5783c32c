/**
 * Arithmetic on registers only: what one core can do at best. Every loop keeps `n` independent accumulators; each form has
 * one entry per `n`, because the best number depends on latency, on free registers and on the engine's allocator. In V8's machine
 * code the loops of 8, 10 and 12 touch no memory; 14 need 16 registers, one more than there is, and spill one.
 */
import { madd } from "../../../assembly/simd/f32x4";

/** acc * m + c depends on the accumulator, so the product cannot be hoisted; with m = -1 it alternates between two values. */
class Chained {
  // @ts-ignore: decorator
  @inline even(acc: v128, m: v128, c: v128): v128 {
    return madd(acc, m, c);
  }

  // @ts-ignore: decorator
  @inline odd(acc: v128, m: v128, c: v128): v128 {
    return madd(acc, m, c);
  }
}

/** Half of the chains multiply, half add: no multiply-add waits for its own product. One operation is half the FLOP. */
class Separate {
  // @ts-ignore: decorator
  @inline even(acc: v128, m: v128, _c: v128): v128 {
    return f32x4.mul(acc, m);
  }

  // @ts-ignore: decorator
  @inline odd(acc: v128, _m: v128, c: v128): v128 {
    return f32x4.add(acc, c);
  }
}

/**
 * x: m, c, then n starting values, all v128; y: one v128, the sum, which keeps every chain alive. Inlined with a constant n, so
 * the accumulators from n on vanish from the binary. FLOP: 8 n a round chained, 4 n separate.
 */
// @ts-ignore: decorator
@inline
function run<Form>(y: usize, x: usize, rounds: i32, n: i32): void {
  const form = changetype<Form>(0);
  const m = v128.load(x);
  const c = v128.load(x, 16);
  let a0 = v128.load(x, 32);
  let a1 = v128.load(x, 48);
  let a2 = v128.load(x, 64);
  let a3 = v128.load(x, 80);
  let a4 = v128.load(x, 96);
  let a5 = v128.load(x, 112);
  let a6 = v128.load(x, 128);
  let a7 = v128.load(x, 144);
  let a8 = v128.load(x, 160);
  let a9 = v128.load(x, 176);
  let a10 = v128.load(x, 192);
  let a11 = v128.load(x, 208);
  let a12 = v128.load(x, 224);
  let a13 = v128.load(x, 240);
  for (; rounds > 0; --rounds) {
    a0 = form.even(a0, m, c);
    a1 = form.odd(a1, m, c);
    a2 = form.even(a2, m, c);
    a3 = form.odd(a3, m, c);
    a4 = form.even(a4, m, c);
    a5 = form.odd(a5, m, c);
    a6 = form.even(a6, m, c);
    a7 = form.odd(a7, m, c);
    if (n > 8) {
      a8 = form.even(a8, m, c);
      a9 = form.odd(a9, m, c);
    }
    if (n > 10) {
      a10 = form.even(a10, m, c);
      a11 = form.odd(a11, m, c);
    }
    if (n > 12) {
      a12 = form.even(a12, m, c);
      a13 = form.odd(a13, m, c);
    }
  }
  let sum = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)));
  if (n > 8) sum = f32x4.add(sum, f32x4.add(a8, a9));
  if (n > 10) sum = f32x4.add(sum, f32x4.add(a10, a11));
  if (n > 12) sum = f32x4.add(sum, f32x4.add(a12, a13));
  v128.store(y, sum);
}

export function chained8(y: usize, x: usize, rounds: i32): void {
  run<Chained>(y, x, rounds, 8);
}

export function chained10(y: usize, x: usize, rounds: i32): void {
  run<Chained>(y, x, rounds, 10);
}

export function chained12(y: usize, x: usize, rounds: i32): void {
  run<Chained>(y, x, rounds, 12);
}

export function chained14(y: usize, x: usize, rounds: i32): void {
  run<Chained>(y, x, rounds, 14);
}

export function separate8(y: usize, x: usize, rounds: i32): void {
  run<Separate>(y, x, rounds, 8);
}

export function separate10(y: usize, x: usize, rounds: i32): void {
  run<Separate>(y, x, rounds, 10);
}

export function separate12(y: usize, x: usize, rounds: i32): void {
  run<Separate>(y, x, rounds, 12);
}

export function separate14(y: usize, x: usize, rounds: i32): void {
  run<Separate>(y, x, rounds, 14);
}

/**
 * Twelve pairs of neighbours, chained and stored as such, which V8 joins into vectors of 256 bits where it is asked to; else there
 * are too few registers. x holds m, c and 24 starting values. FLOP: 192 a round.
 */
// prettier-ignore
export function paired12(y: usize, x: usize, rounds: i32): void {
  const m = v128.load32_splat(x), c = v128.load32_splat(x, 16);
  let a0 = v128.load(x, 32), a1 = v128.load(x, 48), a2 = v128.load(x, 64), a3 = v128.load(x, 80);
  let a4 = v128.load(x, 96), a5 = v128.load(x, 112), a6 = v128.load(x, 128), a7 = v128.load(x, 144);
  let a8 = v128.load(x, 160), a9 = v128.load(x, 176), a10 = v128.load(x, 192), a11 = v128.load(x, 208);
  let a12 = v128.load(x, 224), a13 = v128.load(x, 240), a14 = v128.load(x, 256), a15 = v128.load(x, 272);
  let a16 = v128.load(x, 288), a17 = v128.load(x, 304), a18 = v128.load(x, 320), a19 = v128.load(x, 336);
  let a20 = v128.load(x, 352), a21 = v128.load(x, 368), a22 = v128.load(x, 384), a23 = v128.load(x, 400);
  for (; rounds > 0; --rounds) {
    a0 = madd(a0, m, c); a1 = madd(a1, m, c); a2 = madd(a2, m, c); a3 = madd(a3, m, c);
    a4 = madd(a4, m, c); a5 = madd(a5, m, c); a6 = madd(a6, m, c); a7 = madd(a7, m, c);
    a8 = madd(a8, m, c); a9 = madd(a9, m, c); a10 = madd(a10, m, c); a11 = madd(a11, m, c);
    a12 = madd(a12, m, c); a13 = madd(a13, m, c); a14 = madd(a14, m, c); a15 = madd(a15, m, c);
    a16 = madd(a16, m, c); a17 = madd(a17, m, c); a18 = madd(a18, m, c); a19 = madd(a19, m, c);
    a20 = madd(a20, m, c); a21 = madd(a21, m, c); a22 = madd(a22, m, c); a23 = madd(a23, m, c);
  }
  v128.store(y, a1, 16); v128.store(y, a0, 0); v128.store(y, a3, 48); v128.store(y, a2, 32);
  v128.store(y, a5, 80); v128.store(y, a4, 64); v128.store(y, a7, 112); v128.store(y, a6, 96);
  v128.store(y, a9, 144); v128.store(y, a8, 128); v128.store(y, a11, 176); v128.store(y, a10, 160);
  v128.store(y, a13, 208); v128.store(y, a12, 192); v128.store(y, a15, 240); v128.store(y, a14, 224);
  v128.store(y, a17, 272); v128.store(y, a16, 256); v128.store(y, a19, 304); v128.store(y, a18, 288);
  v128.store(y, a21, 336); v128.store(y, a20, 320); v128.store(y, a23, 368); v128.store(y, a22, 352);
}

/** The same with half of the pairs multiplying, half adding. FLOP: 96 a round. */
// prettier-ignore
export function pairedSeparate12(y: usize, x: usize, rounds: i32): void {
  const m = v128.load32_splat(x), c = v128.load32_splat(x, 16);
  let a0 = v128.load(x, 32), a1 = v128.load(x, 48), a2 = v128.load(x, 64), a3 = v128.load(x, 80);
  let a4 = v128.load(x, 96), a5 = v128.load(x, 112), a6 = v128.load(x, 128), a7 = v128.load(x, 144);
  let a8 = v128.load(x, 160), a9 = v128.load(x, 176), a10 = v128.load(x, 192), a11 = v128.load(x, 208);
  let a12 = v128.load(x, 224), a13 = v128.load(x, 240), a14 = v128.load(x, 256), a15 = v128.load(x, 272);
  let a16 = v128.load(x, 288), a17 = v128.load(x, 304), a18 = v128.load(x, 320), a19 = v128.load(x, 336);
  let a20 = v128.load(x, 352), a21 = v128.load(x, 368), a22 = v128.load(x, 384), a23 = v128.load(x, 400);
  for (; rounds > 0; --rounds) {
    a0 = f32x4.mul(a0, m); a1 = f32x4.mul(a1, m); a2 = f32x4.add(a2, c); a3 = f32x4.add(a3, c);
    a4 = f32x4.mul(a4, m); a5 = f32x4.mul(a5, m); a6 = f32x4.add(a6, c); a7 = f32x4.add(a7, c);
    a8 = f32x4.mul(a8, m); a9 = f32x4.mul(a9, m); a10 = f32x4.add(a10, c); a11 = f32x4.add(a11, c);
    a12 = f32x4.mul(a12, m); a13 = f32x4.mul(a13, m); a14 = f32x4.add(a14, c); a15 = f32x4.add(a15, c);
    a16 = f32x4.mul(a16, m); a17 = f32x4.mul(a17, m); a18 = f32x4.add(a18, c); a19 = f32x4.add(a19, c);
    a20 = f32x4.mul(a20, m); a21 = f32x4.mul(a21, m); a22 = f32x4.add(a22, c); a23 = f32x4.add(a23, c);
  }
  v128.store(y, a1, 16); v128.store(y, a0, 0); v128.store(y, a3, 48); v128.store(y, a2, 32);
  v128.store(y, a5, 80); v128.store(y, a4, 64); v128.store(y, a7, 112); v128.store(y, a6, 96);
  v128.store(y, a9, 144); v128.store(y, a8, 128); v128.store(y, a11, 176); v128.store(y, a10, 160);
  v128.store(y, a13, 208); v128.store(y, a12, 192); v128.store(y, a15, 240); v128.store(y, a14, 224);
  v128.store(y, a17, 272); v128.store(y, a16, 256); v128.store(y, a19, 304); v128.store(y, a18, 288);
  v128.store(y, a21, 336); v128.store(y, a20, 320); v128.store(y, a23, 368); v128.store(y, a22, 352);
}
