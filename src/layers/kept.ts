/** What a forward call in training leaves for backward. */

import type { Region } from "../core/memory.ts";
import { type Addresses, place } from "../core/plan.ts";
import { StateError } from "../errors.ts";
import type { Layer } from "./layer.ts";

/** A region of the layer's own, and what stands in it until backward uses it up. */
export class Kept<T> {
  readonly #layer: Layer;
  #region: Region | undefined;
  #kept: { readonly value: T; readonly version: number } | undefined;

  constructor(layer: Layer) {
    this.#layer = layer;
  }

  /** Where it stands. */
  get region(): Region {
    this.#region ??= this.#layer.own();
    return this.#region;
  }

  /** Makes room; what was kept before is gone unless this throws OutOfMemoryError. */
  place<Name extends string>(sizes: Readonly<Record<Name, number>>): Addresses<Name> {
    const addresses = place(this.region, sizes);
    this.#kept = undefined;
    return addresses;
  }

  keep(value: T): void {
    this.#kept = { value, version: this.#layer.version };
  }

  /** Throws StateError before a forward call in training, after backward, and when the weights are no longer the same. */
  require(): T {
    const { label, version } = this.#layer;
    if (this.#kept === undefined) {
      throw new StateError(
        `${label}.backward needs a forward call with { training: true } before it, one for each backward call.`,
      );
    }
    if (this.#kept.version === version) return this.#kept.value;
    throw new StateError(`The weights of ${label} have changed since its forward call: call forward again.`);
  }

  /** Backward has used it up. */
  clear(): void {
    this.#kept = undefined;
  }
}
