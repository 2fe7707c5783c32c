/** One work: processes, agreement, warm-up, cycles round robin. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "../harness.ts";
import { measurePeak } from "../peak.ts";
import type { Contestant } from "./contestants.ts";
import { dataOf } from "./data.ts";
import { Process } from "./process.ts";
import { LOSSES, type Prepared } from "./protocol.ts";
import { flopOf, isTraining, titleOf, type Work } from "./works.ts";

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

export interface Measured {
  readonly name: string;
  readonly about?: string | undefined;
  /** Why there are no times. */
  readonly cannot?: string | undefined;
  readonly warning?: string | undefined;
  /** From the expected outputs. */
  readonly difference?: number | undefined;
  readonly losses?: readonly number[] | undefined;
  /** Milliseconds a call, of each cycle of its fastest process. */
  readonly samplesMs?: readonly number[] | undefined;
  readonly medianMs?: number | undefined;
  readonly minMs?: number | undefined;
  readonly maxRssBytes?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

export interface WorkResult {
  readonly work: Work;
  readonly title: string;
  readonly flop: number;
  /** GFLOP/s of fused multiply-adds inside WebAssembly, the higher of before and after. */
  readonly peak?: number | undefined;
  readonly contestants: readonly Measured[];
}

interface Entry {
  readonly name: string;
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

async function prepareFolder(work: Work, contestants: readonly Contestant[]): Promise<string> {
  const folder = fileURLToPath(new URL(`build/data/${work.id}`, import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/data.safetensors`, dataOf(work));
  const isRead = contestants.some(({ name, missing }) => name.startsWith("onnxruntime") && missing === undefined);
  if (isRead && !isTraining(work)) {
    const script = fileURLToPath(new URL("build/onnx.js", import.meta.url));
    await promisify(execFile)(process.execPath, [script, folder, JSON.stringify(work)]);
  }
  return folder;
}

/** Starts it, lets it do the work once or a few times and compares, and warms it up. */
async function enter(
  contestant: Contestant,
  work: Work,
  folder: string,
  settings: Settings,
  losses: readonly number[] | undefined,
): Promise<Entry | Measured> {
  const { name, missing } = contestant;
  if (missing !== undefined) return { name, cannot: missing };
  const process = new Process(contestant);
  const prepared = await process.ask({ command: "prepare", work, folder, limitMs: settings.limitMs });
  const reason = "cannot" in prepared ? prepared.cannot : disagreement(prepared, losses);
  if (reason !== undefined) {
    await process.end();
    return { name, cannot: reason };
  }
  if (!("cannot" in prepared)) {
    const ran = await process.ask({ command: "run", ms: settings.warmupMs });
    const entry = { name, process, prepared, samplesMs: [], cannot: undefined, spentMs: 0 };
    if (!("cannot" in ran)) return entry;
  }
  await process.end();
  return { name, cannot: "failed" };
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

async function finish({ name, process, prepared, samplesMs, cannot }: Entry): Promise<Measured> {
  const usage = await process.ask({ command: "usage" });
  await process.end();
  if (cannot !== undefined) return { name, cannot };
  const { about, warning, difference, losses } = prepared;
  const medianMs = median(samplesMs);
  const times = { samplesMs, medianMs, minMs: Math.min(...samplesMs) };
  return { name, about, warning, difference, losses, ...times, ...("cannot" in usage ? {} : usage) };
}

/** Of several processes of a contestant the one with the least median. */
function best(processes: readonly Measured[]): readonly Measured[] {
  const sorted = [...processes].sort(
    (a, b) => (a.medianMs ?? Number.POSITIVE_INFINITY) - (b.medianMs ?? Number.POSITIVE_INFINITY),
  );
  return sorted.slice(0, 1);
}
