/** How many threads the core can have here, and the start of them. Loaded only when more than one is asked for. */
import { engine } from "./engine.ts";
import { PAGE } from "./memory.ts";
import { type Pool, type PoolOptions, startPool } from "./pool.ts";
import { builtin } from "./thread.ts";

/** More would wait for the memory and for each other: what "auto" takes at most. */
const MOST_AUTOMATIC = 8;
const MOST_PAGES = 65536;
/** Models need more than this. */
const LEAST_PAGES = 256;

/** The number of threads asked for, or 1, with a warning, where there cannot be more. */
export function threadsHere(asked: number | "auto"): number {
  const isAutomatic = asked === "auto";
  const threads = isAutomatic ? Math.min(cores(), MOST_AUTOMATIC) : asked;
  // A page does not ask for the impossible by "auto".
  if (threads === 1 || (isAutomatic && isPage())) return 1;
  const obstacle = findObstacle();
  if (obstacle === undefined) return threads;
  warn(obstacle);
  return 1;
}

/**
 * Memory that threads share, and the most bytes it can grow to: engines refuse large promises that they may have to keep.
 * Undefined, after a warning, where the engine refuses small ones, too.
 */
export function createSharedMemory(
  maxMemory: number | undefined,
): { readonly memory: WebAssembly.Memory; readonly maxBytes: number } | undefined {
  const most = Math.min(MOST_PAGES, Math.floor((maxMemory ?? Infinity) / PAGE));
  for (let maximum = most; ; maximum = Math.ceil(maximum / 2)) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 1, maximum, shared: true }), maxBytes: maximum * PAGE };
    } catch (cause) {
      if (maximum > LEAST_PAGES) continue;
      warn(`the engine refuses memory that is shared (${String(cause)})`);
      return undefined;
    }
  }
}

/** The pool; undefined, after a warning, when its workers do not start. */
export async function tryPool(
  options: Omit<PoolOptions, "url" | "onLoss">,
  workerUrl: string | undefined,
): Promise<Pool | undefined> {
  // The way from src/core/ and, in the package, from build/chunks/.
  const url = workerUrl ?? new URL("../../build/worker.js", import.meta.url);
  const onLoss = (reason: string) => warn(`a worker has ended (${reason})`);
  try {
    return await startPool({ ...options, url, onLoss });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    warn(
      `the worker ${url} did not start (${cause}). Bundled applications copy gatefold/worker.js beside their files and give its address, init({ workerUrl })`,
    );
    return undefined;
  }
}

function cores(): number {
  const { navigator } = globalThis as { navigator?: { readonly hardwareConcurrency?: number } };
  return Math.max(1, builtin("node:os")?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1);
}

/** Why there can be no threads. */
function findObstacle(): string | undefined {
  if (isPage()) return "a page's main thread may not wait for others: use gatefold in a Web Worker of your own";
  const isNode = builtin("node:worker_threads") !== undefined;
  if (typeof SharedArrayBuffer !== "function" || (!isNode && globalThis.crossOriginIsolated === false)) {
    return "memory cannot be shared here: serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  }
  if (!isNode && typeof Worker !== "function") return `${engine()} has no workers here`;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return undefined;
  } catch {
    return "this thread may not wait for others: use gatefold in a worker of your own";
  }
}

/** The main thread of a browser's page. */
function isPage(): boolean {
  return typeof window === "object" && typeof document === "object";
}

function warn(reason: string): void {
  console.warn(`gatefold runs on one thread: ${reason}.`);
}
