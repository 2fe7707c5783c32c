/** The JSON header of a safetensors file, with every rule of the reference's deserializer. */
import { FormatError } from "../errors.ts";
import { describe } from "../options.ts";
import { formatShape } from "../shape.ts";
import { JsonBytes } from "./json-bytes.ts";
import { BITS, type DType } from "./stored.ts";

/** The key that is not a tensor. */
export const METADATA = "__metadata__";

/** Bytes of a header; the reference's bound. */
export const LONGEST_HEADER = 100_000_000;
/** Tensors and entries of the metadata; bytes of all strings; dimensions. They bound memory, not what is real. */
export const MOST_ENTRIES = 100_000;
export const MOST_TEXT = 16_777_216;
export const MOST_DIMENSIONS = 32;

const WHAT = "The header of the safetensors file";

/** A tensor of the header; `begin` and `end` count from the end of the header. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of the data, without holes from its first byte to its last. */
  readonly entries: readonly Entry[];
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Parses a header for `dataBytes` bytes of data; throws FormatError. As in the reference the last of equal names wins
 * and unknown fields are passed over. Stricter than it: an entry is an object, a dtype a string, numbers end at
 * 2^53 - 1, and the bounds above.
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number): Header {
  const json = new JsonBytes(bytes, WHAT, MOST_TEXT);
  const entries = new Map<string, Entry>();
  let metadata: Map<string, string> | undefined;
  let count = 0;
  for (const name of json.keys()) {
    if (name !== METADATA) entries.set(name, readEntry(json, name));
    else if (metadata !== undefined) throw new FormatError(`${WHAT} has ${METADATA} twice.`);
    else metadata = readMetadata(json);
    if (++count > MOST_ENTRIES) throw tooMany("tensors");
  }
  json.end();
  const inOrder = [...entries.values()].sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const entry of inOrder) requireSize(entry);
  requireNoHoles(inOrder, dataBytes);
  return { entries: inOrder, metadata: metadata ?? new Map() };
}

function readMetadata(json: JsonBytes): Map<string, string> {
  const metadata = new Map<string, string>();
  if (json.isNull()) return metadata;
  let count = 0;
  for (const key of json.keys()) {
    metadata.set(key, json.string());
    if (++count > MOST_ENTRIES) throw tooMany("entries of the metadata");
  }
  return metadata;
}

function readEntry(json: JsonBytes, name: string): Entry {
  const owner = ownerOf(name);
  let dtype: DType | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  const once = (key: string, value: unknown) => {
    if (value !== undefined) throw new FormatError(`${owner} has its ${key} twice.`);
  };
  for (const key of json.keys()) {
    if (key === "dtype") {
      once(key, dtype);
      dtype = readDtype(json, owner);
    } else if (key === "shape") {
      once(key, shape);
      shape = readSizes(json, owner, "dimensions", MOST_DIMENSIONS);
    } else if (key === "data_offsets") {
      once(key, offsets);
      offsets = readSizes(json, owner, "data_offsets", 2);
    } else json.skip();
  }
  const missing = dtype === undefined ? "dtype" : shape === undefined ? "shape" : "data_offsets";
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    throw new FormatError(`${owner} has no ${missing}.`);
  }
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined) {
    throw new FormatError(`${owner} has ${offsets.length} data_offsets where there must be 2.`);
  }
  return { name, dtype, shape, begin, end };
}

function readDtype(json: JsonBytes, owner: string): DType {
  const name = json.string();
  if (Object.hasOwn(BITS, name)) return name as DType;
  throw new FormatError(`${owner} has the unknown dtype ${describe(name)}.`);
}

function readSizes(json: JsonBytes, owner: string, what: string, most: number): number[] {
  const sizes: number[] = [];
  for (const index of json.indices()) {
    if (index === most) throw new FormatError(`${owner} has more than ${most} ${what}.`);
    const text = json.number();
    const size = /^\d+$/.test(text) ? Number(text) : -1;
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new FormatError(`${owner} has ${text} among its ${what}, which are integers from 0 to 2^53 - 1.`);
    }
    sizes.push(size);
  }
  return sizes;
}

function requireSize({ name, dtype, shape, begin, end }: Entry): void {
  const owner = ownerOf(name);
  if (end < begin) throw new FormatError(`${owner} ends at ${end} before it begins at ${begin}.`);
  let bits = BITS[dtype];
  for (const size of shape) {
    bits *= size;
    if (bits > Number.MAX_SAFE_INTEGER) {
      throw new FormatError(`${owner} is too large: ${dtype} of shape ${formatShape(shape)} has 2^53 bits or more.`);
    }
  }
  if (bits % 8 !== 0) {
    throw new FormatError(`${owner} ends within a byte: ${dtype} of shape ${formatShape(shape)} has ${bits} bits.`);
  }
  if (bits / 8 !== end - begin) {
    const needed = `${dtype} of shape ${formatShape(shape)} has ${bits / 8} bytes`;
    throw new FormatError(`${owner} does not fit: ${needed}, its data_offsets [${begin}, ${end}] hold ${end - begin}.`);
  }
}

function requireNoHoles(inOrder: readonly Entry[], dataBytes: number): void {
  let start = 0;
  for (const { name, begin, end } of inOrder) {
    if (begin !== start) {
      const fault = `${begin > start ? "leaves a hole" : "overlaps another"}: it begins at ${begin}`;
      throw new FormatError(`${ownerOf(name)} ${fault}, but the data before it ends at ${start}.`);
    }
    start = end;
  }
  if (start === dataBytes) return;
  const fault = start > dataBytes ? "is cut off" : "has bytes of no tensor at its end";
  throw new FormatError(`The safetensors file ${fault}: its tensors have ${start} bytes, its data has ${dataBytes}.`);
}

function ownerOf(name: string): string {
  return `Tensor ${describe(name)} of the safetensors file`;
}

function tooMany(what: string): FormatError {
  return new FormatError(`${WHAT} has more than ${MOST_ENTRIES} ${what}.`);
}
