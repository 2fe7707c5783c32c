/** One worker, of node:worker_threads in Node, Deno and Bun and of the web elsewhere. */

/** What a worker is told first. */
export interface Start {
  /** A WebAssembly.Module and a WebAssembly.Memory, types that not all programs know. */
  readonly module: object;
  readonly memory: object;
  readonly jobs: SharedArrayBuffer;
  /** Which slot of `jobs`. */
  readonly slot: number;
}

/** What a worker answers when it has started; anything else is why it has not. */
export const READY = "ready";

/** What is used of either kind of worker. */
export interface Thread {
  send(start: Start): void;
  /** Lets the program end while the worker lives. */
  unref(): void;
  stop(): void;
}

/** `onFailure` is told why the worker does not run, or not any more. */
export interface ThreadEvents {
  readonly onMessage: (message: unknown) => void;
  readonly onFailure: (reason: string) => void;
}

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: object): void;
  unref(): void;
  terminate(): unknown;
}

interface NodePort {
  once(event: "message", listener: (message: unknown) => void): void;
  postMessage(message: unknown): void;
}

interface Builtins {
  "node:worker_threads": {
    readonly Worker: new (file: URL | string, options: object) => NodeWorker;
    readonly parentPort: NodePort | null;
  };
  "node:os": { availableParallelism(): number };
  "node:v8": { setFlagsFromString(flags: string): void };
}

/** A module of Node's own, undefined elsewhere. Never imported, not even late: bundlers for browsers stumble over the name. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  try {
    const { process } = globalThis as {
      process?: { getBuiltinModule?: (name: string) => unknown; versions?: { readonly node?: string } };
    };
    return process?.versions?.node ? (process.getBuiltinModule?.(name) as Builtins[Name] | undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a worker; throws or calls `onFailure` when that cannot be. */
export function startThread(url: URL | string, name: string, events: ThreadEvents): Thread {
  return builtin("node:worker_threads") ? nodeThread(url, name, events) : webThread(url, name, events);
}

function nodeThread(url: URL | string, name: string, events: ThreadEvents): Thread {
  const { Worker } = builtin("node:worker_threads") as Builtins["node:worker_threads"];
  // Addresses must be objects, paths must be strings. Loaders of this program's sources are not for the worker's.
  const file = typeof url === "string" && /^[a-z][a-z0-9+.-]+:/i.test(url) ? new URL(url) : url;
  const worker = new Worker(file, { name, execArgv: [] });
  worker.on("message", events.onMessage);
  worker.on("error", (error) => events.onFailure(String(error)));
  worker.on("exit", (code) => events.onFailure(`it ended with code ${code}`));
  return {
    send: (start) => worker.postMessage(start),
    unref: () => worker.unref(),
    stop: () => void worker.terminate(),
  };
}

function webThread(url: URL | string, name: string, events: ThreadEvents): Thread {
  const worker = new Worker(url, { type: "module", name });
  worker.onmessage = ({ data }) => events.onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault?.();
    events.onFailure(event.message || "its file cannot be loaded");
  };
  return {
    send: (start) => worker.postMessage(start),
    unref: () => {},
    stop: () => worker.terminate(),
  };
}
