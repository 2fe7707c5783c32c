/// <reference lib="esnext.disposable" preserve="true" />
/** What holds memory of the core, and how it is given back. */
import { type Core, requireCore } from "../core/context.ts";
import { Region } from "../core/memory.ts";
import { StateError } from "../errors.ts";

function release(regions: Set<Region>): void {
  for (const region of regions) region.dispose();
  regions.clear();
}

const forgotten =
  typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Set<Region>>(release) : undefined;

/** An owner of regions. Free it with `dispose()` or `using`; a forgotten one is freed by the collector. */
export abstract class Owner {
  /** Same as `dispose()`, for `using`. */
  declare [Symbol.dispose]: () => void;
  /** The regions, kept apart from their owner so that a forgotten one can be freed. */
  readonly #owned: Set<Region> = new Set();
  #isDisposed = false;

  /** The class, as in `LSTM`. */
  abstract readonly kind: string;

  /** How messages call it: `LSTM "encoder"`. */
  abstract get label(): string;

  /** Frees everything that is held in the core; a second call does nothing, any other use throws StateError. */
  dispose(): void {
    this.#isDisposed = true;
    release(this.#owned);
    forgotten?.unregister(this);
  }

  /** Whether `dispose` was called. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** The core, while it can still be used; throws StateError after `dispose` and before `init`. @internal */
  requireUsable(): Core {
    if (!this.#isDisposed) return requireCore();
    throw new StateError(`${this.label} was disposed: make a new ${this.kind}.`);
  }

  /** A region that lives as long as its owner, or until `disown`. @internal */
  own(): Region {
    const region = new Region(this.requireUsable().memory);
    if (this.#owned.size === 0) forgotten?.register(this, this.#owned, this);
    this.#owned.add(region);
    return region;
  }

  /** Frees a region from `own` early. @internal */
  disown(region: Region): void {
    if (this.#owned.delete(region)) region.dispose();
  }
}

// Guarded, since an engine without explicit resource management has no such symbol.
if (typeof Symbol.dispose === "symbol") {
  Object.defineProperty(Owner.prototype, Symbol.dispose, {
    configurable: true,
    writable: true,
    value(this: Owner) {
      this.dispose();
    },
  });
}
