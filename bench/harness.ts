/**
 * Fair comparisons: after a warm-up, every cycle measures each contestant once, round robin, so that drift of the machine's
 * clock meets all of them alike. benchmark.js finds the number of calls in a cycle, times it and tests for significance; its
 * own suites are not used because they finish one contestant before they start the next.
 */
import { availableParallelism, cpus } from "node:os";
import Benchmark from "benchmark";

export interface Contestant {
  readonly name: string;
  /** One operation. Below a few microseconds let it loop: benchmark.js calls it through a property, about 20 ns. */
  readonly run: () => void;
  /** Executed matmul FLOP of one operation. */
  readonly flop?: number | undefined;
}

export interface CompareOptions {
  /** @default 30 */
  readonly cycles?: number | undefined;
  /** Shortest cycle of one contestant. @default 20 */
  readonly minCycleMs?: number | undefined;
  /** Of each contestant, at least. @default 300 */
  readonly warmupMs?: number | undefined;
  /** GFLOP/s of `measurePeak` in the same run. */
  readonly peak?: number | undefined;
}

/** At the median cycle and at the fastest one. */
export interface Rate {
  readonly median: number;
  readonly best: number;
}

/** Against the first contestant by a Mann-Whitney U test at 5 %. */
export type Verdict = "faster" | "slower" | "same";

export interface Result {
  readonly title: string;
  readonly name: string;
  /** One entry per cycle, milliseconds per operation. */
  readonly samplesMs: readonly number[];
  readonly medianMs: number;
  readonly minMs: number;
  /** Half the 95 % confidence interval of the median, as a fraction of it. */
  readonly margin: number;
  /** Median of the first contestant / this median: 2 is twice as fast as the first. */
  readonly ratio: number;
  readonly verdict: Verdict;
  readonly gflops?: Rate | undefined;
  /** GFLOP/s as a fraction of the peak. */
  readonly share?: Rate | undefined;
}

interface Entry {
  readonly contestant: Contestant;
  /** Carries the sample, for benchmark.js's own test. */
  readonly benchmark: Benchmark;
  /** Operations per cycle. */
  count: number;
}

/** @throws {Error} whatever a contestant throws. */
export function compare(title: string, contestants: readonly Contestant[], options: CompareOptions = {}): Result[] {
  const { cycles = 30, minCycleMs = 20, warmupMs = 300, peak } = options;
  const entries = contestants.map((contestant) => ({
    contestant,
    benchmark: new Benchmark(contestant.name),
    count: 1,
  }));
  warmUp(entries, minCycleMs, warmupMs);
  const samples = entries.map((): number[] => []);
  for (let cycle = 0; cycle < cycles; ++cycle) {
    entries.forEach((entry, index) => {
      samples[index]?.push(clock(entry).secondsPerCall);
    });
  }
  entries.forEach(({ benchmark }, index) => {
    benchmark.stats.sample = samples[index] ?? [];
  });
  const first = entries[0]?.benchmark;
  return entries.map((entry) => summarise(title, entry, first ?? entry.benchmark, peak));
}

/** Round robin as well: contestants that share code must all have been seen by the optimising compiler before any is timed. */
function warmUp(entries: readonly Entry[], minCycleMs: number, warmupMs: number): void {
  for (let spentMs = 0; spentMs < warmupMs; spentMs += minCycleMs) {
    for (const entry of entries) entry.count = clock(entry, minCycleMs / 1000).count;
  }
}

interface Clocked {
  readonly secondsPerCall: number;
  readonly count: number;
}

/**
 * One benchmark.js sample: an untimed call, then `count` timed ones, and more until they last `minTime` seconds. A negative
 * `maxTime` ends it after that sample; a `minTime` of 0 would mean the default.
 */
function clock({ contestant, count }: Entry, minTime = 1e-9): Clocked {
  const { name, run } = contestant;
  const options = { async: false, initCount: count, minSamples: 1, maxTime: -1, minTime };
  const benchmark = new Benchmark(name, run, options).run();
  if (benchmark.error !== undefined) throw benchmark.error;
  return { secondsPerCall: benchmark.times.period, count: benchmark.count };
}

function summarise(title: string, { contestant, benchmark }: Entry, first: Benchmark, peak?: number): Result {
  const samplesMs = secondsOf(benchmark).map((seconds) => seconds * 1000);
  const medianMs = median(samplesMs);
  const minMs = Math.min(...samplesMs);
  const { name, flop } = contestant;
  const gflops = flop === undefined ? undefined : { median: flop / medianMs / 1e6, best: flop / minMs / 1e6 };
  return {
    title,
    name,
    samplesMs,
    medianMs,
    minMs,
    margin: medianMargin(samplesMs),
    ratio: (median(secondsOf(first)) * 1000) / medianMs,
    verdict: verdict(benchmark, first),
    gflops,
    share: gflops && peak ? { median: gflops.median / peak, best: gflops.best / peak } : undefined,
  };
}

