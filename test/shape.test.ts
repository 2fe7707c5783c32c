import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { OutOfMemoryError, ShapeError } from "../src/errors.ts";
import { elementCount, formatShape, type StridedArray, tensor } from "../src/shape.ts";

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("tensor", () => {
  it("keeps Float32Array and Int32Array without a copy", () => {
    const floats = new Float32Array(6);
    const ids = Int32Array.of(1, 2);
    expect(tensor(floats, [2, 3]).data).toBe(floats);
    expect(tensor(ids)).toEqual({ data: ids, shape: [2] });
  });

  it("copies the shape, so that a later change of the caller's array does nothing", () => {
    const shape = [2, 3];
    const x = tensor(new Float32Array(6), shape);
    shape[0] = 7;
    expect(x.shape).toEqual([2, 3]);
  });

  it("rounds float64 to float32", () => {
    expect(tensor(Float64Array.of(0.1, 1e-300)).data).toEqual(Float32Array.of(0.1, 0));
  });

  it("takes nested arrays row-major, a number as a scalar, rows that are typed arrays, and zero sizes", () => {
    const cube = [
      [[1], [2], [3]],
      [[4], [5], [6]],
    ];
    expect(tensor(cube)).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3, 1] });
    expect(tensor(5)).toEqual({ data: Float32Array.of(5), shape: [] });
    expect(tensor(5, [1, 1]).shape).toEqual([1, 1]);
    expect(tensor([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
    expect(tensor([Float32Array.of(1, 2), Float64Array.of(3, 4)])).toEqual(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor(new Float32Array(0), [3, 0, 2]).shape).toEqual([3, 0, 2]);
  });

  it("takes typed arrays and arrays of another realm", () => {
    const { floats, nested } = runInNewContext("({ floats: new Float32Array([1, 2]), nested: [[1], [2]] })");
    expect(tensor(floats).shape).toEqual([2]);
    expect(tensor(nested).shape).toEqual([2, 1]);
  });

  it("keeps NaN and infinities: whether they are allowed is the caller's question", () => {
    expect([...tensor([NaN, Infinity, 1e300]).data]).toEqual([NaN, Infinity, Infinity]);
  });

  it("names both sides when the product is wrong", () => {
    expect(messageOf(() => tensor(new Float32Array(5), [2, 3]))).toBe(
      "A tensor of shape [2, 3] has 6 elements, but the data has 5.",
    );
  });

  it.each([
    [
      "a longer row",
      [
        [1, 2],
        [3, 4, 5],
      ],
      "expected 2 elements at [1], got an array of length 3",
    ],
    ["a shorter row", [[[1, 2]], [[3]]], "expected 2 elements at [1, 0], got an array of length 1"],
    ["a number for a row", [[1, 2], 3], "expected 2 elements at [1], got 3"],
    ["a row for a number", [1, [2]], "at [1] must be a number, got an array of length 1"],
    ["a longer row after empty ones", [[], [1]], "expected 0 elements at [1]"],
    ["a typed row that is too deep", [[[1], [2]], Float32Array.of(1, 2)], "at [1], got a Float32Array of length 2"],
    ["a hole", new Array(2), "at [0] must be a number, got undefined"],
    ["a string", [["1"]], 'at [0, 0] must be a number, got "1"'],
    ["null", [null], "got null"],
    ["a bigint", [1n], "got 1n"],
  ])("refuses %s and says where", (_, data, message) => {
    expect(messageOf(() => tensor(data as number[]))).toContain(message);
  });

  it.each([
    ["a string", "123"],
    ["null", null],
    ["undefined", undefined],
    ["another typed array", new Uint8Array(3)],
    ["a DataView", new DataView(new ArrayBuffer(4))],
    ["data of another type", { data: [1, 2], shape: [2] }],
    ["a shape that is no array", { data: Float32Array.of(1), shape: 1 }],
  ])("refuses %s", (_, data) => {
    expect(() => tensor(data as unknown as number[])).toThrow(ShapeError);
  });

  it("refuses arrays that contain themselves", () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(messageOf(() => tensor(endless as number[]))).toContain("deeper than 32 levels");
  });

  it("refuses with OutOfMemoryError when shared rows add up to more than an array can hold", () => {
    let shared: unknown[] = [0];
    for (let i = 0; i < 5; i++) shared = new Array(1000).fill(shared);
    expect(() => tensor(shared as number[])).toThrow(OutOfMemoryError);
  });

  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  it.each<[string, StridedArray]>([
    ["without strides", { data, shape: [2, 3] }],
    ["with row-major strides", { data, shape: [2, 3], strides: [3, 1], offset: 0 }],
    ["with any stride where the size is one", { data, shape: [1, 6, 1], stride: [99, 1, 7] }],
    ["with strides but no elements", { data: new Float32Array(0), shape: [0, 3], strides: [1, 1] }],
  ])("takes an array object %s", (_, source) => {
    expect(tensor(source)).toEqual({ data: source.data, shape: source.shape });
  });

  it("reshapes an array object", () => {
    expect(tensor({ data, shape: [2, 3] }, [6]).shape).toEqual([6]);
    expect(() => tensor({ data, shape: [2, 2] }, [6])).toThrow(ShapeError);
  });

  it.each<[string, StridedArray, string]>([
    ["a transposed one", { data, shape: [2, 3], strides: [1, 2] }, "got strides [1, 2] for shape [2, 3]"],
    ["one with an offset", { data, shape: [2, 2], strides: [2, 1], offset: 1 }, "an offset of 1"],
    ["a reversed one", { data, shape: [6], stride: [-1] }, "got strides [-1]"],
    ["one with too few strides", { data, shape: [2, 3], strides: [1] }, "got strides [1]"],
  ])("refuses %s", (_, source, message) => {
    expect(messageOf(() => tensor(source))).toContain(message);
  });
});

describe("elementCount", () => {
  it("is 1 for a scalar, 0 with a zero anywhere, and exact to 2^53 - 1", () => {
    expect(elementCount([])).toBe(1);
    expect(elementCount([2 ** 50, 2 ** 50, 0])).toBe(0);
    expect(elementCount([65536, 65536, 4])).toBe(2 ** 34);
    expect(elementCount([6361, 69431, 20394401])).toBe(2 ** 53 - 1);
  });

  it("refuses 2^53 elements", () => {
    expect(messageOf(() => elementCount([2 ** 30, 2 ** 23]))).toBe(
      "A tensor of shape [1073741824, 8388608] has more than 2^53 - 1 elements.",
    );
  });

  it.each([-1, 1.5, NaN, Infinity, "3", null, undefined])("refuses the dimension %s", (size) => {
    expect(() => elementCount([2, size as number])).toThrow(ShapeError);
  });
});

describe("formatShape", () => {
  it("writes sizes, names and open dimensions", () => {
    expect(formatShape([32, 50, 9])).toBe("[32, 50, 9]");
    expect(formatShape(["batch", null, 8])).toBe("[batch, null, 8]");
    expect(formatShape([])).toBe("[]");
  });
});
