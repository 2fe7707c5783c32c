/**
 * Damaged copies of files, the same for the same seed: bytes of any format, and for safetensors the JSON of the header
 * and of its metadata too, so that damage gets past the first check.
 */
import type { Random } from "../../src/index.ts";
import { fileOf, joined } from "./bytes.ts";
import {
  changed,
  changedSizes,
  type Json,
  type Member,
  Members,
  NAMES,
  oddValue,
  parsed,
  pick,
  textOf,
  withOne,
} from "./mutate-json.ts";

/** A damaged file, and what was done to it. */
export interface Mutation {
  readonly what: string;
  readonly bytes: Uint8Array;
}

type ByteChange = (random: Random, bytes: Uint8Array) => Uint8Array;
type HeaderChange = (random: Random, header: Members) => Members;

const BYTE_CHANGES: Readonly<Record<string, ByteChange>> = {
  truncated: (random, bytes) => bytes.slice(0, random.integer(bytes.length + 1)),
  extended: (random, bytes) =>
    joined(
      bytes,
      Uint8Array.from({ length: 1 + random.integer(16) }, () => random.integer(256)),
    ),
  "a bit flipped": (random, bytes) =>
    overwritten(bytes, place(random, bytes), (byte) => byte ^ (1 << random.integer(8))),
  "a byte overwritten": (random, bytes) => overwritten(bytes, place(random, bytes), () => random.integer(256)),
  "an early byte overwritten": (random, bytes) => overwritten(bytes, random.integer(16), () => random.integer(256)),
  "a run overwritten": (random, bytes) => {
    const at = place(random, bytes);
    return bytes.slice().fill(random.integer(2) === 0 ? 0 : 255, at, at + 1 + random.integer(16));
  },
  "a piece cut out": (random, bytes) => {
    const [begin, end] = span(random, bytes);
    return joined(bytes.subarray(0, begin), bytes.subarray(end));
  },
  "a piece repeated": (random, bytes) => {
    const [begin, end] = span(random, bytes);
    return joined(bytes.subarray(0, end), bytes.subarray(begin));
  },
  "a piece moved": (random, bytes) => {
    const [begin, end] = span(random, bytes);
    const rest = joined(bytes.subarray(0, begin), bytes.subarray(end));
    const at = place(random, rest);
    return joined(rest.subarray(0, at), bytes.subarray(begin, end), rest.subarray(at));
  },
};

const DTYPES = ["F32", "F64", "F16", "BF16", "F4", "I64", "U8", "BOOL", "C64", "f32", "", "constructor"];
const FIELDS = ["dtype", "shape", "data_offsets"];

const HEADER_CHANGES: Readonly<Record<string, HeaderChange>> = {
  "another dtype": (random, header) => withField(random, header, "dtype", () => pick(random, DTYPES)),
  "another shape": (random, header) => withField(random, header, "shape", (shape) => changedSizes(random, shape)),
  "other offsets": (random, header) => withField(random, header, "data_offsets", (list) => changedSizes(random, list)),
  "another entry's offsets": (random, header) => {
    const entry = pick(random, header.list)?.[1];
    const offsets = entry instanceof Members ? entry.get("data_offsets") : undefined;
    return withField(random, header, "data_offsets", (own) => offsets ?? own);
  },
  "a field of another kind": (random, header) =>
    withField(random, header, pick(random, FIELDS), () => oddValue(random)),
  "a field dropped": (random, header) => withFields(random, header, (fields) => withOne(random, fields, () => [])),
  "a field twice": (random, header) => withFields(random, header, (fields) => [...fields, pick(random, fields)]),
  "an unknown field": (random, header) =>
    withFields(random, header, (fields) => [[pick(random, NAMES), oddValue(random)], ...fields]),
  "an entry of another kind": (random, header) => withMember(random, header, ([name]) => [[name, oddValue(random)]]),
  "another name": (random, header) => withMember(random, header, ([, entry]) => [[pick(random, NAMES), entry]]),
  "an entry dropped": (random, header) => withMember(random, header, () => []),
  "an entry twice": (random, header) => withMember(random, header, (member) => [member, member]),
  "entries reversed": (_, header) => new Members(header.list.toReversed()),
  "something else in the header": changedHeader,
  "metadata of another kind": (random, { list }) => new Members([["__metadata__", oddValue(random)], ...list]),
  "metadata changed": (random, header) => header.with("__metadata__", (metadata) => withText(random, metadata)),
  "keys of the prototype": (_, { list }) => {
    const polluted = new Members([["polluted", true]]);
    return new Members([["__proto__", polluted], ["constructor", new Members([["prototype", polluted]])], ...list]);
  },
};

