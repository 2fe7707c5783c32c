import type { Callback, FitRun, Logs } from "./callback.ts";
import { type EpochProgress, epochParts, GAP } from "./epoch-text.ts";

/** Where the progress goes: Node's process.stdout and stderr, or anything that takes text. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

/** A line for each epoch when it is over, unless `verbose` is 0: all that pages see of a progress bar. */
export class EpochReport implements Callback {
  protected readonly stream: ProgressStream;
  /** Undefined before the first epoch. */
  protected progress: EpochProgress | undefined;
  readonly #now: () => number;
  #began = 0;
  /** Steps that this run has done of the epoch, as one that is gone on with has others before. */
  #steps = 0;
  #learningRate = 0;
  #shownRate = 0;

  /** `now`: milliseconds of a clock. */
  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.stream = stream;
    this.#now = now;
  }

  onTrainBegin({ model }: FitRun): void {
    this.#shownRate = model.optimizer.learningRate;
  }

  onEpochBegin(epoch: number, { epochs, stepsPerEpoch, model }: FitRun): void {
    this.#began = this.#now();
    this.#steps = 0;
    this.#learningRate = model.optimizer.learningRate;
    this.progress = { epoch, epochs, done: 0, steps: stepsPerEpoch, logs: {}, seconds: 0, pace: undefined };
  }

  onStepEnd(step: number, logs: Logs, { verbose, model }: FitRun): void {
    if (verbose === 0 || this.progress === undefined) return;
    const seconds = this.#seconds();
    this.#steps++;
    // Here, since at the end of an epoch another callback may have set that of the next one.
    this.#learningRate = model.optimizer.learningRate;
    this.progress = { ...this.progress, done: step + 1, logs, seconds, pace: seconds / this.#steps };
  }

  onEpochEnd(_epoch: number, logs: Logs, { verbose }: FitRun): void {
    if (verbose === 0 || this.progress === undefined) return;
    const learningRate = this.#learningRate === this.#shownRate ? undefined : this.#learningRate;
    this.#shownRate = this.#learningRate;
    this.stream.write(`${this.textOf({ ...this.progress, logs, seconds: this.#seconds(), learningRate })}\n`);
  }

  /** What is written when an epoch is over. */
  protected textOf(progress: EpochProgress): string {
    return epochParts(progress).join(GAP);
  }

  /** Since the epoch began. */
  #seconds(): number {
    return (this.#now() - this.#began) / 1000;
  }
}

/** Where there is no process, as in browsers, each text is a message of the console. */
export function standardOutput(): ProgressStream {
  const { process } = globalThis as { readonly process?: { readonly stdout?: ProgressStream | undefined } };
  if (typeof process?.stdout?.write === "function") return process.stdout;
  return { write: (text: string) => console.log(text.trimEnd()) };
}
