/** The threads that share the core's work: the caller's, and workers with instances of the binary on the same memory. */
import { StateError } from "../errors.ts";
import { jobsFor, Slot } from "./jobs.ts";
import type { Kernels } from "./kernels.ts";
import { READY, type Start, startThread, type Thread } from "./thread.ts";

/** A worker starts within 50 ms. */
const START_MS = 10_000;
/** A share that takes longer than this and a hundred times the caller's own is one of a worker that is gone. */
const PATIENCE_MS = 10_000;

/** Threads for parts of a kernel's work. */
export interface Pool {
  /** The caller's included; 1 once a worker is lost. */
  readonly threads: number;
  /**
   * Calls `kernel` once with each of `calls`, at most `threads` of them, at the same time, the first one in the caller;
   * returns when all have ended. Results are not returned. Throws what a call has thrown, when all have ended, and
   * StateError when a worker is lost: the core has one thread from then on.
   */
  run(kernel: keyof Kernels, calls: readonly (readonly number[])[]): void;
  /** Ends the workers; the core has one thread from then on. */
  close(): void;
}

type Kernel = (...args: readonly number[]) => unknown;

/** Where workers start from. */
export interface PoolOptions {
  /** The caller's included. */
  readonly threads: number;
  /** The compiled binary, and the caller's instance of it. */
  readonly module: object;
  readonly memory: object;
  readonly exports: Readonly<Record<string, unknown>>;
  /** The worker's file. */
  readonly url: URL | string;
  /** Told once, with a reason, when a worker that had started has ended. */
  readonly onLoss: (reason: string) => void;
}

/** Starts the workers; rejects, with none left, when one does not start. */
export async function startPool(options: PoolOptions): Promise<Pool> {
  const pool = new WorkerPool(options);
  try {
    await pool.start();
    return pool;
  } catch (error) {
    pool.close();
    throw error;
  }
}

class WorkerPool implements Pool {
  readonly #options: PoolOptions;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #jobs: SharedArrayBuffer;
  readonly #slots: readonly Slot[];
  readonly #workers: Thread[] = [];
  #isOpen = true;

  constructor(options: PoolOptions) {
    const workers = options.threads - 1;
    this.#options = options;
    this.#numbers = new Map(Object.keys(options.exports).map((name, number) => [name, number]));
    this.#jobs = jobsFor(workers);
    this.#slots = Array.from({ length: workers }, (_, slot) => new Slot(this.#jobs, slot));
  }

  get threads(): number {
    return this.#isOpen ? this.#options.threads : 1;
  }

  async start(): Promise<void> {
    await Promise.all(this.#slots.map((_, slot) => this.#startWorker(slot)));
    // Not sooner: nothing else may keep a program alive that waits for them.
    for (const worker of this.#workers) worker.unref();
  }

  run(kernel: keyof Kernels, calls: readonly (readonly number[])[]): void {
    if (calls.length > this.threads) {
      throw new StateError(`${calls.length} parts of ${kernel} were given to ${this.threads} threads.`);
    }
    const number = this.#numbers.get(kernel) ?? -1;
    for (let n = 1; n < calls.length; n++) this.#slots[n - 1]?.post(number, calls[n] ?? []);
    const started = performance.now();
    const failures: unknown[] = [];
    try {
      (this.#options.exports[kernel] as Kernel)(...(calls[0] ?? []));
    } catch (error) {
      failures.push(error);
    }
    const patience = PATIENCE_MS + 100 * (performance.now() - started);
    for (let n = 1; n < calls.length; n++) {
      const failure = this.#slots[n - 1]?.result(patience);
      if (failure === undefined) throw this.#lost(kernel, patience);
      if (failure !== "")
        failures.push(new WebAssembly.RuntimeError(`${kernel} failed in thread ${n + 1}: ${failure}`));
    }
    if (failures.length > 0) throw failures[0];
  }

  close(): void {
    this.#isOpen = false;
    for (const worker of this.#workers) worker.stop();
    this.#workers.length = 0;
  }

  #lost(kernel: string, patience: number): StateError {
    this.close();
    const seconds = Math.round(patience / 1000);
    return new StateError(
      `A thread did not end its part of ${kernel} within ${seconds} s: results of this call are incomplete, later ones use one thread.`,
    );
  }

  #startWorker(slot: number): Promise<void> {
    const { module, memory, url, onLoss } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${START_MS / 1000} s`)), START_MS);
      let hasStarted = false;
      const onMessage = (message: unknown): void => {
        hasStarted = message === READY;
        if (!hasStarted) onFailure(String(message));
        clearTimeout(timer);
        resolve();
      };
      const onFailure = (reason: string): void => {
        clearTimeout(timer);
        if (!hasStarted) reject(new Error(reason));
        if (!hasStarted || !this.#isOpen) return;
        this.close();
        onLoss(reason);
      };
      const start: Start = { module, memory, jobs: this.#jobs, slot };
      try {
        const worker = startThread(url, `gatefold-${slot + 1}`, { onMessage, onFailure });
        this.#workers.push(worker);
        worker.send(start);
      } catch (error) {
        onFailure(String(error));
      }
    });
  }
}
