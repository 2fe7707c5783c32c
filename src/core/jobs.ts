/**
 * Jobs in shared memory: the caller and one worker hand a slot to each other, by numbers that only the one or the other
 * counts up. `job` > `done` while the worker has the slot. Each side writes its words in cache lines of its own:
 *
 *     0    job    kernel    count    is the worker asleep    is the caller asleep
 *     64   done   length of the failure's text
 *     128  up to 48 arguments as f64, or the failure's text as UTF-16
 *
 * Who waits spins first, since waking takes 50 times as long as the round trip of two that spin, and then sleeps:
 * it says so and then sleeps on the old number, while the other first counts and then looks who sleeps. Both orders are
 * sequentially consistent, so that no wake-up is lost.
 */
const SLOT_BYTES = 512;
const [JOB, KERNEL, COUNT, WORKER_SLEEPS, CALLER_SLEEPS, DONE, FAILURE] = [0, 1, 2, 3, 4, 16, 17];
const ARGUMENTS = 128;
const MOST_ARGUMENTS = (SLOT_BYTES - ARGUMENTS) / 8;
const LONGEST_FAILURE = (SLOT_BYTES - ARGUMENTS) / 2;

/** How long waiting is spinning before it is sleep. */
const SPIN_MS = 0.1;
/** Loads between two looks at the clock, which takes as long as ten of them. */
const LOADS = 50;

const pause: () => void = (Atomics as { readonly pause?: () => void }).pause ?? (() => {});

/** Shared memory for the jobs of so many workers. */
export function jobsFor(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * SLOT_BYTES);
}

/** The jobs of one worker, seen by either side. */
export class Slot {
  readonly #words: Int32Array;
  readonly #arguments: Float64Array;
  readonly #failure: Uint16Array;
  /** The last job posted (caller) or taken (worker). */
  #job = 0;

  constructor(jobs: SharedArrayBuffer, worker: number) {
    const start = worker * SLOT_BYTES;
    this.#words = new Int32Array(jobs, start, ARGUMENTS / 4);
    this.#arguments = new Float64Array(jobs, start + ARGUMENTS, MOST_ARGUMENTS);
    this.#failure = new Uint16Array(jobs, start + ARGUMENTS, LONGEST_FAILURE);
  }

  /** Caller: gives the worker a job, the kernel's number and its arguments. */
  post(kernel: number, args: readonly number[]): void {
    if (args.length > MOST_ARGUMENTS) throw new RangeError(`A job has at most 48 arguments, got ${args.length}.`);
    const words = this.#words;
    words[KERNEL] = kernel;
    words[COUNT] = args.length;
    this.#arguments.set(args);
    this.#job = (this.#job + 1) | 0;
    Atomics.store(words, JOB, this.#job);
    if (Atomics.load(words, WORKER_SLEEPS) === 1) Atomics.notify(words, JOB);
  }

  /** Caller: waits until the job has ended, with "" or what went wrong; undefined when that takes longer. */
  result(milliseconds: number): string | undefined {
    const words = this.#words;
    const before = (this.#job - 1) | 0;
    if (!spin(words, DONE, before) && !sleep(words, DONE, before, CALLER_SLEEPS, milliseconds)) return undefined;
    return String.fromCharCode(...this.#failure.subarray(0, words[FAILURE]));
  }

  /** Worker: waits for the next job; the kernel's number. Its arguments are put in `args`. */
  next(args: number[]): number {
    const words = this.#words;
    if (!spin(words, JOB, this.#job)) sleep(words, JOB, this.#job, WORKER_SLEEPS, Infinity);
    this.#job = Atomics.load(words, JOB);
    args.length = words[COUNT] ?? 0;
    for (let i = 0; i < args.length; i++) args[i] = this.#arguments[i] ?? 0;
    return words[KERNEL] ?? 0;
  }

  /** Worker: the job has ended, with "" or what went wrong. */
  finish(failure: string): void {
    const words = this.#words;
    const text = failure.slice(0, LONGEST_FAILURE);
    for (let i = 0; i < text.length; i++) this.#failure[i] = text.charCodeAt(i);
    words[FAILURE] = text.length;
    Atomics.store(words, DONE, this.#job);
    if (Atomics.load(words, CALLER_SLEEPS) === 1) Atomics.notify(words, DONE);
  }
}

/** Spins for a while; whether the word has left its old number. */
function spin(words: Int32Array, index: number, old: number): boolean {
  const end = performance.now() + SPIN_MS;
  do {
    for (let load = 0; load < LOADS; load++) {
      if (Atomics.load(words, index) !== old) return true;
      pause();
    }
  } while (performance.now() < end);
  return false;
}

/** Sleeps until the word has left its old number; false when that takes longer. */
function sleep(words: Int32Array, index: number, old: number, flag: number, milliseconds: number): boolean {
  Atomics.store(words, flag, 1);
  // More than once: the other side may wake who sleeps for a job that was seen without.
  while (Atomics.load(words, index) === old) {
    if (Atomics.wait(words, index, old, milliseconds) === "timed-out") break;
  }
  Atomics.store(words, flag, 0);
  return Atomics.load(words, index) !== old;
}
