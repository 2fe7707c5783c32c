/** The process of a contestant in JavaScript. */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LOSSES, type Prepared, type Ran, type Refusal, type Request, type Usage } from "../protocol.ts";
import type { Work } from "../works.ts";
import { readTensors, type Tensors } from "./tensors.ts";

/** A work made ready. */
export interface Task {
  /** One call; of training, one step, which gives its loss where `loss` does not. */
  readonly run: () => unknown;
  /** The outputs [B, T, H] of one run, or those of T steps [T, H] from the state at the start. */
  readonly outputs?: (() => Float32Array | Promise<Float32Array>) | undefined;
  /** The loss of a step that it makes. */
  readonly loss?: (() => number | Promise<number>) | undefined;
  readonly ownWeights?: boolean | undefined;
  readonly memoryBytes?: (() => number) | undefined;
}

/** Of a call in the cycle before. */
let lastMs = Number.POSITIVE_INFINITY;

export interface Contestant {
  readonly about: () => string;
  /** A text says why it cannot do the work. */
  readonly prepare: (work: Work, tensors: Tensors, folder: string) => Promise<Task | string> | Task | string;
}

/** Answers requests until the parent closes the pipe. */
export async function serve({ about, prepare }: Contestant): Promise<void> {
  let task: Task | undefined;
  const answer = async (request: Request): Promise<Prepared | Refusal | Ran | Usage> => {
    if (request.command === "prepare") {
      const { work, folder, limitMs } = request;
      const tensors = readTensors(join(folder, "data.safetensors"));
      const made = await prepare(work, tensors, folder);
      if (typeof made === "string") return { cannot: made };
      task = made;
      return { about: about(), ...(await check(made, tensors, limitMs)) };
    }
    if (task === undefined) throw new Error("Nothing is prepared.");
    if (request.command === "run") return run(task, request.ms);
    return { maxRssBytes: process.resourceUsage().maxRSS * 1024, memoryBytes: task.memoryBytes?.() };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const result = await answer(JSON.parse(line)).catch((error) => ({ cannot: String(error?.stack ?? error) }));
    writeSync(3, `${JSON.stringify(result)}\n`);
  }
}

async function check(task: Task, { expected }: Tensors, limitMs: number): Promise<Prepared> {
  if (task.outputs !== undefined && expected !== undefined) {
    const outputs = await task.outputs();
    let difference = outputs.length === expected.data.length ? 0 : Number.POSITIVE_INFINITY;
    for (const [i, value] of expected.data.entries()) {
      const distance = Math.abs(value - (outputs[i] ?? Number.NaN));
      // Written so that NaN counts.
      if (!(distance <= difference)) difference = distance;
    }
    return { difference: Number.isNaN(difference) ? Number.MAX_VALUE : difference };
  }
  const losses: number[] = [];
  while (losses.length < LOSSES) {
    const start = performance.now();
    losses.push((await task.loss?.()) ?? Number.NaN);
    const ms = performance.now() - start;
    if (ms > limitMs) return { losses, tooSlowMs: ms };
  }
  return { losses, ownWeights: task.ownWeights };
}

/** Looks at the clock every millisecond or so. A call that is short beside the cycle is made once before it. */
async function run({ run }: Task, ms: number): Promise<Ran> {
  if (lastMs < ms / 10) await run();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let calls = 1;
  const first = run();
  const isAsync = first instanceof Promise;
  await first;
  let now = performance.now();
  while (now - start < ms) {
    const count = Math.max(1, Math.floor(calls / (now - start)));
    if (isAsync) for (let call = 0; call < count; call++) await run();
    else for (let call = 0; call < count; call++) run();
    calls += count;
    now = performance.now();
  }
  const { user, system } = process.cpuUsage(cpu);
  lastMs = (now - start) / calls;
  return { calls, ms: now - start, cpuMs: (user + system) / 1000 };
}
