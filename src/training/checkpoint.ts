import { OptionError } from "../errors.ts";
import { describe, flag, knownOptions, positiveInteger, refuse } from "../options.ts";
import type { Callback, FitRun, Logs } from "./callback.ts";
import { Monitor, type MonitorMode } from "./monitor.ts";
import { PathTemplate } from "./path-template.ts";

const OWNER = "modelCheckpoint";

export interface ModelCheckpointOptions {
  /**
   * May hold {epoch}, {step} (both counted from 1, as in Keras) and names of the logs, formatted as in Python:
   * "run/{epoch:02d}-{val_loss:.4f}.safetensors". Folders are created.
   */
  readonly path: string;
  /** What saveBestOnly looks at; by default "val_loss". */
  readonly monitor?: string | undefined;
  /** Save only what is better than everything this callback has saved; by default false. */
  readonly saveBestOnly?: boolean | undefined;
  /** Whether it should fall or rise; by default "auto", which tells by its name. */
  readonly mode?: MonitorMode | undefined;
  /** With the optimizer's state, as going on later needs it; true unless told otherwise. */
  readonly saveOptimizer?: boolean | undefined;
  /** At the end of each epoch, by default "epoch", or after this many steps, counted through all epochs. */
  readonly saveFrequency?: "epoch" | number | undefined;
  /** Checkpoints of this training that stay, the last ones; all unless told otherwise. */
  readonly keep?: number | undefined;
}

/**
 * Saves the model while it is trained. A checkpoint is whole and on disk before training goes on and before an older
 * one is removed: a crash at any moment leaves the last one. Throws OptionError; training throws it when its logs lack
 * what the options name, and UnsupportedError where there are no files.
 *
 * ```ts
 * const best = modelCheckpoint({ path: "best.safetensors", monitor: "val_accuracy", saveBestOnly: true });
 * const last = modelCheckpoint({ path: "run/{epoch:03d}.safetensors", keep: 2 });
 * await model.fit(x, y, { epochs: 100, validationSplit: 0.1, callbacks: [best, last] });
 * ```
 */
export function modelCheckpoint(options: ModelCheckpointOptions): Callback {
  return new Checkpoint(options);
}

class Checkpoint implements Callback {
  readonly #path: PathTemplate;
  /** Undefined when everything is saved. */
  readonly #monitor: Monitor | undefined;
  readonly #optimizer: boolean;
  readonly #frequency: "epoch" | number;
  readonly #keep: number | undefined;
  #best: number | undefined;
  #epoch = 0;
  /** Since the last checkpoint. */
  #steps = 0;
  /** Paths of this training, oldest first. */
  #saved: string[] = [];

  constructor(options: ModelCheckpointOptions) {
    const known = ["path", "monitor", "saveBestOnly", "mode", "saveOptimizer", "saveFrequency", "keep"];
    knownOptions(OWNER, options, known);
    const { path, monitor, mode, saveBestOnly = false, saveOptimizer = true, saveFrequency = "epoch", keep } = options;
    this.#path = new PathTemplate(OWNER, path);
    const watched = new Monitor(OWNER, { monitor, mode });
    this.#monitor = flag(OWNER, "saveBestOnly", saveBestOnly) ? watched : undefined;
    this.#optimizer = flag(OWNER, "saveOptimizer", saveOptimizer);
    this.#frequency = frequencyOf(saveFrequency);
    this.#keep = keep === undefined ? undefined : positiveInteger(OWNER, "keep", keep);
    this.#checkNames();
  }

  async onTrainBegin(run: FitRun): Promise<void> {
    const { platform } = await import("../io/files.ts");
    await platform(OWNER);
    this.#monitor?.begin(run);
    this.#checkValidation(run);
    this.#steps = 0;
    this.#saved = [];
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  async onStepEnd(step: number, logs: Logs, run: FitRun): Promise<void> {
    if (this.#frequency === "epoch" || ++this.#steps < this.#frequency) return;
    this.#steps = 0;
    await this.#save({ step: step + 1 }, logs, run);
  }

  async onEpochEnd(_epoch: number, logs: Logs, run: FitRun): Promise<void> {
    if (this.#frequency === "epoch") await this.#save({}, logs, run);
  }

  async #save(place: Logs, logs: Logs, run: FitRun): Promise<void> {
    const value = this.#monitor?.read(this.#epoch, logs, run);
    if (this.#monitor !== undefined && (value === undefined || !this.#monitor.isBetter(value, this.#best))) return;
    const path = this.#path.fill({ ...logs, epoch: this.#epoch + 1, ...place });
    const { removeFile, writeFileAtomically } = await import("../io/files.ts");
    const { makeFolderOf } = await import("../io/text-files.ts");
    await makeFolderOf(path);
    await writeFileAtomically(path, run.model.save({ optimizer: this.#optimizer }));
    this.#best = value;
    this.#saved = [...this.#saved.filter((saved) => saved !== path), path];
    while (this.#keep !== undefined && this.#saved.length > this.#keep) await removeFile(this.#saved.shift() ?? "");
  }

  /** What can be known to fail without any training. */
  #checkNames(): void {
    const { names } = this.#path;
    if (this.#keep !== undefined && names.length === 0) {
      throw new OptionError(
        `${OWNER} with keep ${this.#keep} needs a place like {epoch} in its path: each checkpoint replaces the last.`,
      );
    }
    if (this.#frequency === "epoch") {
      if (!names.includes("step")) return;
      throw new OptionError(`${OWNER} with {step} in its path needs saveFrequency to be a number, got "epoch".`);
    }
    const late = [...names, this.#monitor?.name ?? ""].find((name) => name.startsWith("val_"));
    if (late === undefined) return;
    throw new OptionError(
      `${OWNER} has no ${describe(late)} between the steps of an epoch: use "loss", or saveFrequency "epoch".`,
    );
  }

  /** A name with a number that some epochs lack; those that saveBestOnly saves all have it. */
  #checkValidation({ validationFrequency }: FitRun): void {
    if (validationFrequency === undefined || validationFrequency === 1) return;
    if (this.#monitor?.name.startsWith("val_")) return;
    const name = this.#path.names.find((one) => one.startsWith("val_"));
    if (name === undefined) return;
    throw new OptionError(
      `${OWNER} has {${name}} in its path, but fit does not validate every epoch: use other names, or validate.`,
    );
  }
}

function frequencyOf(value: unknown): "epoch" | number {
  if (value === "epoch") return value;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  return refuse(OWNER, "saveFrequency", '"epoch" or a positive number of steps', value);
}
