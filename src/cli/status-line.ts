/** One line of a terminal that says what takes so long, rewritten in place and gone when it is done. */
import type { Callback, Logs } from "../training/callback.ts";
import type { ProgressStream } from "../training/epoch-report.ts";

const COLUMNS = 80;
const REDRAW_MS = 100;
const BAR = 20;

/** Says nothing where there is no terminal. */
export class StatusLine {
  readonly #stream: ProgressStream | undefined;
  #length = 0;

  constructor(stream: ProgressStream | undefined) {
    this.#stream = stream?.isTTY === true ? stream : undefined;
  }

  show(text: string): void {
    const shown = text.slice(0, Math.max(1, (this.#stream?.columns || COLUMNS) - 1));
    this.#stream?.write(`\r${shown.padEnd(this.#length)}`);
    this.#length = shown.length;
  }

  clear(): void {
    if (this.#length === 0) return;
    this.#stream?.write(`\r${" ".repeat(this.#length)}\r`);
    this.#length = 0;
  }
}

/** From this size on it takes a while to read a file. */
const LARGE_BYTES = 20_000_000;

/** `Reading births.csv: 40 %`, for `onProgress` of large files. */
export function readingStatus(
  line: StatusLine,
  { name, size = 0 }: { readonly name: string; readonly size: number | undefined },
  now: () => number = () => performance.now(),
): (bytes: number) => void {
  let drawn = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    if (size < LARGE_BYTES || now() - drawn < REDRAW_MS) return;
    drawn = now();
    line.show(`Reading ${name}: ${Math.floor((bytes / size) * 100)} %`);
  };
}

/** `Training [=====>      ]  epoch 12/100, validation loss 0.0275` */
export function trainingStatus(line: StatusLine, now: () => number = () => performance.now()): Callback {
  let epoch = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let validation = "";
  return {
    onEpochBegin(begun: number): void {
      epoch = begun;
    },
    onStepEnd(step, _logs, { epochs, stepsPerEpoch = 1 }): void {
      if (now() - drawn < REDRAW_MS) return;
      drawn = now();
      const done = (epoch + (step + 1) / stepsPerEpoch) / epochs;
      line.show(`Training ${barText(done)}  epoch ${epoch + 1}/${epochs}${validation}`);
    },
    onEpochEnd(_epoch: number, { val_loss: loss }: Logs): void {
      if (loss !== undefined) validation = `, validation loss ${loss.toPrecision(4)}`;
    },
    onTrainEnd: () => line.clear(),
    onTrainError: () => line.clear(),
  };
}

function barText(done: number): string {
  const full = Math.round(done * BAR);
  return `[${"=".repeat(Math.max(0, full - 1))}${full > 0 ? ">" : ""}${" ".repeat(BAR - full)}]`;
}
