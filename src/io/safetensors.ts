/**
 * safetensors files (https://huggingface.co/docs/safetensors):
 *
 *     u64 header length N | header, JSON in N bytes | data of all tensors, little-endian, row-major, without holes
 */
import { FormatError, OptionError, OutOfMemoryError, ShapeError } from "../errors.ts";
import { describe, refuse } from "../options.ts";
import { elementCount, formatShape } from "../shape.ts";
import {
  LONGEST_HEADER,
  METADATA,
  MOST_DIMENSIONS,
  MOST_ENTRIES,
  MOST_TEXT,
  parseHeader,
} from "./safetensors-header.ts";
import type { DType, StoredTensor } from "./stored.ts";

/** Bytes of the header's length; data starts at a multiple of it too. */
const LENGTH_BYTES = 8;
const OWNER = "writeSafetensors()";

/** In the order of `BITS`. */
const DTYPES: readonly (readonly [array: string, dtype: DType])[] = [
  ["Uint8Array", "U8"],
  ["Int32Array", "I32"],
  ["Uint32Array", "U32"],
  ["Float32Array", "F32"],
  ["Float64Array", "F64"],
];

/** A tensor to write, as F32, F64, I32, U32 or U8 after its data. */
export interface WritableTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of the data. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * The bytes of a file with these tensors and metadata, as the reference writes it: widest dtype first, then by name.
 * Equal content gives equal bytes, whatever the order of names and keys and the bits of a NaN. Throws OptionError for
 * a name that is no text or comes twice and for metadata that is not text, ShapeError, OutOfMemoryError.
 *
 * ```ts
 * const bytes = writeSafetensors([{ name: "bias", shape: [3], data: new Float32Array(3) }], { epoch: "7" });
 * ```
 */
