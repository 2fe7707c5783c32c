/** What a run leaves: results/latest.json. */
import type { Download } from "./download.ts";
import type { Start } from "./start.ts";
import type { Work } from "./works.ts";

export interface Measured {
  readonly name: string;
  readonly title: string;
  /** Versions and libraries. */
  readonly about?: string | undefined;
  /** Why there are no times. */
  readonly cannot?: string | undefined;
  readonly warning?: string | undefined;
  /** Largest, from the expected outputs. */
  readonly difference?: number | undefined;
  /** Of the first steps of training. */
  readonly losses?: readonly number[] | undefined;
  /** Milliseconds a call, of each cycle of its fastest process. */
  readonly samplesMs?: readonly number[] | undefined;
  readonly medianMs?: number | undefined;
  readonly minMs?: number | undefined;
  /** Of the process, with its runtime. */
  readonly maxRssBytes?: number | undefined;
  /** Of gatefold's WebAssembly memory. */
  readonly memoryBytes?: number | undefined;
}

export interface WorkResult {
  readonly work: Work;
  readonly title: string;
  /** Executed by one call. */
  readonly flop: number;
  /** GFLOP/s of fused multiply-adds inside WebAssembly, the higher of before and after. */
  readonly peak?: number | undefined;
  readonly contestants: readonly Measured[];
}

export interface Environment {
  readonly machine: string;
  readonly engine: string;
  readonly date: string;
  /** Of the sources. */
  readonly commit?: string | undefined;
  readonly clock: "wall" | "cpu";
  /** Of the machine before the run, over a minute. */
  readonly loadAverage: number;
  readonly cycles: number;
}

export interface Results {
  readonly environment: Environment;
  readonly works: readonly WorkResult[];
  readonly starts: readonly Start[];
  readonly downloads: readonly Download[];
}

/** Its time over that of the first contestant: 2 takes twice as long. Undefined where one of both has none. */
export function ratioOf({ contestants }: WorkResult, name: string): number | undefined {
  const [first] = contestants;
  const medianMs = contestants.find((contestant) => contestant.name === name)?.medianMs;
  return first?.medianMs === undefined || medianMs === undefined ? undefined : medianMs / first.medianMs;
}

/** Executed FLOP as a share of the peak, at the median. */
export function shareOf({ flop, peak, contestants }: WorkResult, name: string): number | undefined {
  const medianMs = contestants.find((contestant) => contestant.name === name)?.medianMs;
  return peak === undefined || medianMs === undefined ? undefined : flop / medianMs / 1e6 / peak;
}

/** Names and titles of all contestants, in the order of the first work that has them. */
export function contestantsOf({ works }: Results): readonly { readonly name: string; readonly title: string }[] {
  const titles = new Map(works.flatMap(({ contestants }) => contestants.map(({ name, title }) => [name, title])));
  return [...titles].map(([name, title]) => ({ name, title }));
}
