/** The exponential function from + - * / only: `Math.log` and its like differ between engines in the last bits. */
import { LN2_HIGH, LN2_LOW } from "./log.ts";

const scratch = new DataView(new ArrayBuffer(8));

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
