/** Elementary functions from + - * / only: `Math.log` and its like differ between engines in the last bits. */

/** ln 2 in two parts; the high one has 40 bits, so its product with an exponent is exact. */
const LN2_HIGH = 0.6931471805592082;
const LN2_LOW = 7.371002565167799e-13;
const TWO_54 = 18014398509481984;

/** pi / 2 in four parts; the first three have 33 bits, so their products with an integer up to 2^20 are exact. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;
const LARGEST_ANGLE = 1048576;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Natural logarithm in float64, within 1 ulp; -Infinity at 0, NaN below.
 *
 * x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)], s = f / (2 + f), ln(1 + f) = 2 artanh(s) = f - s (f - R) with
 * R = 2 (s^2/3 + s^4/5 + ...). Since s^2 < 0.0295, what follows the tenth term is below 2^-60 of the result.
 */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x === Infinity ? x : NaN;
  let k = 0;
  let scaled = x;
  if (x < 2.2250738585072014e-308) {
    scaled *= TWO_54;
    k = -54;
  }
  scratch.setFloat64(0, scaled);
  const high = scratch.getUint32(0);
  k += (high >>> 20) - 1023;
  scratch.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = scratch.getFloat64(0);
  if (m > Math.SQRT2) {
    m *= 0.5;
    k += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const r = 2 * oddSeries(s * s);
  return k * LN2_HIGH - (s * (f - r) - k * LN2_LOW - f);
}

/** z/3 + z^2/5 + ... + z^10/21. */
function oddSeries(z: number): number {
  let sum = 0;
  for (let n = 21; n >= 3; n -= 2) sum = z * (1 / n + sum);
  return sum;
}

/**
 * e^x in float64, within 1 ulp; 0 below -745.13, Infinity above 709.78.
 *
 * x = k ln 2 + r with |r| <= ln 2 / 2, e^x = 2^k (1 + r + r^2/2 + ...). What follows the 14th power is below 2^-63.
 */
export function exp(x: number): number {
  if (!(x > -746)) return x < 0 ? 0 : x;
  if (x > 710) return Infinity;
  const k = Math.floor(x / Math.LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  let sum = 0;
  for (let n = 14; n >= 3; n--) sum = (r / n) * (1 + sum);
  const y = 1 + (high + (r * r * 0.5 * (1 + sum) - low));
  const half = Math.floor(k / 2);
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** 2^k for a normal number. */
function powerOfTwo(k: number): number {
  scratch.setFloat64(0, 0);
  scratch.setUint32(0, (k + 1023) << 20);
  return scratch.getFloat64(0);
}

/**
 * Cosine of x in radians, in float64, within 1 ulp for |x| <= 2^20; NaN beyond.
 *
 * x = n pi/2 + r with |r| <= pi/4, r in two numbers (Cody and Waite); then cos r or sin r by their series, whose left-out
 * terms are below 2^-62 of the result.
 */
export function cos(x: number): number {
  if (!(Math.abs(x) <= LARGEST_ANGLE)) return NaN;
  const n = Math.floor(x / HALF_PI[0] + 0.5);
  const [high, low] = remainder(x, n);
  const quadrant = n & 3;
  const value = quadrant % 2 === 0 ? cosNearZero(high, low) : sinNearZero(high, low);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}

/** x - n pi/2 as a number and what rounding it left out. */
function remainder(x: number, n: number): readonly [number, number] {
  const first = x - n * HALF_PI[0];
  const [second, secondLow] = difference(first, n * HALF_PI[1]);
  const [third, thirdLow] = difference(second, n * HALF_PI[2]);
  return difference(third, n * HALF_PI[3] - (secondLow + thirdLow));
}

/** a - b and its rounding error (Knuth's TwoSum). */
function difference(a: number, b: number): readonly [number, number] {
  const d = a - b;
  const back = d - a;
  return [d, a - (d - back) - (b + back)];
}

/** 1 - r^2/2 + r^4/24 - ... + r^18/18!, with 1 - r^2/2 exact in two numbers. */
function cosNearZero(r: number, low: number): number {
  const z = r * r;
  const half = 0.5 * z;
  let sum = 0;
  for (let n = 18; n >= 4; n -= 2) sum = (z / (n * (n - 1))) * (1 - sum);
  const first = 1 - half;
  return first + (1 - first - half + (half * sum - r * low));
}

/** r - r^3/6 + ... + r^17/17!. */
function sinNearZero(r: number, low: number): number {
  const z = r * r;
  let sum = 0;
  for (let n = 17; n >= 3; n -= 2) sum = (z / (n * (n - 1))) * (1 - sum);
  return r + (low * (1 - 0.5 * z) - r * sum);
}
