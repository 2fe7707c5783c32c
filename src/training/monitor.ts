/** A number of the logs that a callback watches, and when one value of it is better than another. */
import { OptionError } from "../errors.ts";
import { describe, finiteNumber, oneOf, refuse } from "../options.ts";
import type { FitRun, Logs } from "./callback.ts";

/** Whether the monitored number should fall or rise; "auto" tells by its name, see `Monitor`. */
export type MonitorMode = "auto" | "min" | "max";

export interface MonitorOptions {
  /** A name in the logs; by default "val_loss". */
  readonly monitor?: string | undefined;
  /** Whether the number should fall or rise; by default "auto", which tells by its name. */
  readonly mode?: MonitorMode | undefined;
  /** Only a change by more than this is an improvement, by default 0. */
  readonly minDelta?: number | undefined;
}

const RISING = /(acc|accuracy|precision|recall|f1(_?score)?|auc|top_?(k|\d+))$/i;

/**
 * Reads and compares. Mode "auto" maximises names that end in accuracy, precision, recall, f1, auc or "top k", and
 * minimises all others. NaN is never better than anything, and anything else is better than nothing.
 */
export class Monitor {
  readonly name: string;
  readonly #owner: string;
  readonly #rising: boolean;
  readonly #minDelta: number;

  /** Throws OptionError. */
  constructor(owner: string, { monitor = "val_loss", mode = "auto", minDelta = 0 }: MonitorOptions) {
    if (typeof monitor !== "string" || monitor === "") refuse(owner, "monitor", 'a log like "loss"', monitor);
    const direction = oneOf(owner, "mode", mode, ["auto", "min", "max"]);
    this.name = monitor;
    this.#owner = owner;
    this.#rising = direction === "auto" ? RISING.test(monitor) : direction === "max";
    this.#minDelta = finiteNumber(owner, "minDelta", minDelta, { min: 0 });
  }

  /** Before the first epoch: throws OptionError when no epoch will have such a log. */
  begin({ validationFrequency }: FitRun): void {
    if (!this.#isValidated || validationFrequency !== 0) return;
    throw new OptionError(
      `${this.#owner} monitors ${describe(this.name)}, but fit has no validation data: give it some, or monitor "loss".`,
    );
  }

  /**
   * The value at the end of an epoch; undefined for one of the validation data after an epoch that was not validated.
   * Throws OptionError that lists the logs when the name is not among them.
   */
  read(epoch: number, logs: Logs, { validationFrequency = 1 }: FitRun): number | undefined {
    if (this.#isValidated && (epoch + 1) % validationFrequency !== 0) return undefined;
    const value = Object.hasOwn(logs, this.name) ? logs[this.name] : undefined;
    if (value !== undefined) return value;
    const names = Object.keys(logs).join(", ") || "nothing";
    const fix = this.#isValidated ? "monitor one of these, or give fit validation data" : "monitor one of these";
    throw new OptionError(`${this.#owner} monitors ${describe(this.name)}, but the logs have ${names}: ${fix}.`);
  }

  get #isValidated(): boolean {
    return this.name.startsWith("val_");
  }

  /** Whether `value` improves on `reference` by more than minDelta. */
  isBetter(value: number, reference: number | undefined): boolean {
    if (reference === undefined) return !Number.isNaN(value);
    return this.#rising ? value - this.#minDelta > reference : value + this.#minDelta < reference;
  }
}
