import { OptionError, StateError } from "../../errors.ts";
import { describe, numbers } from "../../options.ts";
import type { Scaler } from "./scaler.ts";

/** Squares and differences of values up to this are finite. */
const LARGEST = 1e150;

/** What one kind of scaler learns and does with it; P are its learned numbers by name. @internal */
export interface ScalerKind<P extends Readonly<Record<string, number>>> {
  readonly kind: string;
  /** Who speaks in errors. */
  readonly owner: string;
  /** Options that a saved scaler needs beside P. */
  readonly options: Readonly<Record<string, unknown>>;
  learn(values: ArrayLike<number>): P;
  apply(x: number, learned: P, row: number): number;
  invert(y: number, learned: P): number;
}

/** A scaler of a kind, fitted when `learned` is given. @internal */
export class LearnedScaler<P extends Readonly<Record<string, number>>> implements Scaler {
  readonly #kind: ScalerKind<P>;
  #learned: P | undefined;

  constructor(kind: ScalerKind<P>, learned?: P) {
    this.#kind = kind;
    this.#learned = learned;
  }

  get kind(): string {
    return this.#kind.kind;
  }

  get isFitted(): boolean {
    return this.#learned !== undefined;
  }

  fit(values: ArrayLike<number>): this {
    requireNumbers(this.#kind.owner, values);
    this.#learned = this.#kind.learn(values);
    return this;
  }

  transform(values: ArrayLike<number>): Float64Array {
    const learned = this.#required("transform");
    numbers(this.#kind.owner, "the values to transform", values);
    return Float64Array.from(values, (x, row) => this.#kind.apply(x, learned, row));
  }

  inverse(values: ArrayLike<number>): Float64Array {
    const learned = this.#required("inverse");
    numbers(this.#kind.owner, "the values to invert", values);
    return Float64Array.from(values, (y) => this.#kind.invert(y, learned));
  }

  toConfig(): Readonly<Record<string, unknown>> {
    return { kind: this.kind, ...this.#kind.options, ...this.#learned };
  }

  #required(call: string): P {
    if (this.#learned !== undefined) return this.#learned;
    throw new StateError(`${this.#kind.owner} knows no column yet: call fit before ${call}.`);
  }
}

function requireNumbers(owner: string, values: ArrayLike<number>): void {
  if (typeof values !== "object" || values === null || !(values.length > 0)) {
    throw new OptionError(`${owner} fits a column of at least one number, got ${describe(values)}.`);
  }
  for (let row = 0; row < values.length; row++) {
    const value: unknown = values[row];
    if (typeof value === "number" && Math.abs(value) <= LARGEST) continue;
    throw new OptionError(
      `${owner} fits finite numbers up to ${LARGEST}, got ${describe(value)} in row ${row} (from 0): fill or drop it first.`,
    );
  }
}
