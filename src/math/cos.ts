/** The cosine from + - * / only: `Math.log` and its like differ between engines in the last bits. */

/** pi / 2 in four parts; the first three have 33 bits, so their products with an integer up to 2^20 are exact. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;
const LARGEST_ANGLE = 1048576;

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
