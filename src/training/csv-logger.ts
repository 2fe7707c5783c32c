import { OptionError } from "../errors.ts";
import { describe, flag, knownOptions, refuse } from "../options.ts";
import type { Callback, FitRun, Logs } from "./callback.ts";
import { csvHeader, csvLine, csvNumber, widenRows } from "./csv-text.ts";

const OWNER = "csvLogger";

export interface CsvLoggerOptions {
  /** The folder is created if it does not exist. */
  readonly path: string;
  /** One character; by default ",". */
  readonly separator?: string | undefined;
  /** Go on with the file that a former training has left, instead of replacing it; by default false. */
  readonly append?: boolean | undefined;
}

/**
 * Writes a table of the logs: a header, then a row for each epoch (counted from 0, as in Keras) with its logs and the
 * learning rate of its last step. A row is on disk before training goes on. Numbers have all their digits, NaN is "nan",
 * a missing value is empty, and a log that appears later gets a column at the end. With `append`, a last line that a
 * crash has torn is cut off. The old file is replaced when the first epoch ends, not before. Throws OptionError; training
 * throws it for a file that is no such table, and UnsupportedError where there are no files.
 *
 * ```ts
 * await model.fit(x, y, { epochs: 20, callbacks: [csvLogger({ path: "runs/births.csv" })] });
 * // epoch,loss,val_loss,learningRate
 * // 0,0.8213,0.7911,0.001
 * ```
 */
export function csvLogger(options: CsvLoggerOptions): Callback {
  return new CsvLogger(options);
}

class CsvLogger implements Callback {
  readonly #path: string;
  readonly #separator: string;
  readonly #append: boolean;
  /** Undefined until the file is begun. */
  #columns: readonly string[] | undefined;
  #learningRate = Number.NaN;

  constructor(options: CsvLoggerOptions) {
    knownOptions(OWNER, options, ["path", "separator", "append"]);
    const { path, separator = ",", append = false } = options;
    if (typeof path !== "string" || path === "") refuse(OWNER, "path", 'a file like "log.csv"', path);
    if (typeof separator !== "string" || !/^[^\w"\r\n.+-]$/.test(separator)) {
      refuse(OWNER, "separator", 'one character that is in no number, like "," or ";"', separator);
    }
    this.#path = path;
    this.#separator = separator;
    this.#append = flag(OWNER, "append", append);
  }

  async onTrainBegin(): Promise<void> {
    const { platform } = await import("../io/files.ts");
    await platform(OWNER);
    this.#columns = this.#append ? await this.#resume() : undefined;
  }

  onEpochBegin(_epoch: number, { model }: FitRun): void {
    this.#learningRate = model.optimizer.learningRate;
  }

  /** Here, since at the end of an epoch another callback may have set that of the next one. */
  onStepEnd(_step: number, _logs: Logs, { model }: FitRun): void {
    this.#learningRate = model.optimizer.learningRate;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const values = new Map([["epoch", epoch], ...Object.entries(logs), ["learningRate", this.#learningRate]]);
    const { appendText } = await import("../io/text-files.ts");
    const missing = [...values.keys()].filter((name) => this.#columns?.includes(name) === false);
    if (missing.length > 0) await this.#widen(missing);
    if (this.#columns !== undefined && (await appendText(this.#path, this.#row(this.#columns, values)))) return;
    this.#columns ??= [...values.keys()];
    await this.#write(this.#line(this.#columns) + this.#row(this.#columns, values));
  }

  /** The columns of the file that is there, whose torn last line is cut off; undefined to begin a new one. */
  async #resume(): Promise<readonly string[] | undefined> {
    const { readText } = await import("../io/text-files.ts");
    const text = (await readText(this.#path)) ?? "";
    if (text === "") return undefined;
    const header = csvHeader(text, this.#separator);
    if (header?.names[0] !== "epoch") {
      throw new OptionError(
        `${OWNER} cannot append to ${describe(this.#path)}: its first line is no header "epoch${this.#separator}..." with separator ${describe(this.#separator)}.`,
      );
    }
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) await this.#write(whole);
    return header.names;
  }

  /** Adds columns at the end of every line. */
  async #widen(names: readonly string[]): Promise<void> {
    const { readText } = await import("../io/text-files.ts");
    const text = (await readText(this.#path)) ?? "";
    const start = csvHeader(text, this.#separator)?.end ?? 0;
    const columns = [...(this.#columns ?? []), ...names];
    await this.#write(this.#line(columns) + widenRows(text, start, names.length, this.#separator));
    this.#columns = columns;
  }

  #row(columns: readonly string[], values: ReadonlyMap<string, number>): string {
    return this.#line(columns.map((name) => csvNumber(values.get(name))));
  }

  #line(cells: readonly string[]): string {
    return csvLine(cells, this.#separator);
  }

  async #write(text: string): Promise<void> {
    const { makeFolderOf } = await import("../io/text-files.ts");
    const { writeFileAtomically } = await import("../io/files.ts");
    await makeFolderOf(this.#path);
    await writeFileAtomically(this.#path, new TextEncoder().encode(text));
  }
}
