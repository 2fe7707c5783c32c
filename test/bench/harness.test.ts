import { describe, expect, test } from "vitest";
import { compare, formatTable, header, median, medianMargin, type Result } from "../../bench/harness.ts";

const quick = { cycles: 12, minCycleMs: 2, warmupMs: 10 };

describe("statistics", () => {
  test("median of an odd sample is its middle, of an even one the mean of both middles", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test("an empty sample is a RangeError", () => {
    expect(() => median([])).toThrow(RangeError);
  });

  test("margin of 25 values spans the ranks 7 to 17, whatever the outliers", () => {
    const sample = Array.from({ length: 25 }, (_, rank) => rank + 88);
    expect(medianMargin(sample)).toBeCloseTo((17 - 7) / 2 / 100, 12);
    expect(medianMargin(sample.with(24, 1e9).with(0, -1e9))).toBeCloseTo(0.05, 12);
  });

  test("margin of a constant sample is zero, of a tiny one its whole range", () => {
    expect(medianMargin([5, 5, 5, 5])).toBe(0);
    expect(medianMargin([1, 3])).toBe(0.5);
  });

  test("margin covers the true median in 95 of 100 samples, within 3", () => {
    let seed = 1;
    const uniform = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const trials = 4000;
    let covered = 0;
    for (let trial = 0; trial < trials; ++trial) {
      const sample = Array.from({ length: 30 }, uniform).sort((a, b) => a - b);
      // The interval is given by its half width only; its ends are the ranks 9 and 20 of 30.
      const [low = 1, high = 0] = [sample[9], sample[20]];
      expect(medianMargin(sample)).toBeCloseTo((high - low) / 2 / median(sample), 12);
      if (low <= 0.5 && 0.5 <= high) ++covered;
    }
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(0.03);
  });
});

// Wall-clock times of a shared machine: a cycle may meet another process several times in a row, hardly ten times.
describe("compare", { retry: 9 }, () => {
  test("times one operation within 20 % of a busy wait of 0.3 ms", () => {
    const [result] = compare("wait", [{ name: "0.3 ms", run: () => busy(0.3) }], quick);
    expect(result?.minMs).toBeGreaterThan(0.29);
    expect(result?.minMs).toBeLessThan(0.36);
    expect(result?.samplesMs).toHaveLength(quick.cycles);
  });

  test("tells three times the work from once, with the ratio of medians", () => {
    const results = compare("ratio", contestants(0.1, 0.3), { ...quick, peak: 0.02 });
    const [first, second] = results;
    expect(first?.ratio).toBeCloseTo(1, 12);
    expect(first?.verdict).toBe("same");
    expect(second?.verdict).toBe("slower");
    expect(second?.ratio).toBeGreaterThan(0.25);
    expect(second?.ratio).toBeLessThan(0.42);
  });

  test("gives GFLOP/s and share at the median and at the fastest cycle", () => {
    const [result] = compare("flop", contestants(0.1), { ...quick, peak: 0.02 });
    expect(result?.gflops?.best).toBeCloseTo(1e6 / ((result?.minMs ?? 0) * 1e6), 12);
    expect(result?.gflops?.median).toBeCloseTo(1e6 / ((result?.medianMs ?? 0) * 1e6), 12);
    expect(result?.share?.best).toBeCloseTo((result?.gflops?.best ?? 0) / 0.02, 12);
  });

  test("visits all contestants once per cycle", () => {
    const visits: string[] = [];
    const visit = (name: string) => ({
      name,
      run: () => {
        if (visits.at(-1) !== name) visits.push(name);
        busy(1);
      },
    });
    compare("order", [visit("a"), visit("b")], { cycles: 5, minCycleMs: 1, warmupMs: 1 });
    expect(visits.join("")).toBe("ab".repeat(6));
  });

  test("passes on what a contestant throws", () => {
    const run = () => {
      throw new RangeError("broken contestant");
    };
    expect(() => compare("throws", [{ name: "bad", run }], quick)).toThrow("broken contestant");
  });
});

describe("report", () => {
  const result: Result = {
    title: "title",
    name: "six by eight",
    samplesMs: [1, 2],
    medianMs: 1.5,
    minMs: 0.05,
    margin: 0.012,
    ratio: 2,
    verdict: "faster",
    gflops: { median: 40, best: 50 },
    share: { median: 0.8, best: 1 },
  };
  const { gflops: _gflops, share: _share, ...bare } = result;

  test("columns are aligned and units fit the size", () => {
    expect(formatTable([result, { ...bare, name: "plain", medianMs: 1234, ratio: 1.004, verdict: "same" }])).toBe(
      [
        "name           median      min     +-      GFLOP/s     of peak    vs first",
        "six by eight  1.50 ms  50.0 us  1.2 %  40.0 / 50.0  80 / 100 %       2.00x",
        "plain         1234 ms  50.0 us  1.2 %                           1.00x same",
      ].join("\n"),
    );
  });

  test("the header names engine, variant, threads, peak and date", () => {
    expect(header({ variant: "relaxed", peak: 49.33 })).toMatch(
      /cores \| .+ \| relaxed \| 1 thread \| peak 49\.3 GFLOP\/s \| \d{4}-\d\d-\d\d$/,
    );
    expect(header({ variant: "simd", threads: 2 })).toContain("| simd | 2 threads |");
  });
});

function contestants(...durations: number[]): { name: string; run: () => void; flop: number }[] {
  return durations.map((ms) => ({ name: `${ms} ms`, run: () => busy(ms), flop: 1e6 }));
}

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
