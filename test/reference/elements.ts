/** The element at `index`; an index outside the array is a mistake in the equations, never a silent undefined. */
export function at(array: ArrayLike<number>, index: number): number {
  const value = array[index];
  if (value === undefined) throw new RangeError(`Index ${index} is outside an array of ${array.length} elements.`);
  return value;
}

export function add(array: Float64Array, index: number, value: number): void {
  array[index] = at(array, index) + value;
}

/** Row `index` of a row-major matrix with `width` columns, as a view. */
export function row(matrix: Float64Array, index: number, width: number): Float64Array {
  const end = (index + 1) * width;
  if (end > matrix.length) throw new RangeError(`Row ${index} ends at ${end}, after ${matrix.length} elements.`);
  return matrix.subarray(index * width, end);
}

/** The sum of a[k] b[k]. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += at(a, k) * at(b, k);
  return sum;
}

/** y += scale x */
export function addScaled(y: Float64Array, scale: number, x: Float64Array): void {
  for (let k = 0; k < y.length; k++) add(y, k, scale * at(x, k));
}
