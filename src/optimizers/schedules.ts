/** Learning rates that change with the number of steps. Computed with our own exp and cos: the same bits on every engine. */
import { OptionError } from "../errors.ts";
import { cos } from "../math/cos.ts";
import { exp } from "../math/exp.ts";
import { log } from "../math/log.ts";
import { describe, finiteNumber, integer, knownOptions, oneOf, positiveInteger, refuse } from "../options.ts";
import { LearningRateSchedule } from "./schedule.ts";

const RATES = { min: 0, max: 1e30 };
const FACTORS = { above: 0, max: 1e30 };

/** One of those below; a user's subclass that has a name of its own is none. */
abstract class NamedSchedule extends LearningRateSchedule {
  override get isNamed(): boolean {
    return Object.hasOwn(SCHEDULES, this.name);
  }
}

/** Options of `ConstantLearningRate`. */
export interface ConstantLearningRateOptions {
  readonly learningRate: number;
}

/** The same rate at every step. */
export class ConstantLearningRate extends NamedSchedule {
  readonly name = "constantLearningRate";
  readonly #rate: number;

  /** Throws OptionError. */
  constructor(options: ConstantLearningRateOptions) {
    super();
    knownOptions("ConstantLearningRate", options, ["learningRate"]);
    this.#rate = finiteNumber("ConstantLearningRate", "learningRate", options.learningRate, RATES);
  }

  at(_step: number): number {
    return this.#rate;
  }

  config(): Record<string, unknown> {
    return { learningRate: this.#rate };
  }
}

/** Options of `StepDecay`. */
export interface StepDecayOptions {
  readonly initialLearningRate: number;
  /** Steps from one decay to the next. */
  readonly decaySteps: number;
  /** What each decay multiplies the rate by. */
  readonly decayRate: number;
}

/** Options of `ExponentialDecay`. */
export interface ExponentialDecayOptions extends StepDecayOptions {
  /** Whether the rate stays the same for `decaySteps` steps at a time, by default false. */
  readonly staircase?: boolean | undefined;
}

/** initialLearningRate decayRate^(step / decaySteps); with `staircase` the exponent is rounded down. */
export class ExponentialDecay extends NamedSchedule {
  readonly name: string = "exponentialDecay";
  readonly #initial: number;
  readonly #steps: number;
  readonly #decay: number;
  readonly #isStaircase: boolean;

