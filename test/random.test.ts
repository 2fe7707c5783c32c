import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { OptionError } from "../src/errors.ts";
import { Random } from "../src/random.ts";

const draws = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
const sha256 = (data: NodeJS.ArrayBufferView): string => createHash("sha256").update(data).digest("hex");

describe("Random: the generator", () => {
  // Computed from the authors' C code (prng.di.unimi.it/xoshiro128starstar.c) with state 1, 2, 3, 4.
  it("is xoshiro128** 1.1", () => {
    const random = new Random(0);
    random.state = Uint32Array.of(1, 2, 3, 4);
    expect(draws(10, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("gives the same bits on every engine: normals, uniforms, integers and a shuffle of seed 7", () => {
    const random = new Random(7);
    const numbers = Float64Array.from([
      ...draws(10_000, () => random.normal()),
      ...draws(10_000, () => random.uniform(-0.05, 0.05)),
      ...draws(10_000, () => random.integer(1000)),
    ]);
    const order = Int32Array.from({ length: 1000 }, (_, i) => i);
    random.shuffle(order);
    expect(sha256(numbers)).toBe("86456fd198a311b3cf5f52ee5826e66c90b8efce536661488fc4374ef8263ea4");
    expect(sha256(order)).toBe("5c9b0cd7f9496af88136f367eada63ae6572ce92e1a04e9e7c33c601065f7a6b");
  });

  it("differs for every seed, also where only the high bits differ", () => {
    const seeds = [0, 1, 2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => new Random(seed).uint32())).size).toBe(seeds.length);
  });

  it.each([-1, 1.5, NaN, 2 ** 53, "7", undefined])("refuses the seed %s", (seed) => {
    expect(() => new Random(seed as number)).toThrow(OptionError);
  });
});

describe("Random: state", () => {
  it("continues with the same numbers after the state is read and set, between normals too", () => {
    const random = new Random(3);
    random.normal();
    const { state } = random;
    const expected = draws(20, () => [random.normal(), random.uniform(), random.integer(9)]);
    const again = new Random(0);
    again.state = state;
    expect(draws(20, () => [again.normal(), again.uniform(), again.integer(9)])).toEqual(expected);
  });

  it("is a copy", () => {
    const random = new Random(3);
    random.state.fill(0);
    expect([...random.state]).not.toEqual([0, 0, 0, 0]);
  });

  it.each([[[0, 0, 0, 0]], [[1, 2, 3]], [[1, 2, 3, 4, 5]]])("refuses %s", (words) => {
    const random = new Random(0);
    expect(() => {
      random.state = Uint32Array.from(words);
    }).toThrow(OptionError);
  });
});

describe("Random: forks", () => {
  it("depend on the label and the state, and do not advance the parent", () => {
    const random = new Random(5);
    const before = random.state;
    const first = random.fork("lstm").uint32();
    expect(random.state).toEqual(before);
    expect(random.fork("lstm").uint32()).toBe(first);
    random.uint32();
    expect(random.fork("lstm").uint32()).not.toBe(first);
  });

  it("differ for 1000 numbers and for labels that look alike", () => {
    const random = new Random(5);
    const labels = [...Array(1000).keys(), "", "1", "\0", "\0\0", "lstm", "lstm_1", "ab", "ba", 2 ** 32, 2 ** 33];
    const states = labels.map((label) => String(random.fork(label).state));
    expect(new Set(states).size).toBe(labels.length);
  });

  it("correlate with the parent and each other by less than 5 standard errors over 20,000 draws", () => {
    const parent = new Random(5);
    const streams = [parent, parent.fork(0), parent.fork(1), new Random(6)].map((random) => {
      return draws(20_000, () => random.uniform(-1, 1));
    });
    for (const [i, a] of streams.entries()) {
      for (const b of streams.slice(i + 1)) {
        const correlation = a.reduce((sum, value, k) => sum + 3 * value * (b[k] ?? 0), 0) / a.length;
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(a.length));
      }
    }
  });

  it.each([-1, 0.5, NaN, 2 ** 53])("refuse the label %s", (label) => {
    expect(() => new Random(0).fork(label)).toThrow(OptionError);
  });
});

describe("Random: distributions", () => {
  const count = 100_000;

  it("uniform stays in [min, max), with the mean and variance of the uniform distribution", () => {
    const random = new Random(11);
    const values = draws(count, () => random.uniform(2, 4));
    expect(values.every((value) => value >= 2 && value < 4)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / count;
    // Five standard errors: sqrt(1 / 3 / count) = 0.0018 and sqrt((1 / 5 - 1 / 9) / count) = 0.00094.
    expect(Math.abs(mean - 3)).toBeLessThan(0.009);
    expect(Math.abs(variance - 1 / 3)).toBeLessThan(0.0048);
  });

  it("normal has the first four moments of N(0, 1) within 5 standard errors, and its tails", () => {
    const random = new Random(12);
    const values = draws(count, () => random.normal());
    // Standard error of the k-th moment: sqrt((E x^2k - (E x^k)^2) / count).
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      const moment = values.reduce((sum, value) => sum + value ** power, 0) / count;
      expect(Math.abs(moment - expected)).toBeLessThan(5 * Math.sqrt(variance / count));
    }
    const tail = values.filter((value) => Math.abs(value) > 2).length / count;
    expect(Math.abs(tail - 0.0455)).toBeLessThan(5 * Math.sqrt(0.0455 / count));
  });

  it("integer takes every value as often: chi-square of 10 cells below 36 (probability 4e-5)", () => {
    const random = new Random(13);
    const cells = new Array<number>(10).fill(0);
    for (let i = 0; i < count; i++) {
      const value = random.integer(10);
      cells[value] = (cells[value] ?? 0) + 1;
    }
    const expected = count / 10;
    expect(cells.reduce((sum, cell) => sum + ((cell - expected) * (cell - expected)) / expected, 0)).toBeLessThan(36);
  });

  it("integer is unbiased where 2^32 modulo n is large: half of 3 * 2^30 falls below 3 * 2^29", () => {
    const random = new Random(14);
    const low = draws(20_000, () => random.integer(3 * 2 ** 30)).filter((value) => value < 3 * 2 ** 29).length;
    expect(Math.abs(low / 20_000 - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 20_000));
  });

  it("integer takes 1 and 2^32, and refuses 0, fractions and more", () => {
    const random = new Random(15);
    expect(random.integer(1)).toBe(0);
    expect(draws(100, () => random.integer(2 ** 32)).some((value) => value > 2 ** 31)).toBe(true);
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, NaN]) expect(() => random.integer(n)).toThrow(OptionError);
  });

  it("shuffle permutes, every order of three as often", () => {
    const random = new Random(16);
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const items = Int32Array.of(1, 2, 3);
      random.shuffle(items);
      counts.set(items.join(""), (counts.get(items.join("")) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const seen of counts.values()) expect(Math.abs(seen - 10_000)).toBeLessThan(5 * Math.sqrt(10_000));
    const empty = new Int32Array(0);
    random.shuffle(empty);
    expect(empty.length).toBe(0);
  });
});
