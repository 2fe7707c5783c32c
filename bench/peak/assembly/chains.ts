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
