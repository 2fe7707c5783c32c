import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, OptionError, ShapeError } from "../../src/errors.ts";
import { toFloat32 } from "../../src/io/decode.ts";
import { readSafetensors, type WritableTensor, writeSafetensors } from "../../src/io/safetensors.ts";
import { fileOf, joined } from "../support/bytes.ts";
import { expectRefusal, wrong } from "../support/layers-errors.ts";
import { BAD_FILES } from "./safetensors-bad.ts";

interface GoldenTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: string;
}

interface Golden {
  readonly files: readonly {
    readonly tensors: readonly GoldenTensor[];
    readonly metadata: Readonly<Record<string, string>> | null;
    readonly file: string;
  }[];
  readonly verdicts: readonly {
    readonly what: string;
    readonly header: string;
    readonly dataBytes: number;
    readonly accepted: boolean;
  }[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/safetensors.json", import.meta.url), "utf8")) as Golden;
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

const WRITABLE = { F64: Float64Array, F32: Float32Array, U32: Uint32Array, I32: Int32Array, U8: Uint8Array } as const;

function isWritable(dtype: string): dtype is keyof typeof WRITABLE {
  return dtype in WRITABLE;
}

/** As the reference got it. */
function toWritable({ name, dtype, shape, data }: GoldenTensor): WritableTensor {
  if (!isWritable(dtype)) throw new Error(`${dtype} is not written.`);
  return { name, shape, data: new WRITABLE[dtype](fromBase64(data).slice().buffer) };
}

describe("files of the reference, safetensors 0.8", () => {
  test.each(golden.files.map((file, i) => [i, file] as const))("file %d is read", (_, { tensors, metadata, file }) => {
    const read = readSafetensors(fromBase64(file));
    expect([...read.metadata]).toEqual(Object.entries(metadata ?? {}));
    expect([...read.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
    for (const { name, dtype, shape, data } of tensors) {
      expect(read.tensors.get(name)).toEqual({ name, dtype, shape, bytes: fromBase64(data) });
    }
  });

  const writable = golden.files.filter(({ tensors }) => tensors.every(({ dtype }) => isWritable(dtype)));
  test.each(writable.map((file, i) => [i, file] as const))("file %d is written byte by byte", (_, golden) => {
    const { tensors, metadata, file } = golden;
    const bytes = writeSafetensors(tensors.map(toWritable).reverse(), metadata ?? undefined);
    expect(Buffer.from(bytes).toString("base64")).toBe(file);
  });

  /** Where we are stricter on purpose. */
  const STRICTER = ["an entry as an array", "a dtype as an object", "a dimension of 2^64 - 1 beside zero"];

  test.each(golden.verdicts)("$what: accepted $accepted", ({ what, header, dataBytes, accepted }) => {
    const read = () => readSafetensors(fileOf(header, new Uint8Array(dataBytes)));
    if (accepted && !STRICTER.includes(what)) read();
    else expect(read).toThrow(FormatError);
  });
});

describe("bad files", () => {
  test(`there are ${BAD_FILES.length} of them, more than 100, each with its own name`, () => {
    expect(BAD_FILES.length).toBeGreaterThan(100);
    expect(new Set(BAD_FILES.map(({ what }) => what)).size).toBe(BAD_FILES.length);
  });

  test.each(BAD_FILES)("$what", ({ bytes, message }) => {
    expect(() => readSafetensors(bytes)).toThrow(expect.objectContaining({ name: "FormatError", message }));
    expect(message.length).toBeLessThan(250);
  });

  test("every beginning of a file is refused, and the file with any byte more", () => {
    const file = writeSafetensors([{ name: "w", shape: [2], data: Float32Array.of(1, 2) }], { a: "b" });
    for (let length = 0; length < file.length; length++) {
      expect(() => readSafetensors(file.slice(0, length)), `${length} bytes`).toThrow(FormatError);
    }
    expect(() => readSafetensors(joined(file, Uint8Array.of(0)))).toThrow("bytes of no tensor");
  });

  test.each([undefined, null, "file", [1, 2], new ArrayBuffer(16), new Float32Array(4)])("%s is no file", (value) => {
    expectRefusal(() => readSafetensors(wrong(value)), OptionError, "readSafetensors() needs bytes", "a Uint8Array");
  });
});

describe("reading", () => {
  test("the last of equal names and of equal metadata keys wins", () => {
    const entry = (begin: number) => `{"dtype":"U8","shape":[1],"data_offsets":[${begin},${begin + 1}]}`;
    const header = `{"__metadata__":{"k":"1","k":"2"},"t":${entry(5)},"t":${entry(0)}}`;
    const { tensors, metadata } = readSafetensors(fileOf(header, Uint8Array.of(7)));
    expect(tensors.get("t")?.bytes).toEqual(Uint8Array.of(7));
    expect([...metadata]).toEqual([["k", "2"]]);
  });

  test("names and keys of the prototype are names and keys", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "0", ""];
    const tensors = names.map((name, i) => ({ name, shape: [], data: Int32Array.of(i) }));
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
    const read = readSafetensors(writeSafetensors(tensors, metadata));
    for (const [i, name] of names.entries()) expect(read.tensors.get(name)?.bytes[0]).toBe(i);
    expect([...read.metadata].sort()).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  test("the bytes are views of the file, also of a Buffer that starts anywhere", () => {
    const file = writeSafetensors([{ name: "w", shape: [2], data: Float32Array.of(1, 2) }]);
    for (let shift = 0; shift < 9; shift++) {
      const whole = Buffer.concat([Buffer.alloc(shift), file, Buffer.alloc(3)]);
      const stored = readSafetensors(whole.subarray(shift, shift + file.length)).tensors.get("w");
      expect(stored?.bytes.buffer).toBe(whole.buffer);
      expect(stored === undefined ? [] : [...toFloat32(stored)]).toEqual([1, 2]);
    }
  });

  test("shared memory is read too", () => {
    const file = writeSafetensors([{ name: "w", shape: [1], data: Float32Array.of(5) }], { key: "value" });
    const shared = new Uint8Array(new SharedArrayBuffer(file.length));
    shared.set(file);
    expect(readSafetensors(shared).metadata.get("key")).toBe("value");
  });

  test("a header of 100,000,000 bytes, most of them white space, is read within 5 s", () => {
    const header = new Uint8Array(100_000_000).fill(0x20);
    header.set(new TextEncoder().encode('{"__metadata__":{"a":"b"}'));
    header[header.length - 1] = 0x7d;
    const file = fileOf(header);
    const start = performance.now();
    expect(readSafetensors(file).metadata.get("a")).toBe("b");
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test("100,000 tensors are written and read", () => {
    const data = new Uint8Array(0);
    const tensors = Array.from({ length: 100_000 }, (_, i) => ({ name: `layer.${i}`, shape: [0], data }));
    expect(readSafetensors(writeSafetensors(tensors)).tensors.size).toBe(100_000);
  });
});

const text = fc.string({ unit: "binary" });
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** Any bits, NaN in all its forms included. */
const writable: fc.Arbitrary<WritableTensor> = fc
  .record({
    name: text.filter((name) => name !== "__metadata__"),
    shape: shapes,
    dtype: fc.constantFrom(...Object.keys(WRITABLE)),
  })
  .chain(({ name, shape, dtype }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const Data = isWritable(dtype) ? WRITABLE[dtype] : Uint8Array;
    const length = size * Data.BYTES_PER_ELEMENT;
    const bytes = fc.uint8Array({ minLength: length, maxLength: length });
    return bytes.map((bits) => ({ name, shape, data: new Data(bits.slice().buffer) }));
  });
const tensorLists = fc.uniqueArray(writable, { selector: ({ name }) => name, maxLength: 6 });
const metadatas = fc.option(fc.dictionary(text, text), { nil: undefined });

describe("writing", () => {
  test("what is written is read again: names, shapes, dtypes, values and metadata, 500 files", () => {
    fc.assert(
      fc.property(tensorLists, metadatas, (tensors, metadata) => {
        const file = writeSafetensors(tensors, metadata);
        const read = readSafetensors(file);
        expect(new Map(read.metadata)).toEqual(new Map(Object.entries(metadata ?? {})));
        expect(read.tensors.size).toBe(tensors.length);
        for (const { name, shape, data } of tensors) {
          const stored = read.tensors.get(name);
          expect(stored?.shape).toEqual(shape);
          const Data = isWritable(stored?.dtype ?? "") ? WRITABLE[stored?.dtype as keyof typeof WRITABLE] : undefined;
          expect(Data).toBe(data.constructor);
          expect(Data === undefined || stored === undefined ? [] : new Data(stored.bytes.slice().buffer)).toEqual(data);
          expect(stored?.bytes.byteOffset).toSatisfy((at: number) => at % data.BYTES_PER_ELEMENT === 0);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("equal content gives equal bytes in whatever order it comes, 200 files", () => {
    fc.assert(
      fc.property(tensorLists, metadatas, (tensors, metadata) => {
        const file = writeSafetensors(tensors, metadata);
        const reversed = metadata && Object.fromEntries(Object.entries(metadata).reverse());
        expect(writeSafetensors([...tensors].reverse(), reversed)).toEqual(file);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  test("a NaN has one form, infinities and zeros keep their bits", () => {
    const bits32 = Uint32Array.of(0x7fc00001, 0xffc00000, 0x7f800001, 0x7f800000, 0xff800000, 0x80000000);
    const bits64 = new BigUint64Array([
      0x7ff0000000000001n,
      0xfff8000000000000n,
      0x7ff0000000000000n,
      0x8000000000000000n,
    ]);
    const { tensors } = readSafetensors(
      writeSafetensors([
        { name: "32", shape: [6], data: new Float32Array(bits32.buffer) },
        { name: "64", shape: [4], data: new Float64Array(bits64.buffer) },
      ]),
    );
    const words = new Uint32Array(tensors.get("32")?.bytes.slice().buffer ?? []);
    expect([...words]).toEqual([0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7f800000, 0xff800000, 0x80000000]);
    const longs = new BigUint64Array(tensors.get("64")?.bytes.slice().buffer ?? new ArrayBuffer(0));
    expect([...longs]).toEqual([0x7ff8000000000000n, 0x7ff8000000000000n, 0x7ff0000000000000n, 0x8000000000000000n]);
  });

  test("the tensors given stay as they are, and a piece of a larger array is written alone", () => {
    const data = new Float32Array(Uint32Array.of(1, 0xffc00001, 3).buffer);
    const file = writeSafetensors([{ name: "w", shape: [1], data: data.subarray(1, 2) }]);
    expect(new Uint32Array(data.buffer)[1]).toBe(0xffc00001);
    expect(file.length % 4).toBe(0);
    expect([...file.slice(-4)]).toEqual([0, 0, 0xc0, 0x7f]);
  });

  const data = new Float32Array(2);
  const shape = [2];
  test.each([
    [
      "two tensors of one name",
      [
        { name: "w", shape, data },
        { name: "w", shape: [1], data: new Uint8Array(1) },
      ],
      'two tensors called "w"',
    ],
    [
      "a name that is no string",
      [{ name: 7, shape, data }],
      "the name of tensor 0 to be a string without lone surrogates, got 7",
    ],
    [
      "a name with a lone surrogate",
      [{ name: "\ud800", shape, data }],
      'the name of tensor 0 to be a string without lone surrogates, got "\\ud800"',
    ],
    ["the reserved name", [{ name: "__metadata__", shape, data }], 'a name that is not reserved, got "__metadata__"'],
    [
      "an array of numbers",
      [{ name: "w", shape, data: [1, 2] }],
      'the data of tensor "w" to be a typed array it knows, got an array of length 2',
    ],
    ["a clamped array", [{ name: "w", shape, data: new Uint8ClampedArray(2) }], "got a Uint8ClampedArray of length 2"],
  ])("%s is an OptionError", (_, tensors, message) => {
    expectRefusal(() => writeSafetensors(wrong(tensors)), OptionError, message);
  });

  test.each([
    ["a shape that does not fit", [3], 'Tensor "w" has data of 2 elements and at most 32 dimensions, got shape [3].'],
    ["33 dimensions", [2, ...Array(32).fill(1)], "at most 32 dimensions"],
    ["a negative dimension", [-2], "non-negative integer"],
    ["no shape", undefined, "array of dimensions"],
  ])("%s is a ShapeError", (_, shape, message) => {
    expectRefusal(() => writeSafetensors([{ name: "w", shape: wrong(shape), data }]), ShapeError, message);
  });

  test.each([
    ["null", null, "metadata to be an object of strings, got null"],
    ["a number", { epoch: 7 }, 'metadata "epoch" to be a string without lone surrogates, got 7'],
    ["a lone surrogate", { a: "\udc00" }, 'metadata "a" to be a string'],
    ["too much of it", { a: "x".repeat(16_777_216) }, "at most 100000 entries and 16777216 bytes"],
  ])("metadata: %s is an OptionError", (_, metadata, message) => {
    expectRefusal(() => writeSafetensors([], wrong(metadata)), OptionError, message);
  });

  test("more than 100,000 tensors are refused", () => {
    const tensors = Array.from({ length: 100_001 }, (_, i) => ({ name: `${i}`, shape: [0], data: new Uint8Array(0) }));
    expectRefusal(() => writeSafetensors(tensors), OptionError, "write several files");
  });
});
