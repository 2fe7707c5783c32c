/** Tensors as plain records, their shapes, the conversion of nested arrays, and lengths of rows. */
import { OptionError, OutOfMemoryError, ShapeError } from "./errors.ts";
import { describe } from "./options.ts";

/** Row-major elements and their shape; the product of the shape is the number of elements, [] is a scalar. */
export interface Tensor<Data extends Float32Array | Int32Array = Float32Array | Int32Array> {
  readonly data: Data;
  readonly shape: readonly number[];
}

/** Weights or gradients by name. */
export type NamedTensors = Record<string, Tensor<Float32Array>>;

/** One row of numbers that is taken without a copy per element. */
export type NumberRow = Float32Array | Int32Array | Float64Array;

/** Arrays in arrays, the innermost of numbers; all arrays at one depth have the same length. */
export type NestedArray = readonly (number | NumberRow | NestedArray)[];

/** What every public call takes where it needs a tensor. */
export type TensorLike = Tensor | StridedArray | NumberRow | NestedArray;

/** An array package's object is taken when it is row-major from its start: strides in elements, offset 0. */
export interface StridedArray {
  readonly data: NumberRow;
  readonly shape: readonly number[];
  readonly strides?: readonly number[] | undefined;
  readonly stride?: readonly number[] | undefined;
  readonly offset?: number | undefined;
}

const DEEPEST = 32;

/**
 * A tensor of the given elements. Float32Array and Int32Array are kept, not copied; float64 values and nested arrays
 * become float32. Without a shape, a flat array is a vector, nested arrays have the shape of their nesting and a
 * number is a scalar; dimensions of size zero are allowed. Throws ShapeError when data and shape do not fit, when
 * nested arrays are ragged, and when an element is no number.
 *
 * ```ts
 * tensor([[1, 2, 3], [4, 5, 6]]).shape; // [2, 3]
 * tensor(new Float32Array(6), [2, 3]);
 * ```
 */
export function tensor(
  data: number | Float32Array | Float64Array | NestedArray,
  shape?: readonly number[],
): Tensor<Float32Array>;
export function tensor(data: number | NumberRow | NestedArray | StridedArray, shape?: readonly number[]): Tensor;
export function tensor(data: number | NumberRow | NestedArray | StridedArray, shape?: readonly number[]): Tensor {
  const { data: elements, shape: found } = read(data);
  if (shape === undefined) return { data: elements, shape: found };
  const count = elementCount(shape);
  if (count !== elements.length) {
    throw new ShapeError(
      `A tensor of shape ${formatShape(shape)} has ${count} elements, but the data has ${elements.length}.`,
    );
  }
  return { data: elements, shape: [...shape] };
}

/** A tensor as it is, nested arrays converted; throws ShapeError. */
export function toTensor(value: TensorLike): Tensor {
  return tensor(value as NestedArray | StridedArray | NumberRow);
}

/** `toTensor`, with a ShapeError that says who reads what. */
export function readTensor(owner: string, what: string, value: TensorLike): Tensor {
  try {
    return toTensor(value);
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    throw new ShapeError(`${owner} cannot read ${what}: ${cause.message}`, { cause });
  }
}

/** Whether a value is an array or a typed array. */
export function isArray(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

/** Steps of each row. Throws ShapeError unless there is one length a row, OptionError unless each is from 1 to `steps`. */
export function toLengths(owner: string, lengths: ArrayLike<number>, rows: number, steps: number): Int32Array {
  if (lengths.length !== rows) {
    throw new ShapeError(`${owner} expects one length for each of the ${rows} rows, got ${lengths.length}.`);
  }
  const result = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const length = lengths[row] as number;
    if (!Number.isInteger(length) || length < 1 || length > steps) {
      throw new OptionError(
        `${owner} needs lengths from 1 to the ${steps} steps of its input, got ${describe(length)} for row ${row}.`,
      );
    }
    result[row] = length;
  }
  return result;
}

/** The number of elements of a shape; throws ShapeError for a dimension that is no count, or past 2^53 - 1 elements. */
export function elementCount(shape: readonly number[]): number {
  if (!Array.isArray(shape)) {
    throw new ShapeError(`A shape is an array of dimensions like [32, 50, 8], got ${describe(shape)}.`);
  }
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new ShapeError(`A dimension is a non-negative integer, got ${describe(size)} in ${formatShape(shape)}.`);
    }
    count *= size;
  }
  if (!Number.isSafeInteger(count)) {
    throw new ShapeError(`A tensor of shape ${formatShape(shape)} has more than 2^53 - 1 elements.`);
  }
  return count;
}

