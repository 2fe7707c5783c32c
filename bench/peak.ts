/**
 * The arithmetic peak of one core inside WebAssembly, 128 bits wide, 256 where V8 is asked for such code: the yardstick of all
 * kernel benches. Measure it in the same run as what it is compared with.
 */
import { pathToFileURL } from "node:url";
import { peakBinary, type Variant } from "./peak/build.ts";
import { isTurbo } from "./variants.ts";

export type { Variant } from "./peak/build.ts";

export interface PeakForm {
  /** Export of bench/peak/assembly/chains.ts: kind of chain and number of accumulators. */
  readonly form: string;
  /** At the fastest call. */
  readonly gflops: number;
}

export interface Peak extends PeakForm {
  readonly variant: Variant;
  /** Every form, fastest first. */
  readonly table: readonly PeakForm[];
}

type Chain = (y: number, x: number, rounds: number) => void;

interface Candidate {
  readonly form: string;
  readonly chain: Chain;
  readonly flopPerRound: number;
  rounds: number;
  /** Seconds. */
  fastest: number;
}

const kinds = [
  { kind: "chained", flop: 8, counts: [8, 10, 12, 14] },
  { kind: "separate", flop: 4, counts: [8, 10, 12, 14] },
  ...(isTurbo ? [{ kind: "paired", flop: 16, counts: [12] }] : []),
  ...(isTurbo ? [{ kind: "pairedSeparate", flop: 8, counts: [12] }] : []),
];
const warmCalls = 3000;
const cycles = 40;
const callMs = 2;
/** Byte addresses in a memory of our own; x holds 26 v128: m, c and 24 starting values. */
const y = 1024;
const x = 2048;

/** @throws {Error} when the engine lacks the variant's instructions. */
export async function measurePeak(variant: Variant): Promise<Peak> {
  const candidates = await instantiate(variant);
  for (const candidate of candidates) warm(candidate);
  for (let cycle = 0; cycle < cycles; ++cycle) {
    for (const candidate of candidates) candidate.fastest = Math.min(candidate.fastest, seconds(candidate));
  }
  const table = candidates
    .map(({ form, flopPerRound, rounds, fastest }) => ({ form, gflops: (flopPerRound * rounds) / fastest / 1e9 }))
    .sort((a, b) => b.gflops - a.gflops);
  const [best] = table;
  if (best === undefined) throw new Error("No form to measure.");
  return { variant, ...best, table };
}

/** The higher of two measurements around `work`, which runs in between: the clock of a shared machine drifts. */
export async function withPeak<T>(variant: Variant, work: () => T): Promise<{ peak: number; result: T }> {
  const before = await measurePeak(variant);
  const result = work();
  const after = await measurePeak(variant);
  return { peak: Math.max(before.gflops, after.gflops), result };
}

async function instantiate(variant: Variant): Promise<Candidate[]> {
  const bytes = await peakBinary(variant);
  if (!WebAssembly.validate(bytes)) throw new Error(`This engine cannot compile the ${variant} binary.`);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  // m = -1 and c = 1 keep every chain within [-2^24, 2^24] for ever: no overflow, no subnormal.
  const values = new Float32Array(memory.buffer, x, 104).map((_, i) => 1 + (i >> 2) / 16);
  values.fill(-1, 0, 4).fill(1, 4, 8);
  new Float32Array(memory.buffer, x, 104).set(values);
  return kinds.flatMap(({ kind, flop, counts }) =>
    counts.map((count) => {
      const chain = instance.exports[`${kind}${count}`] as Chain;
      return { form: `${kind}${count}`, chain, flopPerRound: flop * count, rounds: 64, fastest: Infinity };
    }),
  );
}

/** Thousands of short calls until the engine has optimised the loop, then as many rounds a call as last `callMs`. */
function warm(candidate: Candidate): void {
  for (let call = 0; call < warmCalls; ++call) candidate.chain(y, x, candidate.rounds);
  candidate.rounds = 100_000;
  const perRound = Math.min(seconds(candidate), seconds(candidate), seconds(candidate)) / candidate.rounds;
  candidate.rounds = Math.ceil(callMs / 1000 / perRound);
}

function seconds(candidate: Candidate): number {
  const start = performance.now();
  candidate.chain(y, x, candidate.rounds);
  return (performance.now() - start) / 1000;
}

async function main(): Promise<void> {
  for (const variant of ["simd", "relaxed"] as const) {
    try {
      const { form, gflops, table } = await measurePeak(variant);
      console.log(`${variant}: ${gflops.toFixed(1)} GFLOP/s (${form})`);
      for (const row of table) console.log(`  ${row.form.padEnd(12)}${row.gflops.toFixed(1).padStart(7)}`);
    } catch (error) {
      console.log(`${variant}: NOT MEASURED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
