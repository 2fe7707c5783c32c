import { finiteNumber, flag, integer, knownOptions, refuse } from "../options.ts";
import type { Callback, FitRun, Logs } from "./callback.ts";
import { type EpochProgress, epochLines } from "./epoch-lines.ts";

const OWNER = "progressBar";

/** Where the progress goes: Node's process.stdout and stderr, or anything that takes text. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

export interface ProgressBarOptions {
  /** By default process.stdout, and console.log where there is none. */
  readonly stream?: ProgressStream | undefined;
  /** Characters of a line at most; by default one less than the terminal has, without a terminal any number. */
  readonly width?: number | undefined;
  /** Whether a line can be rewritten in place; by default what the stream says. */
  readonly isTerminal?: boolean | undefined;
  /** Milliseconds of a clock; by default performance.now. */
  readonly now?: (() => number) | undefined;
}

const REDRAW_MS = 100;
const COLUMNS = 80;

/**
 * Shows how training goes, as `verbose` of `fit` says: 1 rewrites one line while an epoch runs, 2 writes when it ends,
 * 0 never. Without a terminal 1 is like 2. `fit` has one of its own unless it is given one. Throws OptionError.
 *
 * ```ts
 * await model.fit(x, y, { callbacks: [progressBar({ stream: process.stderr })] });
 * ```
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  return new ProgressBar(options);
}

/** Whether a callback was made by `progressBar`. */
export function isProgressBar(callback: Callback): boolean {
  return callback instanceof ProgressBar;
}

class ProgressBar implements Callback {
  readonly #stream: ProgressStream;
  readonly #width: number | undefined;
  readonly #isTerminal: boolean;
  readonly #now: () => number;
  #began = 0;
  #drawn = 0;
  /** What stands in the line that is rewritten; "" when there is none. */
  #line = "";
  #lineOf: ((progress: EpochProgress, width: number) => string) | undefined;
  #progress: EpochProgress | undefined;
  /** Steps that this run has done of the epoch, as one that is gone on with has others before. */
  #steps = 0;
  #learningRate = 0;
  #shownRate = 0;

  constructor(options: ProgressBarOptions) {
    knownOptions(OWNER, options, ["stream", "width", "isTerminal", "now"]);
    const { stream = standardOutput(), width, isTerminal = stream?.isTTY === true, now } = options;
    if (typeof stream?.write !== "function") refuse(OWNER, "stream", "an object with a function write", stream);
    if (now !== undefined && typeof now !== "function") refuse(OWNER, "now", "a function", now);
    this.#stream = stream;
    this.#width = width === undefined ? undefined : integer(OWNER, "width", width, 1);
    this.#isTerminal = flag(OWNER, "isTerminal", isTerminal);
    this.#now = now === undefined ? () => performance.now() : () => finiteNumber(OWNER, "now()", now());
  }

  async onTrainBegin(run: FitRun): Promise<void> {
    this.#line = "";
    this.#shownRate = run.model.optimizer.learningRate;
    if (this.#redraws(run)) this.#lineOf = (await import("./progress-line.ts")).progressLine;
  }

  onEpochBegin(epoch: number, run: FitRun): void {
    const { epochs, stepsPerEpoch, model } = run;
    this.#began = this.#drawn = this.#now();
    this.#steps = 0;
    this.#learningRate = model.optimizer.learningRate;
    this.#progress = { epoch, epochs, done: 0, steps: stepsPerEpoch, logs: {}, seconds: 0, pace: undefined };
    if (this.#redraws(run)) this.#draw(this.#progress);
  }

  onStepEnd(step: number, logs: Logs, run: FitRun): void {
    if (run.verbose === 0 || this.#progress === undefined) return;
    const now = this.#now();
    const seconds = (now - this.#began) / 1000;
    this.#steps++;
    // Here, since at the end of an epoch another callback may have set that of the next one.
    this.#learningRate = run.model.optimizer.learningRate;
    this.#progress = { ...this.#progress, done: step + 1, logs, seconds, pace: seconds / this.#steps };
    const isLast = step + 1 === run.stepsPerEpoch;
    if (!this.#redraws(run) || (now - this.#drawn < REDRAW_MS && !isLast)) return;
    this.#drawn = now;
    this.#draw(this.#progress);
  }

  onEpochEnd(_epoch: number, logs: Logs, run: FitRun): void {
    if (run.verbose === 0 || this.#progress === undefined) return;
    const learningRate = this.#learningRate === this.#shownRate ? undefined : this.#learningRate;
    this.#shownRate = this.#learningRate;
    const seconds = (this.#now() - this.#began) / 1000;
    const [first = "", ...others] = epochLines({ ...this.#progress, logs, seconds, learningRate }, this.#room());
    this.#stream.write(`${[this.#over(first), ...others].join("\n")}\n`);
    this.#line = "";
  }

  onTrainEnd(): void {
    if (this.#line !== "") this.#stream.write("\n");
    this.#line = "";
  }

  onTrainError(): void {
    this.onTrainEnd();
  }

  #redraws({ verbose }: FitRun): boolean {
    return verbose === 1 && this.#isTerminal;
  }

  #draw(progress: EpochProgress): void {
    const line = this.#lineOf?.(progress, this.#room()) ?? "";
    this.#stream.write(this.#over(line));
    this.#line = line;
  }

  /** The line in place of the one that stands there. With blanks: not every terminal knows how to clear a line. */
  #over(line: string): string {
    return this.#line === "" ? line : `\r${line.padEnd(Math.min(this.#line.length, this.#room()))}`;
  }

  /** The last column stays free: a cursor after it has wrapped on some terminals. */
  #room(): number {
    if (this.#width !== undefined) return this.#width;
    return this.#isTerminal ? Math.max(1, (this.#stream.columns || COLUMNS) - 1) : Infinity;
  }
}

/** Where there is no process, as in browsers, each text is a message of the console. */
function standardOutput(): ProgressStream {
  const { process } = globalThis as { readonly process?: { readonly stdout?: ProgressStream | undefined } };
  if (typeof process?.stdout?.write === "function") return process.stdout;
  return { write: (text: string) => console.log(text.trimEnd()) };
}
