import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { toFloat32, toFloat64, toInt32, toUint32 } from "../../src/io/decode.ts";
import { BITS, type DType, type StoredTensor } from "../../src/io/stored.ts";
import { expectRefusal } from "../support/layers-errors.ts";

type Elements =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint16Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** The elements' bytes from an address that is `shift` past a multiple of eight. */
function stored(dtype: DType, data: Elements | BigInt64Array | BigUint64Array, shift = 0): StoredTensor {
  const bytes = new Uint8Array(data.byteLength + 8 + shift).subarray(shift, shift + data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { name: "w", dtype, shape: [data.length], bytes };
}

const ALL_16_BITS = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** The value of a float of `exponentBits` and `fractionBits`, from the definition of IEEE 754. */
function ieeeValue(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) === 1 ? -1 : 1;
  const exponent = (bits >> fractionBits) % 2 ** exponentBits;
  const fraction = bits % 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - fractionBits);
  return sign * (2 ** fractionBits + fraction) * 2 ** (exponent - bias - fractionBits);
}

describe("toFloat32", () => {
  test("all 65,536 values of F16 are exact", () => {
    const values = toFloat32(stored("F16", ALL_16_BITS));
    const wrong = ALL_16_BITS.filter((bits) => !Object.is(values[bits], ieeeValue(bits, 5, 10)));
    expect([...wrong]).toEqual([]);
  });

  test("all 65,536 values of BF16 are exact", () => {
    const values = toFloat32(stored("BF16", ALL_16_BITS));
    const wrong = ALL_16_BITS.filter((bits) => !Object.is(values[bits], ieeeValue(bits, 8, 7)));
    expect([...wrong]).toEqual([]);
  });

  test("F32 keeps its bits and is a view where it is aligned, a copy elsewhere", () => {
    const data = new Float32Array(Uint32Array.of(0x7fc12345, 0x80000000, 0x00000001, 0xff800000).buffer);
    for (let shift = 0; shift < 8; shift++) {
      const tensor = stored("F32", data, shift);
      const values = toFloat32(tensor);
      expect([...new Uint32Array(values.buffer, values.byteOffset, 4)]).toEqual([...new Uint32Array(data.buffer)]);
      expect(values.buffer === tensor.bytes.buffer).toBe(shift % 4 === 0);
    }
  });

  test("F64 is rounded to the nearest, halves to even", () => {
    const values = [
      1 + 2 ** -24,
      1 + 3 * 2 ** -24,
      2 ** -149,
      2 ** -151,
      -0,
      Infinity,
      Number.NaN,
      3.4028235677973362e38,
    ];
    for (let shift = 0; shift < 8; shift++) {
      const rounded = toFloat32(stored("F64", Float64Array.from(values), shift));
      expect([...rounded]).toEqual([1, 1 + 2 ** -22, 2 ** -149, 0, -0, Infinity, Number.NaN, 3.4028234663852886e38]);
    }
  });

  test.each([1e300, -1e300, 3.4028235677973366e38])("F64 %d is past float32", (value) => {
    expectRefusal(() => toFloat32(stored("F64", Float64Array.of(0, value))), FormatError, `has ${value} at element 1`);
  });
});

describe("toFloat64", () => {
  test("F64 keeps its bits, F32 and F16 their values", () => {
    for (let shift = 0; shift < 8; shift++) {
      expect(toFloat64(stored("F64", Float64Array.of(Math.PI, -0), shift))).toEqual(Float64Array.of(Math.PI, -0));
      expect(toFloat64(stored("F32", Float32Array.of(0.1), shift))).toEqual(Float64Array.of(Math.fround(0.1)));
      expect(toFloat64(stored("F16", Uint16Array.of(0x3c01), shift))).toEqual(Float64Array.of(1 + 2 ** -10));
    }
  });
});

describe("toInt32 and toUint32", () => {
  const LEAST = -2147483648;
  const MOST = 2147483647;

  test("every integer dtype is read at its bounds, at any alignment", () => {
    for (let shift = 0; shift < 8; shift++) {
      const read = (dtype: DType, data: Elements | BigInt64Array | BigUint64Array) => [
        ...toInt32(stored(dtype, data, shift)),
      ];
      expect(read("I32", Int32Array.of(LEAST, -1, MOST))).toEqual([LEAST, -1, MOST]);
      expect(read("U32", Uint32Array.of(0, MOST))).toEqual([0, MOST]);
      expect(read("I16", Int16Array.of(-32768, 32767))).toEqual([-32768, 32767]);
      expect(read("U16", Uint16Array.of(65535))).toEqual([65535]);
      expect(read("I8", Int8Array.of(-128, 127))).toEqual([-128, 127]);
      expect(read("U8", Uint8Array.of(255))).toEqual([255]);
      expect(read("BOOL", Uint8Array.of(0, 1))).toEqual([0, 1]);
      expect(read("I64", BigInt64Array.of(BigInt(LEAST), -1n, BigInt(MOST)))).toEqual([LEAST, -1, MOST]);
      expect(read("U64", BigUint64Array.of(BigInt(MOST)))).toEqual([MOST]);
      expect([...toUint32(stored("U32", Uint32Array.of(0xffffffff), shift))]).toEqual([0xffffffff]);
      expect([...toUint32(stored("I64", BigInt64Array.of(0xffffffffn), shift))]).toEqual([0xffffffff]);
    }
  });

  test.each([
    ["U32", Uint32Array.of(0, 2147483648), "has 2147483648 at element 1, which is no int32"],
    ["I64", BigInt64Array.of(2147483648n), "has 2147483648 at element 0, which is no int32"],
    ["I64", BigInt64Array.of(-2147483649n), "has -2147483649 at element 0"],
    ["I64", BigInt64Array.of(4294967296n), "has 4294967296 at element 0"],
    ["I64", BigInt64Array.of(9007199254740993n), "has 9007199254740993 at element 0"],
    ["U64", BigUint64Array.of(18446744073709551615n), "has 18446744073709551615 at element 0"],
    ["BOOL", Uint8Array.of(1, 2), "has 2 at element 1, where BOOL has 0 or 1"],
  ] as const)("%s out of range is refused", (dtype, data, message) => {
    expectRefusal(() => toInt32(stored(dtype, data)), FormatError, `Tensor "w" ${message}`);
  });

  test("a negative number is no uint32", () => {
    expectRefusal(() => toUint32(stored("I32", Int32Array.of(-1))), FormatError, "has -1 at element 0", "uint32");
  });
});

test("every dtype can be read in one way or is refused with the list of those that can", () => {
  const readable = (Object.keys(BITS) as DType[]).filter((dtype) => {
    const tensor = stored(dtype, new Uint8Array(24));
    const ways = [toFloat32, toFloat64, toInt32, toUint32].map((read) => {
      try {
        return read(tensor).length * BITS[dtype] === 24 * 8;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        expect(String(error)).toMatch(new RegExp(`dtype ${dtype}, but only .* can be read as (float|u?int)32\\.$`));
        return false;
      }
    });
    return ways.includes(true);
  });
  expect(readable.join(" ")).toBe("BOOL U8 I8 I16 U16 F16 BF16 I32 U32 F32 F64 I64 U64");
});
