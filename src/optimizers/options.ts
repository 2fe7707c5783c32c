/** The options that every optimizer has. */
import { finiteNumber, flag, knownOptions, oneOf, positiveInteger } from "../options.ts";
import { LearningRateSchedule } from "./schedule.ts";

/** Whose defaults and formulas hold, see each optimizer. */
export type Preset = "keras" | "pytorch";

/** Options that every optimizer takes. A step first decays the weights or clips the gradients, then updates, then averages. */
export interface OptimizerOptions {
  /** Step size, or what gives it for each step. */
  readonly learningRate?: number | LearningRateSchedule | undefined;
  /** Whose defaults and formulas hold, by default Keras's. */
  readonly preset?: Preset | undefined;
  /**
   * Keras: every step first takes away learningRate weightDecay times each parameter. PyTorch: weightDecay times the
   * parameter is added to its gradient, except in AdamW and Lion. By default 0, or as AdamW says.
   */
  readonly weightDecay?: number | undefined;
  /** Scale all gradients by limit / norm when the norm over all layers exceeds this limit; null: never. */
  readonly globalClipNorm?: number | null | undefined;
  /** Limit each element of the gradients to [-clipValue, clipValue], after the norm. */
  readonly clipValue?: number | undefined;
  /** Keep a running average of the weights, by default false. */
  readonly useEma?: boolean | undefined;
  /** Share of the average that each step keeps, by default 0.99. */
  readonly emaMomentum?: number | undefined;
  /** Every so many steps the average replaces the weights; null (default): only at the end of training. */
  readonly emaOverwriteFrequency?: number | null | undefined;
}

/** The checked common options of one optimizer. */
export interface Settings {
  readonly preset: Preset;
  readonly learningRate: number | LearningRateSchedule;
  readonly weightDecay: number;
  /** undefined: not said. */
  readonly globalClipNorm: number | null | undefined;
  readonly clipValue: number | undefined;
  readonly average: { readonly momentum: number; readonly overwriteFrequency: number | null } | undefined;
}

/** One preset's defaults. */
export interface Defaults {
  readonly learningRate: number;
  readonly weightDecay?: number;
}

const COMMON = [
  ...["learningRate", "preset", "weightDecay", "globalClipNorm", "clipValue"],
  ...["useEma", "emaMomentum", "emaOverwriteFrequency"],
];

/** The kernels take float32, where a smaller epsilon would be 0 and 0 / (sqrt(0) + 0) NaN. */
export const EPSILONS = { min: 1.1754943508222875e-38, max: 1e30 };
export const SHARES = { min: 0, below: 1 };
export const RATES = { min: 0, max: 1e30 };
const LIMITS = { min: 1e-30, max: 1e30 };

/** Checks the options that every optimizer has, and that there are none but these and `own`; throws OptionError. */
export function readSettings(
  kind: string,
  options: OptimizerOptions,
  own: readonly string[],
  defaults: Readonly<Record<Preset, Defaults>>,
): Settings {
  knownOptions(kind, options, [...own, ...COMMON]);
  const { preset: wanted = "keras", globalClipNorm, clipValue } = options;
  const preset = oneOf(kind, "preset", wanted, ["keras", "pytorch"]);
  const { learningRate = defaults[preset].learningRate, weightDecay = defaults[preset].weightDecay ?? 0 } = options;
  const { useEma = false, emaMomentum = 0.99, emaOverwriteFrequency = null } = options;
  const average = {
    momentum: finiteNumber(kind, "emaMomentum", emaMomentum, { min: 0, max: 1 }),
    overwriteFrequency:
      emaOverwriteFrequency === null ? null : positiveInteger(kind, "emaOverwriteFrequency", emaOverwriteFrequency),
  };
  return {
    preset,
    learningRate: learningRate instanceof LearningRateSchedule ? learningRate : readRate(kind, learningRate),
    weightDecay: finiteNumber(kind, "weightDecay", weightDecay, RATES),
    globalClipNorm:
      globalClipNorm == null ? globalClipNorm : finiteNumber(kind, "globalClipNorm", globalClipNorm, LIMITS),
    clipValue: clipValue === undefined ? undefined : finiteNumber(kind, "clipValue", clipValue, LIMITS),
    average: flag(kind, "useEma", useEma) ? average : undefined,
  };
}

/** Throws OptionError unless `rate` is one a step can take. */
export function readRate(kind: string, rate: unknown): number {
  return finiteNumber(kind, "learningRate", rate, RATES);
}

/** The options that `settings` came from, as JSON can hold them. */
export function configOf(settings: Settings): Record<string, unknown> {
  const { preset, learningRate, weightDecay, globalClipNorm, clipValue, average } = settings;
  const rate = typeof learningRate === "number" ? learningRate : { name: learningRate.name, ...learningRate.config() };
  return {
    learningRate: rate,
    preset,
    weightDecay,
    ...(globalClipNorm === undefined ? {} : { globalClipNorm }),
    ...(clipValue === undefined ? {} : { clipValue }),
    ...(average === undefined
      ? {}
      : { useEma: true, emaMomentum: average.momentum, emaOverwriteFrequency: average.overwriteFrequency }),
  };
}