/** Whether two shapes have the same dimensions. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A shape as messages show it: `[32, 50, 9]`; names and null stand for dimensions that are not fixed. */
export function formatShape(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((size) => (Object.is(size, -0) ? "-0" : String(size))).join(", ")}]`;
}

function read(data: unknown): Tensor {
  if (typeof data === "number") return { data: Float32Array.of(data), shape: [] };
  if (isRow(data)) return { data: toElements(data), shape: [data.length] };
  if (Array.isArray(data)) return fromNested(data);
  if (typeof data === "object" && data !== null && "data" in data && "shape" in data) {
    return fromStrided(data as StridedArray);
  }
  throw new ShapeError(`A tensor is made of numbers in arrays or in a Float32Array, got ${describe(data)}.`);
}

/** By tag and not by `instanceof`: test runners and frames bring typed arrays of another realm. */
function isRow(value: unknown): value is NumberRow {
  if (!ArrayBuffer.isView(value)) return false;
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Float32Array]" || tag === "[object Int32Array]" || tag === "[object Float64Array]";
}

function toElements(row: NumberRow): Float32Array | Int32Array {
  return row.BYTES_PER_ELEMENT === 8 ? Float32Array.from(row) : (row as Float32Array | Int32Array);
}

function fromStrided(source: StridedArray): Tensor {
  const { data, shape, offset = 0, strides = source.stride } = source;
  if (!isRow(data)) throw new ShapeError(`A tensor's data is a Float32Array or an Int32Array, got ${describe(data)}.`);
  const count = elementCount(shape);
  if (offset !== 0) throw new ShapeError(`A tensor starts at its first element, got an offset of ${describe(offset)}.`);
  if (strides !== undefined && !Array.isArray(strides)) {
    throw new ShapeError(`A tensor's strides are an array of numbers, got ${describe(strides)}.`);
  }
  if (strides !== undefined && count > 0 && !isRowMajor(shape, strides)) {
    throw new ShapeError(
      `A tensor is row-major, got strides ${formatShape([...strides])} for shape ${formatShape(shape)}: copy it first.`,
    );
  }
  return tensor(data, shape);
}

/** A stride of a dimension of size one never counts. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  if (strides.length !== shape.length) return false;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 0;
    if (size > 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

function fromNested(source: readonly unknown[]): Tensor {
  const shape: number[] = [];
  for (let inner: unknown = source; Array.isArray(inner) || isRow(inner); inner = inner[0]) {
    if (shape.push(inner.length) > DEEPEST) {
      throw new ShapeError(`Arrays are nested deeper than ${DEEPEST} levels: does one contain itself?`);
    }
    if (inner.length === 0) break;
  }
  const data = allocate(elementCount(shape), shape);
  fill(data, 0, source, shape, [], 0);
  return { data, shape };
}

function allocate(count: number, shape: readonly number[]): Float32Array {
  try {
    return new Float32Array(count);
  } catch (cause) {
    throw new OutOfMemoryError(
      `A tensor of shape ${formatShape(shape)} needs ${count * 4} bytes, which the engine refuses: split the data.`,
      { cause },
    );
  }
}

/** Writes `source`, which stands at the first `depth` indices of `at`, from element `start` on; returns the one after. */
function fill(
  data: Float32Array,
  start: number,
  source: unknown,
  shape: readonly number[],
  at: number[],
  depth: number,
): number {
  const length = shape[depth] ?? 0;
  const isLeaf = depth === shape.length - 1;
  if (!(Array.isArray(source) || (isLeaf && isRow(source))) || source.length !== length) {
    throw new ShapeError(
      `Nested arrays must not be ragged: expected ${length} elements at ${formatShape(at.slice(0, depth))}, got ${describe(source)}.`,
    );
  }
  let next = start;
  for (let i = 0; i < length; i++) {
    const item: unknown = source[i];
    at[depth] = i;
    if (!isLeaf) next = fill(data, next, item, shape, at, depth + 1);
    else if (typeof item === "number") data[next++] = item;
    else throw new ShapeError(`The element at ${formatShape(at)} must be a number, got ${describe(item)}.`);
  }
  return next;
}