  /** Throws OptionError. */
  constructor(options: ExponentialDecayOptions) {
    super();
    knownOptions("ExponentialDecay", options, ["initialLearningRate", "decaySteps", "decayRate", "staircase"]);
    const { staircase = false } = options;
    [this.#initial, this.#steps, this.#decay] = readDecay("ExponentialDecay", options);
    if (typeof staircase !== "boolean") refuse("ExponentialDecay", "staircase", "true or false", staircase);
    this.#isStaircase = staircase;
  }

  at(step: number): number {
    const exponent = step / this.#steps;
    return decayed(this.#initial, this.#decay, this.#isStaircase ? Math.floor(exponent) : exponent);
  }

  config(): Record<string, unknown> {
    return {
      initialLearningRate: this.#initial,
      decaySteps: this.#steps,
      decayRate: this.#decay,
      staircase: this.#isStaircase,
    };
  }
}

/** The rate times decayRate after every `decaySteps` steps, as PyTorch's StepLR. */
export class StepDecay extends NamedSchedule {
  readonly name = "stepDecay";
  readonly #initial: number;
  readonly #steps: number;
  readonly #decay: number;

  /** Throws OptionError. */
  constructor(options: StepDecayOptions) {
    super();
    knownOptions("StepDecay", options, ["initialLearningRate", "decaySteps", "decayRate"]);
    [this.#initial, this.#steps, this.#decay] = readDecay("StepDecay", options);
  }

  at(step: number): number {
    return decayed(this.#initial, this.#decay, Math.floor(step / this.#steps));
  }

  config(): Record<string, unknown> {
    return { initialLearningRate: this.#initial, decaySteps: this.#steps, decayRate: this.#decay };
  }
}

/** Options of `CosineDecay`. */
export interface CosineDecayOptions {
  /** Where the decay starts, or the warmup if there is one. */
  readonly initialLearningRate: number;
  /** Steps of the decay, the warmup not counted. */
  readonly decaySteps: number;
  /** Share of the rate that is left at the end, by default 0. */
  readonly alpha?: number | undefined;
  /** Steps in which the rate goes straight from initialLearningRate to warmupTarget, by default 0. */
  readonly warmupSteps?: number | undefined;
  /** Where the warmup ends and the decay starts. */
  readonly warmupTarget?: number | undefined;
}

/**
 * Half a cosine from the initial rate down to alpha times it (Loshchilov and Hutter 2017, without restarts), after a
 * linear warmup if there is a `warmupTarget`.
 *
 * ```ts
 * new CosineDecay({ initialLearningRate: 0, warmupTarget: 1e-3, warmupSteps: 500, decaySteps: 10_000 });
 * ```
 */
export class CosineDecay extends NamedSchedule {
  readonly name = "cosineDecay";
  readonly #initial: number;
  readonly #steps: number;
  readonly #alpha: number;
  readonly #warmupSteps: number;
  readonly #warmupTarget: number | undefined;

  /** Throws OptionError. */
  constructor(options: CosineDecayOptions) {
    super();
    const kind = "CosineDecay";
    const known = ["initialLearningRate", "decaySteps", "alpha", "warmupSteps", "warmupTarget"];
    knownOptions(kind, options, known);
    const { alpha = 0, warmupSteps = 0, warmupTarget } = options;
    this.#initial = finiteNumber(kind, "initialLearningRate", options.initialLearningRate, RATES);
    this.#steps = positiveInteger(kind, "decaySteps", options.decaySteps);
    this.#alpha = finiteNumber(kind, "alpha", alpha, { min: 0, max: 1 });
    this.#warmupSteps = integer(kind, "warmupSteps", warmupSteps, 0);
    this.#warmupTarget =
      warmupTarget === undefined ? undefined : finiteNumber(kind, "warmupTarget", warmupTarget, RATES);
    if (warmupSteps > 0 && warmupTarget === undefined) {
      throw new OptionError(
        `${kind} with warmupSteps ${warmupSteps} needs warmupTarget, the rate the warmup ends with.`,
      );
    }
  }

  at(step: number): number {
    const target = this.#warmupTarget;
    if (target !== undefined && step < this.#warmupSteps) {
      return this.#initial + (target - this.#initial) * (step / this.#warmupSteps);
    }
    const done = Math.min(step - this.#warmupSteps, this.#steps) / this.#steps;
    const share = (1 - this.#alpha) * (0.5 * (1 + cos(Math.PI * done))) + this.#alpha;
    return (target ?? this.#initial) * share;
  }

  config(): Record<string, unknown> {
    const target = this.#warmupTarget;
    return {
      initialLearningRate: this.#initial,
      decaySteps: this.#steps,
      alpha: this.#alpha,
      ...(target === undefined ? {} : { warmupSteps: this.#warmupSteps, warmupTarget: target }),
    };
  }
}

/** Options of `PiecewiseConstantDecay`. */
export interface PiecewiseConstantDecayOptions {
  /** Numbers of steps, ascending. */
  readonly boundaries: readonly number[];
  /** One rate more than boundaries. */
  readonly values: readonly number[];
}

/** values[0] for steps up to boundaries[0], values[1] for those after it up to boundaries[1], and so on. */
export class PiecewiseConstantDecay extends NamedSchedule {
  readonly name = "piecewiseConstantDecay";
  readonly #boundaries: readonly number[];
  readonly #values: readonly number[];

  /** Throws OptionError. */
  constructor(options: PiecewiseConstantDecayOptions) {
    super();
    const kind = "PiecewiseConstantDecay";
    knownOptions(kind, options, ["boundaries", "values"]);
    const { boundaries, values } = options;
    if (!Array.isArray(boundaries)) refuse(kind, "boundaries", "an array of numbers of steps", boundaries);
    if (!Array.isArray(values) || values.length !== boundaries.length + 1) {
      refuse(kind, "values", `an array of ${boundaries.length + 1} rates, one more than boundaries`, values);
    }
    for (const [n, value] of boundaries.entries()) {
      integer(kind, `boundaries[${n}]`, value, n === 0 ? 0 : (boundaries[n - 1] ?? 0) + 1);
    }
    this.#boundaries = [...boundaries];
    this.#values = Array.from(values, (value, n) => finiteNumber(kind, `values[${n}]`, value, RATES));
  }

  at(step: number): number {
    const index = this.#boundaries.findIndex((boundary) => step <= boundary);
    return this.#values.at(index) ?? 0;
  }

  config(): Record<string, unknown> {
    return { boundaries: [...this.#boundaries], values: [...this.#values] };
  }
}

const SCHEDULES = {
  constantLearningRate: ConstantLearningRate,
  cosineDecay: CosineDecay,
  exponentialDecay: ExponentialDecay,
  piecewiseConstantDecay: PiecewiseConstantDecay,
  stepDecay: StepDecay,
};

/** The schedule that a saved { name, ...options } tells of; throws OptionError. @internal */
export function scheduleOf(owner: string, saved: unknown): LearningRateSchedule {
  if (saved instanceof LearningRateSchedule) return saved;
  if (typeof saved !== "object" || saved === null || !("name" in saved)) {
    throw new OptionError(`${owner} takes a number or a schedule as learningRate, got ${describe(saved)}.`);
  }
  const { name, ...options } = saved;
  const Schedule = SCHEDULES[oneOf(owner, "learningRate.name", name, Object.keys(SCHEDULES) as ScheduleName[])];
  // The constructor checks what is only claimed here.
  return new Schedule(options as never);
}

type ScheduleName = keyof typeof SCHEDULES;

function readDecay(kind: string, options: StepDecayOptions): [initial: number, steps: number, decay: number] {
  return [
    finiteNumber(kind, "initialLearningRate", options.initialLearningRate, RATES),
    positiveInteger(kind, "decaySteps", options.decaySteps),
    finiteNumber(kind, "decayRate", options.decayRate, FACTORS),
  ];
}

function decayed(initial: number, decay: number, exponent: number): number {
  return initial * exp(exponent * log(decay));
}
