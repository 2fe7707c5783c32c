/** Weights of classes or features, as options give them. */
import { OptionError } from "../errors.ts";
import { finiteNumber, refuse } from "../options.ts";

/** A copy of `value` if it is a list of finite numbers of at least 0; else throws OptionError. */
export function factors(owner: string, option: string, value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length === 0) return refuse(owner, option, "an array of numbers", value);
  return value.map((factor, index) => finiteNumber(owner, `${option}[${index}]`, factor, { min: 0 }));
}

/** Throws OptionError unless there is one for each of `features`. */
export function requireOneEach(owner: string, option: string, given: readonly number[], features: number): void {
  if (given.length === features) return;
  throw new OptionError(`${owner} needs ${option} to have one number for each of ${features}, got ${given.length}.`);
}