export function writeSafetensors(
  tensors: Iterable<WritableTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const items = Array.from(tensors, toItem);
  items.sort((a, b) => b.rank - a.rank || compare(a.key, b.key));
  const names = new Set<string>();
  for (const { name } of items) {
    if (names.has(name)) throw new OptionError(`${OWNER} got two tensors called ${describe(name)}.`);
    names.add(name);
  }
  const header = headerOf(items, metadata);
  const dataBytes = items.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const file = allocate(LENGTH_BYTES + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + header.length;
  for (const { bytes, dtype } of items) {
    file.set(bytes, at);
    if (dtype === "F32") makeNaNsEqual32(new Uint32Array(file.buffer, at, bytes.length / 4));
    if (dtype === "F64") makeNaNsEqual64(new Uint32Array(file.buffer, at, bytes.length / 4));
    at += bytes.length;
  }
  return file;
}

/**
 * The tensors of a file, as views of its bytes, and its metadata. Whatever the bytes are, it ends in time proportional
 * to the file with a result or a FormatError.
 *
 * ```ts
 * const { tensors, metadata } = readSafetensors(await readFileBytes("model.safetensors"));
 * const weight = tensors.get("lstm.weight_ih");
 * if (weight !== undefined) toFloat32(weight);
 * ```
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  if (Object.prototype.toString.call(bytes) !== "[object Uint8Array]") {
    refuse("readSafetensors()", "bytes", "a Uint8Array", bytes);
  }
  // Not `bytes` itself: the slice of a Buffer is a view, not a copy.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const dataStart = LENGTH_BYTES + headerLength(file);
  const data = file.subarray(dataStart);
  const { entries, metadata } = parseHeader(file.subarray(LENGTH_BYTES, dataStart), data.length);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { name, dtype, shape, bytes: data.subarray(begin, end) });
  }
  return { tensors, metadata };
}

function headerLength(file: Uint8Array): number {
  if (file.length < LENGTH_BYTES) {
    throw new FormatError(`A safetensors file has at least ${LENGTH_BYTES} bytes, got ${file.length}.`);
  }
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > LONGEST_HEADER) {
    const bound = `more than the ${LONGEST_HEADER} allowed`;
    throw new FormatError(`This is no safetensors file: its header would have ${length} bytes, ${bound}.`);
  }
  const rest = file.length - LENGTH_BYTES;
  if (length > rest) {
    throw new FormatError(`The safetensors file is cut off: its header has ${length} bytes, only ${rest} follow.`);
  }
  return Number(length);
}

interface Item {
  readonly name: string;
  /** The name in UTF-8. */
  readonly key: Uint8Array;
  readonly dtype: DType;
  readonly rank: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

function toItem({ name, shape, data }: WritableTensor, index: number): Item {
  const key = toKey(name, `the name of tensor ${index}`);
  if (name === METADATA) refuse(OWNER, `the name of tensor ${index}`, "a name that is not reserved", name);
  const kind = Object.prototype.toString.call(data).slice("[object ".length, -1);
  const rank = DTYPES.findIndex(([array]) => array === kind);
  const [, dtype] =
    DTYPES[rank] ?? refuse(OWNER, `the data of tensor ${describe(name)}`, "a typed array it knows", data);
  const count = elementCount(shape);
  if (count !== data.length || shape.length > MOST_DIMENSIONS) {
    const wanted = `data of ${data.length} elements and at most ${MOST_DIMENSIONS} dimensions`;
    throw new ShapeError(`Tensor ${describe(name)} has ${wanted}, got shape ${formatShape(shape)}.`);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, key, dtype, rank, shape: [...shape], bytes };
}

/** Text in UTF-8; throws OptionError for what UTF-8 cannot hold. */
function toKey(text: unknown, what: string): Uint8Array {
  const isText = typeof text === "string" && !/[\uD800-\uDFFF]/u.test(text);
  return isText ? new TextEncoder().encode(text) : refuse(OWNER, what, "a string without lone surrogates", text);
}

function headerOf(items: readonly Item[], metadata: Readonly<Record<string, string>> | undefined): Uint8Array {
  const pairs = metadata === undefined ? [] : metadataPairs(metadata);
  const entries = metadata === undefined ? [] : [`"${METADATA}":{${pairs.join(",")}}`];
  let at = 0;
  for (const { name, dtype, shape, bytes } of items) {
    const offsets = `${at},${at + bytes.length}`;
    entries.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${offsets}]}`,
    );
    at += bytes.length;
  }
  const text = new TextEncoder().encode(`{${entries.join(",")}}`);
  const most = Math.max(entries.length, pairs.length);
  if (most > MOST_ENTRIES || text.length > MOST_TEXT) {
    const bounds = `at most ${MOST_ENTRIES} entries and ${MOST_TEXT} bytes`;
    throw new OptionError(`${OWNER} makes headers of ${bounds}, not ${most} and ${text.length}: write several files.`);
  }
  const padded = new Uint8Array(Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES).fill(0x20);
  padded.set(text);
  return padded;
}

function metadataPairs(metadata: Readonly<Record<string, string>>): readonly string[] {
  if (typeof metadata !== "object" || metadata === null) refuse(OWNER, "metadata", "an object of strings", metadata);
  const pairs = Object.entries(metadata).map(([name, value]) => {
    const key = toKey(name, "every key of metadata");
    toKey(value, `metadata ${describe(name)}`);
    return { key, text: `${JSON.stringify(name)}:${JSON.stringify(value)}` };
  });
  return pairs.sort((a, b) => compare(a.key, b.key)).map(({ text }) => text);
}

/** Byte by byte, as the reference orders names; JavaScript's own order of strings is another one past U+D7FF. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new OutOfMemoryError(`A file of ${bytes} bytes is more than the engine allows: write several files.`, {
      cause,
    });
  }
}

/** The bits of a NaN differ between engines; the one written is the quiet one without payload. */
function makeNaNsEqual32(words: Uint32Array): void {
  for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & 0x7fffffff) > 0x7f800000) words[i] = 0x7fc00000;
}

function makeNaNsEqual64(words: Uint32Array): void {
  for (let i = 1; i < words.length; i += 2) {
    const high = (words[i] ?? 0) & 0x7fffffff;
    if (high < 0x7ff00000 || (high === 0x7ff00000 && words[i - 1] === 0)) continue;
    words[i - 1] = 0;
    words[i] = 0x7ff80000;
  }
}
