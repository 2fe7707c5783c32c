import { expect, test } from "vitest";
import { dropoutNoise, noiseWords } from "../../reference/dropout.ts";
import { at, row } from "../../reference/elements.ts";
import { describeVariants } from "../../support/kernels.ts";
import { rows } from "../../support/kernels-arena.ts";
import { pairwise } from "../../support/kernels-shapes.ts";
import { floats, rounded } from "../../support/kernels-values.ts";

const CASES = pairwise({
  N: [1, 2, 3, 7],
  F: [1, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 64, 65],
  ids: ["none", "any"],
  rate: [0, 0.1, 0.5, 0.9],
  key: [
    [0, 0],
    [1, 0],
    [0xdeadbeef, 0x80000001],
  ],
});
type Case = (typeof CASES)[number];
const label = ({ N, F, ids, rate, key }: Case) => `N ${N} F ${F} ids ${ids} rate ${rate} key ${key}`;
/** Row numbers, or ids from everywhere in 32 bits. */
const idsOf = ({ N, ids }: Case) => Array.from({ length: N }, (_, n) => (ids === "none" ? n : (n * 0x9876543) | 0));

type Key = readonly [number, number];
const KEY: Key = [0x12345678, 9];

describeVariants((_variant, kernels, arena) => {
  /** Noise [N, F] of the kernel. */
  function mask(ids: readonly number[], F: number, key: Key, rate: number): Float64Array {
    const memory = arena();
    const to = memory.output("mask", rows(ids.length, F));
    kernels.dropoutMask(to.address, memory.integers("ids", ids).address, ...key, ids.length, F, rate);
    expect(memory.violations()).toEqual([]);
    return to.values();
  }

  test("dropoutRows and dropoutMask: the bits of the twin's noise in float32, in place and in two parts too, pads zero", () => {
    for (const shape of CASES) {
      const { N, F, rate } = shape;
      const key: Key = shape.key;
      const memory = arena();
      const x = floats(1, N * F);
      const ids = shape.ids === "none" ? 0 : memory.integers("ids", idsOf(shape)).address;
      const from = memory.input("x", rows(N, F), x);
      const [y, noise] = [memory.output("y", rows(N, F)), memory.output("mask", rows(N, F))];
      const inPlace = memory.inout("x", rows(N, F), x);
      kernels.dropoutRows(y.address, from.address, ids, ...key, 0, N, F, rate);
      const half = N >> 1;
      const second = inPlace.address + half * kernels.rowStride(F) * 4;
      kernels.dropoutRows(inPlace.address, inPlace.address, ids, ...key, 0, half, F, rate);
      kernels.dropoutRows(second, second, ids && ids + half * 4, ...key, half, N - half, F, rate);
      kernels.dropoutMask(noise.address, ids, ...key, N, F, rate);
      const expected = rounded(dropoutNoise({ ids: idsOf(shape), F, key, rate }));
      const products = x.map((value, n) => Math.fround(value * at(expected, n)));
      expect(noise.values(), label(shape)).toEqual(expected);
      expect(y.values(), label(shape)).toEqual(products);
      expect(inPlace.values(), label(shape)).toEqual(products);
      expect(memory.violations(), label(shape)).toEqual([]);
    }
  });

  // The rate between word / 2^32 and the next finds each word to its last bit, the published answers among them.
  test("an element is dropped for a rate above its word / 2^32 and kept at it, to the last bit of the word", () => {
    for (const key of [[0, 0], KEY, [0xffffffff, 0xffffffff]] as const) {
      const [ids, F] = [[0, -1, 123456789], 13];
      noiseWords({ ids, F, key }).forEach((word, n) => {
        expect(at(mask(ids, F, key, word / 2 ** 32), n)).toBeGreaterThan(0);
        expect(at(mask(ids, F, key, (word + 1) / 2 ** 32), n)).toBe(0);
      });
    }
  });

  test("rate 0 changes no bit, rate 1 leaves zeros, NaN stays NaN where it is dropped", () => {
    const memory = arena();
    const x = memory.input("x", rows(2, 5), floats(1, 10).fill(Number.NaN, 0, 5));
    const y = memory.output("y", rows(2, 5));
    kernels.dropoutRows(y.address, x.address, 0, ...KEY, 0, 2, 5, 0);
    expect(y.words()).toEqual(x.words());
    kernels.dropoutRows(y.address, x.address, 0, ...KEY, 0, 2, 5, 1);
    expect(y.values().map(Math.abs)).toEqual(Float64Array.of(...Array(5).fill(Number.NaN), 0, 0, 0, 0, 0));
    expect(memory.violations()).toEqual([]);
  });

  test("a row has the same noise whatever rows stand beside it, in any order, for more features too", () => {
    const ids = Array.from({ length: 50 }, (_, n) => n * 7 - 100);
    const F = 21;
    const noise = mask(ids, F, KEY, 0.4);
    const reversed = mask(ids.toReversed(), F, KEY, 0.4);
    ids.forEach((id, n) => {
      const expected = row(noise, n, F);
      expect(row(reversed, ids.length - 1 - n, F)).toEqual(expected);
      expect(mask([id], F, KEY, 0.4)).toEqual(expected);
      expect(mask([id, id], F + 9, KEY, 0.4).subarray(F + 9, F + 9 + F)).toEqual(expected);
    });
  });

  // Shares of 10^6 elements; the standard deviation of a share p of n elements is sqrt(p (1 - p) / n).
  const [N, F] = [1000, 1000];
  const ids = Array.from({ length: N }, (_, n) => n);
  const sigmas = (share: number, p: number) => Math.abs(share - p) / Math.sqrt((p * (1 - p)) / (N * F));
  const shareOf = (count: (n: number) => boolean) => {
    let counted = 0;
    for (let n = 0; n < N * F; n++) if (count(n)) counted++;
    return counted / (N * F);
  };

  test("the share of kept elements is 1 - rate within 4 standard deviations", () => {
    for (const rate of [0.01, 0.1, 0.5, 0.9]) {
      const noise = mask(ids, F, KEY, rate);
      expect(
        sigmas(
          shareOf((n) => noise[n] !== 0),
          1 - rate,
        ),
        `rate ${rate}`,
      ).toBeLessThan(4);
    }
  });

  test("other rows, features and keys are independent: noise at rate 0.5 agrees in half within 4 deviations", () => {
    const noise = mask(ids, F, KEY, 0.5);
    for (const distance of [1, 2, 3, 4, 5, 8, F, 2 * F, 4 * F]) {
      const share = shareOf((n) => noise[n] === noise[(n + distance) % (N * F)]);
      expect(sigmas(share, 0.5), `distance ${distance}`).toBeLessThan(4);
    }
    const [key0, key1] = KEY;
    for (const key of [
      [key0 + 1, key1],
      [key0, key1 + 1],
      [key1, key0],
    ] as const) {
      const other = mask(ids, F, key, 0.5);
      expect(
        sigmas(
          shareOf((n) => noise[n] === other[n]),
          0.5,
        ),
        `key ${key}`,
      ).toBeLessThan(4);
    }
  });

  test("maskRows: products with the rows that the index names, in place and in two parts too, pads zero", () => {
    for (const F of [1, 3, 4, 5, 16, 17, 64]) {
      for (const index of [undefined, [2, 0, 0, 1, 2]]) {
        const [x, noise] = [floats(1, 5 * F), mask([0, 1, 2, 3, 4], F, KEY, 0.5)];
        const memory = arena();
        const [from, factors] = [memory.input("x", rows(5, F), x), memory.input("mask", rows(5, F), noise)];
        const [y, inPlace] = [memory.output("y", rows(5, F)), memory.inout("x", rows(5, F), x)];
        const place = index ? memory.integers("index", index).address : 0;
        kernels.maskRows(y.address, from.address, factors.address, place, 5, F);
        kernels.maskRows(inPlace.address, inPlace.address, factors.address, place, 5, F);
        const factor = (n: number) => at(noise, (index?.[Math.floor(n / F)] ?? Math.floor(n / F)) * F + (n % F));
        const expected = x.map((value, n) => Math.fround(value * factor(n)));
        expect(y.values(), `F ${F}`).toEqual(expected);
        expect(inPlace.values(), `F ${F}`).toEqual(expected);
        expect(memory.violations(), `F ${F}`).toEqual([]);
      }
    }
  });
});
