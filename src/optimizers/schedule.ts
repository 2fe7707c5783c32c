/** A learning rate for each step. Subclass it for one of your own; an optimizer asks `at` before every step. */
export abstract class LearningRateSchedule {
  /** The schedule's name in saved models. */
  abstract readonly name: string;

  /** Whether files can tell of it by its name. @internal */
  get isNamed(): boolean {
    return false;
  }

  /** The rate of the step after `step` steps: `at(0)` is that of the first. */
  abstract at(step: number): number;

  /** Options that make an equal schedule, as JSON can hold them. */
  abstract config(): Record<string, unknown>;
}
