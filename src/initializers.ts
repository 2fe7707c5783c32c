/** Initial weights, in the logical layout of their names. Defaults follow Keras 3. */

import { positiveInteger } from "./options.ts";
import type { Random } from "./random.ts";
import { elementCount } from "./shape.ts";

/** Zeros of the given shape. */
export function zeros(shape: readonly number[]): Float32Array {
  return new Float32Array(elementCount(shape));
}

/** Numbers of the given shape from U[min, max). */
export function uniform(random: Random, shape: readonly number[], min: number, max: number): Float32Array {
  return zeros(shape).map(() => random.uniform(min, max));
}

/**
 * U[-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)), which keeps the variance of activations and gradients
 * (Glorot and Bengio 2010). Throws OptionError unless both fans are positive integers.
 */
export function glorotUniform(random: Random, shape: readonly number[], fanIn: number, fanOut: number): Float32Array {
  const fans = positiveInteger("glorotUniform", "fanIn", fanIn) + positiveInteger("glorotUniform", "fanOut", fanOut);
  const limit = Math.sqrt(6 / fans);
  return uniform(random, shape, -limit, limit);
}

/**
 * A row-major [rows, columns] matrix whose rows (or columns, whichever are fewer) are orthonormal, uniform over all
 * such matrices (Saxe et al. 2014): the Q of a Gaussian matrix = Q R with a positive diagonal of R, as in Keras.
 * Gram-Schmidt yields just that sign; in float64 its loss of orthogonality stays far below float32's precision.
 * Throws OptionError unless rows and columns are positive integers.
 */
export function orthogonal(random: Random, rows: number, columns: number): Float32Array {
  positiveInteger("orthogonal", "rows", rows);
  positiveInteger("orthogonal", "columns", columns);
  const length = Math.max(rows, columns);
  const count = Math.min(rows, columns);
  const vectors = new Float64Array(elementCount([count, length]));
  for (let i = 0; i < vectors.length; i++) vectors[i] = random.normal();
  for (let i = 0; i < count; i++) {
    subtractProjections(vectors, i, length);
    normalise(vectors.subarray(i * length, (i + 1) * length));
  }
  return rows < columns ? Float32Array.from(vectors) : transposed(vectors, count, length);
}

/** The bias of an LSTM, [4 units] in the order i f g o: ones for the forget gate, so that cells remember at first. */
export function forgetBias(units: number): Float32Array {
  positiveInteger("forgetBias", "units", units);
  return zeros([4, units]).fill(1, units, 2 * units);
}

/**
 * Subtracts from vector `index` its projections on the unit vectors before it, four in a pass, whose sums do not wait
 * for each other: one by one takes 1.5 times as long in Node 20.
 */
function subtractProjections(vectors: Float64Array, index: number, length: number): void {
  const vector = vectors.subarray(index * length, (index + 1) * length);
  const row = (j: number) => vectors.subarray(j * length, (j + 1) * length);
  const whole = index - (index % 4);
  for (let j = 0; j < whole; j += 4) subtractFour(vector, row(j), row(j + 1), row(j + 2), row(j + 3));
  for (let j = whole; j < index; j++) subtractOne(vector, row(j));
}

function subtractFour(v: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array): void {
  let va = 0;
  let vb = 0;
  let vc = 0;
  let vd = 0;
  for (let i = 0; i < v.length; i++) {
    const x = v[i] ?? 0;
    va += x * (a[i] ?? 0);
    vb += x * (b[i] ?? 0);
    vc += x * (c[i] ?? 0);
    vd += x * (d[i] ?? 0);
  }
  for (let i = 0; i < v.length; i++) {
    const ab = va * (a[i] ?? 0) + vb * (b[i] ?? 0);
    v[i] = (v[i] ?? 0) - (ab + (vc * (c[i] ?? 0) + vd * (d[i] ?? 0)));
  }
}

function subtractOne(v: Float64Array, a: Float64Array): void {
  const factor = dot(v, a);
  for (let i = 0; i < v.length; i++) v[i] = (v[i] ?? 0) - factor * (a[i] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function normalise(vector: Float64Array): void {
  const scale = 1 / Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) * scale;
}

/** [count, length] to [length, count], in float32. */
function transposed(vectors: Float64Array, count: number, length: number): Float32Array {
  const result = new Float32Array(vectors.length);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < length; j++) result[j * count + i] = vectors[i * length + j] ?? 0;
  }
  return result;
}