function secondsOf(benchmark: Benchmark): readonly number[] {
  return benchmark.stats.sample;
}

function verdict(benchmark: Benchmark, first: Benchmark): Verdict {
  const sign = benchmark.compare(first);
  if (sign === 0) return "same";
  return sign > 0 ? "faster" : "slower";
}

export function median(sample: readonly number[]): number {
  const sorted = ascending(sample);
  const half = sorted.length / 2;
  return (rank(sorted, Math.ceil(half) - 1) + rank(sorted, Math.floor(half))) / 2;
}

/**
 * Half width of the 95 % confidence interval of the median, divided by the median. From order statistics at n/2 -+ 0.98 sqrt(n),
 * so neither a normal distribution nor the absence of outliers is assumed (benchmark.js's own margin, of the mean, needs both).
 */
export function medianMargin(sample: readonly number[]): number {
  const sorted = ascending(sample);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const low = Math.max(0, Math.floor(sorted.length / 2 - reach));
  const high = sorted.length - 1 - low;
  return (rank(sorted, high) - rank(sorted, low)) / 2 / median(sample);
}

function ascending(sample: readonly number[]): number[] {
  return [...sample].sort((a, b) => a - b);
}

/** @throws {RangeError} when the sample is empty. */
function rank(sorted: readonly number[], index: number): number {
  const value = sorted[index];
  if (value === undefined) throw new RangeError(`A sample of ${sorted.length} has no rank ${index}.`);
  return value;
}

export interface Environment {
  readonly variant: string;
  /** @default 1 */
  readonly threads?: number | undefined;
  /** GFLOP/s. */
  readonly peak?: number | undefined;
}

/** What a number means nothing without: machine, engine, variant, threads, date. */
export function header({ variant, threads = 1, peak }: Environment): string {
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores`;
  const parts = [machine, engine(), variant, `${threads} thread${threads === 1 ? "" : "s"}`];
  if (peak !== undefined) parts.push(`peak ${peak.toFixed(1)} GFLOP/s`);
  return [...parts, new Date().toISOString().slice(0, 10)].join(" | ");
}

export function engine(): string {
  const { bun, deno, node, v8 } = process.versions;
  if (bun !== undefined) return `Bun ${bun}`;
  return `${deno === undefined ? `Node ${node}` : `Deno ${deno}`} (V8 ${v8})`;
}

/** The results with shares of a peak, in GFLOP/s, that was measured around them. */
export function withShares(results: readonly Result[], peak: number): Result[] {
  return results.map((result) => {
    const { gflops } = result;
    return { ...result, share: gflops && { median: gflops.median / peak, best: gflops.best / peak } };
  });
}

/** Prints `formatTable`, under the title of the comparison. */
export function printTable(results: readonly Result[], against?: "first" | "peak"): void {
  console.log(`\n${results[0]?.title ?? ""}\n${formatTable(results, against)}`);
}

/**
 * GFLOP/s and share stand as median / best; a ratio the test cannot tell from 1 is marked `same`. Contestants that do
 * different work are compared with the peak only.
 */
export function formatTable(results: readonly Result[], against: "first" | "peak" = "first"): string {
  const all = [["name", "median", "min", "+-", "GFLOP/s", "of peak", "vs first"], ...results.map(cells)];
  const rows = against === "first" ? all : all.map((row) => row.slice(0, -1));
  const columns = rows[0] ?? [];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(align).join("  ").trimEnd()).join("\n");
}

function cells({ name, medianMs, minMs, margin, gflops, share, ratio, verdict }: Result): string[] {
  return [
    name,
    duration(medianMs),
    duration(minMs),
    `${(margin * 100).toFixed(1)} %`,
    gflops === undefined ? "" : `${gflops.median.toFixed(1)} / ${gflops.best.toFixed(1)}`,
    share === undefined ? "" : `${(share.median * 100).toFixed(0)} / ${(share.best * 100).toFixed(0)} %`,
    `${ratio.toFixed(2)}x${verdict === "same" ? " same" : ""}`,
  ];
}

function duration(ms: number): string {
  return ms < 0.1 ? `${(ms * 1000).toPrecision(3)} us` : `${ms.toPrecision(ms < 1000 ? 3 : 4)} ms`;
}