/**
 * `count` damaged copies of `bytes`, each by one to three changes. Half of those of a safetensors file have a changed
 * header of the right length before the same data.
 */
export function* mutations(bytes: Uint8Array, random: Random, count: number): Generator<Mutation> {
  const file = partsOf(bytes);
  for (let i = 0; i < count; i++) {
    const times = 1 + random.integer(3);
    if (file === undefined || random.integer(2) === 0) {
      yield toMutation(random, BYTE_CHANGES, times, bytes, (damaged) => damaged);
    } else {
      yield toMutation(random, HEADER_CHANGES, times, file.header, (header) => fileOf(textOf(header), file.data));
    }
  }
}

const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Uint8Array.prototype];
const propertiesOf = (value: object) => Reflect.ownKeys(value).map(String).sort().join(" ");
const propertiesBefore = PROTOTYPES.map(propertiesOf);

/** Throws when a prototype has gained or lost a property since this file was loaded. */
export function requirePrototypesUntouched(): void {
  for (const [i, prototype] of PROTOTYPES.entries()) {
    const [before, now] = [propertiesBefore[i], propertiesOf(prototype)];
    if (now !== before) throw new Error(`A prototype had the properties ${before}, now it has ${now}.`);
  }
}

function toMutation<Value>(
  random: Random,
  changes: Readonly<Record<string, (random: Random, value: Value) => Value>>,
  times: number,
  value: Value,
  toBytes: (value: Value) => Uint8Array,
): Mutation {
  let damaged = value;
  const done: string[] = [];
  for (let i = 0; i < times; i++) {
    const [what, change] = pick(random, Object.entries(changes));
    damaged = change(random, damaged);
    done.push(what);
  }
  return { what: done.join(", "), bytes: toBytes(damaged) };
}

interface Parts {
  readonly header: Members;
  readonly data: Uint8Array;
}

/** Header and data of a safetensors file; undefined for anything else. */
function partsOf(bytes: Uint8Array): Parts | undefined {
  if (bytes.length < 8) return undefined;
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  try {
    const header = parsed(new TextDecoder().decode(bytes.subarray(8, end)));
    return header instanceof Members ? { header, data: bytes.subarray(end) } : undefined;
  } catch {
    return undefined;
  }
}

function withMember(random: Random, { list }: Members, change: (member: Member) => readonly Member[]): Members {
  return new Members(withOne(random, list, change));
}

function withFields(
  random: Random,
  header: Members,
  change: (fields: readonly Member[]) => readonly Member[],
): Members {
  return withMember(random, header, ([name, entry]) => {
    const fields = entry instanceof Members ? entry.list : [];
    return [[name, fields.length === 0 ? entry : new Members(change(fields))]];
  });
}

function withField(random: Random, header: Members, field: string, change: (value: Json) => Json): Members {
  return withFields(random, header, (fields) => new Members(fields).with(field, change).list);
}

function changedHeader(random: Random, header: Members): Members {
  const other = changed(random, header);
  return other instanceof Members ? other : header;
}

/** Metadata, one value of which is changed: within its JSON where it is JSON. */
function withText(random: Random, metadata: Json): Json {
  if (!(metadata instanceof Members)) return metadata;
  return withMember(random, metadata, ([key, value]) => {
    try {
      return [[key, textOf(changed(random, parsed(String(value))))]];
    } catch {
      return [[key, oddValue(random)]];
    }
  });
}

const place = (random: Random, bytes: Uint8Array) => random.integer(Math.max(1, bytes.length));

/** Begin and end of a piece of up to 32 bytes. */
function span(random: Random, bytes: Uint8Array): readonly [number, number] {
  const begin = place(random, bytes);
  return [begin, Math.min(bytes.length, begin + 1 + random.integer(32))];
}

function overwritten(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at] ?? 0);
  return copy;
}
