/** One work: processes, agreement, warm-up, cycles round robin. */
import { median } from "../harness.ts";
import { measurePeak } from "../peak.ts";
import type { Contestant } from "./contestants.ts";
import { prepareFolder } from "./folder.ts";
import { Process } from "./process.ts";
import { LOSSES, type Prepared } from "./protocol.ts";
import type { Measured, WorkResult } from "./results.ts";
import { flopOf, titleOf, type Work } from "./works.ts";

export interface Settings {
  readonly cycles: number;
  /** Shortest cycle of a contestant. */
  readonly cycleMs: number;
  readonly warmupMs: number;
  /** Cycles of a contestant end when they have taken so long, after three of them. */
  readonly budgetMs: number;
  /** One call may take so long. */
  readonly limitMs: number;
  /** "cpu" counts the processor time of the process, for a machine that others use too. */
  readonly clock: "wall" | "cpu";
}

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly process: Process;
  readonly prepared: Prepared;
  readonly samplesMs: number[];
  cannot: string | undefined;
  spentMs: number;
}

const TOLERANCE = 1e-4;
export async function measure(
  work: Work,
  contestants: readonly Contestant[],
  settings: Settings,
  tell: (text: string) => void,
): Promise<WorkResult> {
  const folder = await prepareFolder(work, contestants);
  const before = await peak();
  const results: Measured[] = [];
  const entries: Entry[] = [];
  let losses: readonly number[] | undefined;
  for (const contestant of contestants) {
    for (let process = 0; process < (contestant.processes ?? 1); process++) {
      tell(contestant.name);
      const entry = await enter(contestant, work, folder, settings, losses);
      if (!("process" in entry)) {
        results.push(entry);
        break;
      }
      if (!entry.prepared.ownWeights) losses ??= entry.prepared.losses;
      entries.push(entry);
    }
  }
  for (let cycle = 0; cycle < settings.cycles; cycle++) {
    tell(`cycle ${cycle + 1}`);
    for (const entry of entries) if (cycle < 3 || entry.spentMs < settings.budgetMs) await sample(entry, settings);
  }
  const measured = await Promise.all(entries.map(finish));
  const after = await peak();
  const byName = contestants.flatMap(({ name }) =>
    best([...measured, ...results].filter((result) => result.name === name)),
  );
  return {
    work,
    title: titleOf(work),
    flop: flopOf(work),
    peak: before && after && Math.max(before, after),
    contestants: byName,
  };
}

async function peak(): Promise<number | undefined> {
  return measurePeak("relaxed").then(
    ({ gflops }) => gflops,
    () => undefined,
  );
}

/** Starts it, lets it do the work once or a few times and compares, and warms it up. */
async function enter(
  contestant: Contestant,
  work: Work,
  folder: string,
  settings: Settings,
  losses: readonly number[] | undefined,
): Promise<Entry | Measured> {
  const { name, title, missing } = contestant;
  if (missing !== undefined) return { name, title, cannot: missing };
  const process = new Process(contestant);
  const prepared = await process.ask({ command: "prepare", work, folder, limitMs: settings.limitMs });
  const reason = "cannot" in prepared ? prepared.cannot : disagreement(prepared, losses);
  if (reason !== undefined) {
    await process.end();
    return { name, title, cannot: reason };
  }
  if (!("cannot" in prepared)) {
    const ran = await process.ask({ command: "run", ms: settings.warmupMs });
    const entry = { name, title, process, prepared, samplesMs: [], cannot: undefined, spentMs: 0 };
    if (!("cannot" in ran)) return entry;
  }
  await process.end();
  return { name, title, cannot: "failed" };
}

export function disagreement(prepared: Prepared, losses: readonly number[] | undefined): string | undefined {
  const { difference, tooSlowMs, ownWeights } = prepared;
  if (tooSlowMs !== undefined) return `too slow: ${(tooSlowMs / 1000).toFixed(0)} s a call`;
  if (difference !== undefined) return difference <= TOLERANCE ? undefined : `differs by ${difference}`;
  const own = prepared.losses ?? [];
  if (own.length !== LOSSES) return "gives no losses";
  const [first = 0, last = 0] = [own[0], own[LOSSES - 1]];
  if (!(last < first)) return `loss does not fall: ${own.join(", ")}`;
  if (ownWeights || losses === undefined) return undefined;
  const far = own.findIndex((loss, i) => !(Math.abs(loss / (losses[i] ?? 0) - 1) <= TOLERANCE));
  return far < 0 ? undefined : `loss ${far + 1} is ${own[far]} and not ${losses[far]}`;
}

async function sample(entry: Entry, { cycleMs, clock }: Settings): Promise<void> {
  if (entry.cannot !== undefined) return;
  const ran = await entry.process.ask({ command: "run", ms: cycleMs });
  if ("cannot" in ran) {
    entry.cannot = ran.cannot;
    return;
  }
  entry.samplesMs.push((clock === "cpu" ? ran.cpuMs : ran.ms) / ran.calls);
  entry.spentMs += ran.ms;
}

async function finish({ name, title, process, prepared, samplesMs, cannot }: Entry): Promise<Measured> {
  const usage = await process.ask({ command: "usage" });
  await process.end();
  if (cannot !== undefined) return { name, title, cannot };
  const { about, warning, difference, losses } = prepared;
  const medianMs = median(samplesMs);
  const times = { samplesMs, medianMs, minMs: Math.min(...samplesMs) };
  return { name, title, about, warning, difference, losses, ...times, ...("cannot" in usage ? {} : usage) };
}

/** Of several processes of a contestant the one with the least median. */
function best(processes: readonly Measured[]): readonly Measured[] {
  const sorted = [...processes].sort(
    (a, b) => (a.medianMs ?? Number.POSITIVE_INFINITY) - (b.medianMs ?? Number.POSITIVE_INFINITY),
  );
  return sorted.slice(0, 1);
}
