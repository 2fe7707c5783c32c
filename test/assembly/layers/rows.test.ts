import { expect, test } from "vitest";
import { at, row } from "../../reference/elements.ts";
import { describeVariants } from "../../support/kernels.ts";
import { type Arena, flat, type Layout, rows, strided } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats } from "../../support/kernels-values.ts";

/** Dense rows begin `offset` words past a vector; the others are rows of the core. */
const PLACES = ["core", "dense 0", "dense 1", "dense 3", "apart"] as const;
const CASES = pairwise({
  N: [1, 2, 3, 7],
  F: [1, 2, 3, 4, 5, 15, 16, 17, 64, 65],
  to: PLACES,
  from: PLACES,
  index: ["none", "any"],
});
type Case = (typeof CASES)[number];
const label = ({ N, F, to, from, index }: Case) => `N ${N} F ${F} to ${to} from ${from} index ${index}`;
/** Rows of the table that an index picks from. */
const V = 5;

function layoutOf(place: Case["to"], N: number, F: number): Layout {
  if (place === "core") return rows(N, F);
  if (place === "apart") return strided(N, F, F + 7);
  return strided(N, F, F, Number(place.slice(-1)));
}

/** Some rows twice, some never, some negative. */
function indexOf({ N, index }: Case): readonly number[] {
  return Array.from({ length: N }, (_, n) => (index === "none" ? n : ((n * 3 + 4) % (V + 1)) - 1));
}

function placeIndex(memory: Arena, shape: Case): number {
  return shape.index === "none" ? 0 : memory.integers("index", indexOf(shape)).address;
}

/** [N, F]: rows of the table, zeros for a negative index. */
function gathered(table: Float64Array, index: readonly number[], F: number): Float64Array {
  return Float64Array.from(index.flatMap((v) => (v < 0 ? Array<number>(F).fill(0) : [...row(table, v, F)])));
}

/** The table after its rows got theirs of `from`, last first, in float32. */
function scattered(table: Float64Array, from: Float64Array, index: readonly number[], F: number): Float64Array {
  const sums = table.slice();
  for (let n = index.length - 1; n >= 0; n--) {
    const v = at(index, n);
    if (v < 0) continue;
    for (let f = 0; f < F; f++) sums[v * F + f] = Math.fround(at(sums, v * F + f) + at(from, n * F + f));
  }
  return sums;
}

