/**
 * Activations by number, and the slope of each from its own output, so that no pre-activation has to be kept. Keras 3's
 * definitions: leaky_relu has slope 0.2, elu alpha 1, hard_sigmoid is relu6(x + 3) / 6. Where a function has a kink, the
 * slope is the one of PyTorch and Keras: that of the left side, and 0 where relu6 and hard_sigmoid saturate.
 *
 * tanh and sigmoid have the bits of math.ts. NaN stays NaN, and softsign of infinity is NaN as it is there.
 */
import { madd } from "./f32x4";
import { exp, expm1, limited, MATH, ONE, power, remainder, rounded, sigmoid, TWO } from "./math";

/** The same numbers stand in src/layers/activations.ts. */
export const LINEAR: i32 = 0;
export const TANH: i32 = 1;
export const SIGMOID: i32 = 2;
export const HARD_SIGMOID: i32 = 3;
export const RELU: i32 = 4;
export const RELU6: i32 = 5;
export const LEAKY_RELU: i32 = 6;
export const ELU: i32 = 7;
export const SELU: i32 = 8;
export const SOFTPLUS: i32 = 9;
export const SOFTSIGN: i32 = 10;
export const EXPONENTIAL: i32 = 11;

const LEAK: f32 = 0.2;
/** Klambauer et al. 2017. */
const SELU_SCALE: f32 = 1.0507009873554805;
const SELU_ALPHA: f32 = 1.6732632423543772;

/** y = activation(x), four lanes. */
export function activate(x: v128, code: i32): v128 {
  switch (code) {
    case TANH:
      const m = expMinusOne(f32x4.add(x, x));
      return f32x4.div(m, f32x4.add(m, v128.load32_splat(MATH, TWO)));
    case SIGMOID:
      return sigmoid(x);
    case HARD_SIGMOID:
      return f32x4.div(between0And6(f32x4.add(x, f32x4.splat(3))), f32x4.splat(6));
    case RELU:
      return f32x4.pmax(x, f32x4.splat(0));
    case RELU6:
      return between0And6(x);
    case LEAKY_RELU:
      return positiveOr(x, x, f32x4.mul(x, f32x4.splat(LEAK)));
    case ELU:
      return positiveOr(x, x, expMinusOne(x));
    case SELU:
      const negative = f32x4.mul(expMinusOne(x), f32x4.splat(SELU_ALPHA));
      return f32x4.mul(positiveOr(x, x, negative), f32x4.splat(SELU_SCALE));
    case SOFTPLUS:
      return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p(exponential(f32x4.neg(f32x4.abs(x)))));
    case SOFTSIGN:
      return f32x4.div(x, f32x4.add(f32x4.abs(x), v128.load32_splat(MATH, ONE)));
    case EXPONENTIAL:
      return exponential(x);
    default:
      return x;
  }
}

/** dy/dx from y = activation(x), four lanes. */
export function slope(y: v128, code: i32): v128 {
  return v128.or(slopeOfNumber(y, code), f32x4.ne(y, y));
}

function slopeOfNumber(y: v128, code: i32): v128 {
  const one = v128.load32_splat(MATH, ONE);
  const zero = f32x4.splat(0);
  switch (code) {
    case TANH:
      return f32x4.sub(one, f32x4.mul(y, y));
    case SIGMOID:
      return f32x4.mul(y, f32x4.sub(one, y));
    case HARD_SIGMOID:
      return v128.and(f32x4.splat(1.0 / 6.0), v128.and(f32x4.gt(y, zero), f32x4.lt(y, one)));
    case RELU:
      return positiveOr(y, one, zero);
    case RELU6:
      return v128.and(one, v128.and(f32x4.gt(y, zero), f32x4.lt(y, f32x4.splat(6))));
    case LEAKY_RELU:
      return positiveOr(y, one, f32x4.splat(LEAK));
    case ELU:
      return positiveOr(y, one, f32x4.add(y, one));
    case SELU:
      return positiveOr(y, f32x4.splat(SELU_SCALE), f32x4.add(y, f32x4.splat(SELU_SCALE * SELU_ALPHA)));
    case SOFTPLUS:
      return f32x4.neg(expMinusOne(f32x4.neg(y)));
    case SOFTSIGN:
      const rest = f32x4.sub(one, f32x4.abs(y));
      return f32x4.mul(rest, rest);
    case EXPONENTIAL:
      return y;
    default:
      return one;
  }
}

/** `yes` where x > 0, else `no`. */
// @ts-ignore: decorator
@inline
function positiveOr(x: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, f32x4.gt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function between0And6(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(6)), f32x4.splat(0));
}

/** exp of math.ts as a call: for code that is run too seldom to carry a copy. */
export function exponential(x: v128): v128 {
  return exp(x);
}

/** e^x - 1 for x <= 88, the numerator of tanh in math.ts: no digits cancel near 0. */
function expMinusOne(x: v128): v128 {
  x = limited(x);
  const t = rounded(x);
  const s = power(t);
  return madd(expm1(remainder(x, t)), s, f32x4.sub(s, v128.load32_splat(MATH, ONE)));
}

/** log(1 + e) for e in [0, 1]: 2 artanh(z), z = e / (2 + e) <= 1/3, eight terms (1.4e-9 of it). */
function log1p(e: v128): v128 {
  const z = f32x4.div(e, f32x4.add(e, v128.load32_splat(MATH, TWO)));
  const z2 = f32x4.mul(z, z);
  let series = f32x4.splat(0);
  for (let k = 15; k > 0; k -= 2) series = madd(series, z2, f32x4.splat(1 / <f32>k));
  return f32x4.mul(f32x4.add(z, z), series);
}
