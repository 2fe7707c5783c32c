/** A scripted training: calls the hooks in the order in which `fit` does, and trains nothing. */
import { expect } from "vitest";
import { type Callback, type CallbackModel, type FitRun, type Logs, OptionError, SGD } from "../../src/index.ts";
import type { Optimizer } from "../../src/optimizers/optimizer.ts";
import { f32 } from "./layers.ts";

export interface Script {
  /** The logs of each epoch; those of a step are all but the "val_" ones. */
  readonly epochs: readonly Logs[];
  readonly stepsPerEpoch?: number;
  readonly hasUnknownSteps?: boolean;
  readonly initialEpoch?: number;
  readonly validationFrequency?: number;
  readonly verbose?: 0 | 1 | 2;
  readonly optimizer?: Optimizer;
  /** Called before each step. */
  readonly onStep?: (epoch: number, step: number) => void;
  readonly onEpoch?: (epoch: number) => void | Promise<void>;
}

/** Its one weight is the number of steps it was trained; a saved model is JSON. */
export class FakeModel implements CallbackModel {
  readonly label = 'Sequential "fake"';
  readonly optimizer: Optimizer;
  trained = 0;

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
  }

  getWeights(): ReturnType<CallbackModel["getWeights"]> {
    return { steps: f32([this.trained], 1) };
  }

  setWeights(weights: ReturnType<CallbackModel["getWeights"]>): void {
    this.trained = weights.steps?.data[0] ?? -1;
  }

  save({ optimizer }: { readonly optimizer?: boolean | undefined } = {}): Uint8Array {
    return new TextEncoder().encode(JSON.stringify({ steps: this.trained, optimizer }));
  }
}

export interface Played {
  readonly model: FakeModel;
  /** Epochs that were run. */
  readonly epochs: number;
}

/** Plays the script to its end, or until a callback stops it. */
export async function play(callbacks: readonly Callback[], script: Script): Promise<Played> {
  const { epochs, stepsPerEpoch = 1, initialEpoch = 0, verbose = 0, optimizer = new SGD({ learningRate: 1 }) } = script;
  const model = new FakeModel(optimizer);
  let isStopped = false;
  const run: FitRun = {
    model,
    epochs: initialEpoch + epochs.length,
    initialEpoch,
    stepsPerEpoch: script.hasUnknownSteps ? undefined : stepsPerEpoch,
    validationFrequency: script.validationFrequency,
    verbose,
    stop: () => {
      isStopped = true;
    },
  };
  let epoch = initialEpoch;
  for (const callback of callbacks) await callback.onTrainBegin?.(run);
  for (; epoch < run.epochs && !isStopped; epoch++) {
    for (const callback of callbacks) await callback.onEpochBegin?.(epoch, run);
    const logs = epochs[epoch - initialEpoch] ?? {};
    const stepLogs = Object.fromEntries(Object.entries(logs).filter(([name]) => !name.startsWith("val_")));
    for (let step = 0; step < stepsPerEpoch; step++) {
      script.onStep?.(epoch, step);
      model.trained++;
      for (const callback of callbacks) await callback.onStepEnd?.(step, stepLogs, run);
    }
    await script.onEpoch?.(epoch);
    for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, run);
  }
  for (const callback of callbacks) await callback.onTrainEnd?.(run);
  return { model, epochs: epoch - initialEpoch };
}

/** One log of several epochs. */
export function logsOf(name: string, ...values: readonly number[]): Logs[] {
  return values.map((value) => ({ [name]: value }));
}

/** The script must fail with an OptionError that has these parts. */
export async function expectFailure(callback: Callback, script: Script, ...parts: readonly string[]): Promise<void> {
  const error = await play([callback], script).then(
    () => expect.fail("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OptionError);
  for (const part of parts) expect(String(error)).toContain(part);
}