describeVariants((_variant, kernels, arena) => {
  test("gatherRows: the rows that the index names, zeros for negative ones, pads zero, no word past a row", () => {
    for (const shape of CASES) {
      const { N, F } = shape;
      const memory = arena();
      const height = shape.index === "none" ? N : V;
      const values = floats(1, height * F);
      const from = memory.input("from", layoutOf(shape.from, height, F), values);
      // Rows farther apart than their pads are whole vectors: room for the pads.
      const width = shape.to === "apart" ? Math.ceil(F / 4) * 4 : F;
      const to = memory.output("to", shape.to === "apart" ? strided(N, width, F + 7) : layoutOf(shape.to, N, F));
      kernels.gatherRows(to.address, to.stride, from.address, from.stride, placeIndex(memory, shape), N, F);
      const expected = gathered(values, indexOf(shape), F);
      const padded = Array.from({ length: N }, (_, n) => [...row(expected, n, F), ...Array(width - F).fill(0)]);
      expect([...to.values()], label(shape)).toEqual(padded.flat());
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("scatterAddRows: the bits of float32 sums from the last row up, also of a row that is named twice", () => {
    for (const shape of CASES) {
      const { N, F } = shape;
      const memory = arena();
      const height = shape.index === "none" ? N : V;
      const [start, added] = [floats(1, height * F), floats(2, N * F)];
      const to = memory.inout("to", layoutOf(shape.to, height, F), start);
      const from = memory.input("from", layoutOf(shape.from, N, F), added);
      kernels.scatterAddRows(to.address, to.stride, from.address, from.stride, placeIndex(memory, shape), N, F);
      expect(to.values(), label(shape)).toEqual(scattered(start, added, indexOf(shape), F));
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  test("an embedding: a gather and its scatter, split into two calls from the end, has the bits of one", () => {
    const [N, F] = [40, 17];
    const ids = Array.from({ length: N }, (_, n) => (n * n) % V);
    const dY = floats(3, N * F);
    const whole = scattered(new Float64Array(V * F), dY, ids, F);
    const memory = arena();
    const [index, from] = [memory.integers("ids", ids), memory.input("dY", rows(N, F), dY)];
    const to = memory.inout("dTable", rows(V, F), new Float64Array(V * F));
    for (const [first, count] of [[23, 17] as const, [0, 23] as const]) {
      const place = index.address + first * 4;
      kernels.scatterAddRows(to.address, to.stride, from.row(first), from.stride, place, count, F);
    }
    expect(to.values()).toEqual(whole);
    expect(memory.violations()).toEqual([]);
  });

  test("addRows and multiplyRows: the bits of float32 sums and products, in place too", () => {
    for (const length of [4, 8, 20, 64]) {
      const memory = arena();
      const [a, b] = [floats(1, length), floats(2, length)];
      const sum = memory.inout("sum", flat(length), a);
      const [left, right] = [memory.input("a", flat(length), a), memory.input("b", flat(length), b)];
      const product = memory.output("product", flat(length));
      const [inPlace, square] = [memory.inout("a", flat(length), a), memory.inout("b", flat(length), b)];
      kernels.addRows(sum.address, right.address, length);
      kernels.multiplyRows(product.address, left.address, right.address, length);
      kernels.multiplyRows(inPlace.address, inPlace.address, right.address, length);
      kernels.multiplyRows(square.address, square.address, square.address, length);
      const products = a.map((value, n) => Math.fround(value * at(b, n)));
      expect(sum.values()).toEqual(a.map((value, n) => Math.fround(value + at(b, n))));
      expect(product.values()).toEqual(products);
      expect(inPlace.values()).toEqual(products);
      expect(square.values()).toEqual(b.map((value) => Math.fround(value * value)));
      expect(memory.violations()).toEqual([]);
    }
  });

  test("copyColumns: these columns of every row and no other word, at any alignment", () => {
    const cases = pairwise({ N: [1, 2, 5], columns: [1, 3, 4, 5, 16, 18], to: [0, 1, 2, 3, 8], from: [0, 1, 2, 3, 8] });
    for (const { N, columns, to, from } of cases) {
      const memory = arena();
      const [width, fromWidth] = [to + columns + 3, from + columns + 1];
      const [before, values] = [floats(1, N * width), floats(2, N * fromWidth)];
      const target = memory.inout("to", rows(N, width), before);
      const source = memory.input("from", rows(N, fromWidth), values);
      kernels.copyColumns(target.address, target.stride, to, source.address, source.stride, from, N, columns);
      const expected = before.map((value, n) => {
        const column = (n % width) - to;
        const isCopied = column >= 0 && column < columns;
        return isCopied ? at(values, Math.floor(n / width) * fromWidth + from + column) : value;
      });
      expect(target.values(), `N ${N} columns ${columns} to ${to} from ${from}`).toEqual(expected);
      expect(memory.violations(), `N ${N} columns ${columns} to ${to} from ${from}`).toEqual([]);
    }
  });

  test("clearPads: columns from F up to a multiple of 4 become zero, no other", () => {
    for (const F of [1, 2, 3, 4, 5, 16, 17, 63, 64, 65]) {
      const [N, stride] = [3, kernels.rowStride(F)];
      const memory = arena();
      const before = floats(1, N * stride);
      const values = memory.inout("rows", flat(N * stride), before);
      kernels.clearPads(values.address, N, F);
      const isPad = (column: number) => column >= F && column < Math.ceil(F / 4) * 4;
      expect(values.values(), `F ${F}`).toEqual(before.map((value, n) => (isPad(n % stride) ? 0 : value)));
      expect(memory.violations(), `F ${F}`).toEqual([]);
    }
  });
});
