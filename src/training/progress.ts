import { finiteNumber, flag, integer, knownOptions, refuse } from "../options.ts";
import type { Callback, FitRun, Logs } from "./callback.ts";
import { EpochReport, type ProgressStream, standardOutput } from "./epoch-report.ts";
import type { EpochProgress } from "./epoch-text.ts";

const OWNER = "progressBar";

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

const REDRAW_SECONDS = 0.1;
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

class ProgressBar extends EpochReport {
  readonly #width: number | undefined;
  readonly #isTerminal: boolean;
  /** Seconds of the epoch. */
  #drawn = 0;
  /** What stands in the line that is rewritten; "" when there is none. */
  #line = "";
  /** Where the width matters. */
  #lines: typeof import("./progress-line.ts") | undefined;

  constructor(options: ProgressBarOptions) {
    knownOptions(OWNER, options, ["stream", "width", "isTerminal", "now"]);
    const { stream = standardOutput(), width, isTerminal = stream?.isTTY === true, now } = options;
    if (typeof stream?.write !== "function") refuse(OWNER, "stream", "an object with a function write", stream);
    if (now !== undefined && typeof now !== "function") refuse(OWNER, "now", "a function", now);
    super(stream, now && (() => finiteNumber(OWNER, "now()", now())));
    this.#width = width === undefined ? undefined : integer(OWNER, "width", width, 1);
    this.#isTerminal = flag(OWNER, "isTerminal", isTerminal);
  }

  override async onTrainBegin(run: FitRun): Promise<void> {
    super.onTrainBegin(run);
    this.#line = "";
    if (this.#room() < Infinity) this.#lines = await import("./progress-line.ts");
  }

  override onEpochBegin(epoch: number, run: FitRun): void {
    super.onEpochBegin(epoch, run);
    if (this.#redraws(run)) this.#draw();
  }

  override onStepEnd(step: number, logs: Logs, run: FitRun): void {
    super.onStepEnd(step, logs, run);
    const { seconds = 0 } = this.progress ?? {};
    const isLast = step + 1 === run.stepsPerEpoch;
    if (this.#redraws(run) && (seconds - this.#drawn >= REDRAW_SECONDS || isLast)) this.#draw();
  }

  onTrainEnd(): void {
    if (this.#line !== "") this.stream.write("\n");
    this.#line = "";
  }

  onTrainError(): void {
    this.onTrainEnd();
  }

  protected override textOf(progress: EpochProgress): string {
    const lines = this.#lines?.epochLines(progress, this.#room()) ?? [super.textOf(progress)];
    const [first = "", ...others] = lines;
    const text = [this.#over(first), ...others].join("\n");
    this.#line = "";
    return text;
  }

  #redraws({ verbose }: FitRun): boolean {
    return verbose === 1 && this.#isTerminal;
  }

  #draw(): void {
    if (this.progress === undefined) return;
    this.#drawn = this.progress.seconds;
    const line = this.#lines?.progressLine(this.progress, this.#room()) ?? "";
    this.stream.write(this.#over(line));
    this.#line = line;
  }

  /** The line in place of the one that stands there. With blanks: not every terminal knows how to clear a line. */
  #over(line: string): string {
    return this.#line === "" ? line : `\r${line.padEnd(Math.min(this.#line.length, this.#room()))}`;
  }

  /** The last column stays free: a cursor after it has wrapped on some terminals. */
  #room(): number {
    if (this.#width !== undefined) return this.#width;
    return this.#isTerminal ? Math.max(1, (this.stream.columns || COLUMNS) - 1) : Infinity;
  }
}
