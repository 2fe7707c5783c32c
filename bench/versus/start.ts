/** From the start of a process to its first prediction: reading weights, making the model, one forward pass. */
import { spawn } from "node:child_process";
import { median } from "../harness.ts";
import type { Contestant } from "./contestants.ts";
import { prepareFolder } from "./folder.ts";
import { Process } from "./process.ts";
import type { Work } from "./works.ts";

export interface Start {
  readonly name: string;
  readonly title: string;
  /** One entry a process. */
  readonly samplesMs: readonly number[];
  readonly medianMs: number;
  readonly minMs: number;
}

/** Round robin; a process of Node that does nothing comes first. */
export async function measureStarts(
  contestants: readonly Contestant[],
  work: Work,
  processes: number,
): Promise<readonly Start[]> {
  const folder = await prepareFolder(work, contestants);
  const present = contestants.filter(({ missing }) => missing === undefined);
  const starts = [
    { name: "node", title: "Node, an empty program", once: emptyNode, samplesMs: [] as number[] },
    ...present.map((contestant) => ({
      name: contestant.name,
      title: contestant.title,
      once: () => firstPrediction(contestant, work, folder),
      samplesMs: [] as number[],
    })),
  ];
  for (let process = 0; process < processes; process++) {
    for (const { once, samplesMs } of starts) {
      const ms = await once();
      if (ms !== undefined) samplesMs.push(ms);
    }
  }
  return starts
    .filter(({ samplesMs }) => samplesMs.length > 0)
    .map(({ name, title, samplesMs }) => ({
      ...{ name, title, samplesMs, medianMs: median(samplesMs), minMs: Math.min(...samplesMs) },
    }));
}

/** Undefined when it cannot do the work. */
async function firstPrediction(contestant: Contestant, work: Work, folder: string): Promise<number | undefined> {
  const process = new Process(contestant);
  const prepared = await process.ask({ command: "prepare", work, folder, limitMs: Number.MAX_SAFE_INTEGER });
  const ms = performance.now() - process.startedAt;
  await process.end();
  return "cannot" in prepared ? undefined : ms;
}

function emptyNode(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  return new Promise((resolve) => child.once("close", () => resolve(performance.now() - start)));
}
