/** Batches that come one by one: loaded for them alone. */
import type { BatchArrays, BatchSource } from "./fit-options.ts";

type Iterated = AsyncIterator<BatchArrays> | Iterator<BatchArrays>;

/** The source of one `fit`. */
export class IterableBatches {
  readonly #source: BatchSource;
  #open: Iterated | undefined;

  constructor(source: BatchSource) {
    this.#source = source;
  }

  /** The batches of an epoch from a position on; an iterable that has more goes on in the next epoch. */
  async *from(position: number): AsyncGenerator<BatchArrays> {
    let result = await this.#open?.next();
    if (result === undefined || result.done === true) {
      this.#open = iteratorOf(typeof this.#source === "function" ? await this.#source() : this.#source);
      result = await this.#open.next();
      for (let skip = position; skip > 0 && !result.done; skip--) result = await this.#open.next();
    }
    for (; result?.done === false; result = await this.#open?.next()) yield result.value;
    this.#open = undefined;
  }

  /** An iterator that was given belongs to the caller. */
  async close(): Promise<void> {
    if (typeof this.#source === "function") await this.#open?.return?.();
  }
}

function iteratorOf(source: AsyncIterable<BatchArrays> | Iterable<BatchArrays>): Iterated {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
