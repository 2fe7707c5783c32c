/** The logarithm from + - * / only: `Math.log` and its like differ between engines in the last bits. */

/** ln 2 in two parts; the high one has 40 bits, so its product with an exponent is exact. */
export const LN2_HIGH = 0.6931471805592082;
export const LN2_LOW = 7.371002565167799e-13;
const TWO_54 = 18014398509481984;

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
