/** Loads the core with a binary for threads: for those who ask for threads or turbo. */
import { OutOfMemoryError } from "../errors.ts";
import { loadBinary } from "./binaries.ts";
import type { CoreInfo } from "./context.ts";
import { chooseVariant, instantiate, start } from "./instance.ts";
import type { Request } from "./request.ts";
import { createSharedMemory, threadsHere, tryPool } from "./threads.ts";

/**
 * With a binary for threads, which turbo takes for one thread, too; undefined when neither can be had. A given binary has a
 * shared memory in any case.
 */
export async function loadShared(request: Request): Promise<CoreInfo | undefined> {
  const threads = threadsHere(request.threads);
  const turboModule = request.turbo ? await compileForTurbo(request) : undefined;
  const isGiven = request.module !== undefined || request.bytes !== undefined;
  const turbo = turboModule !== undefined;
  if (threads === 1 && !isGiven && !turbo) return undefined;
  const room = createSharedMemory(request.maxMemory);
  if (room === undefined) {
    if (isGiven) throw new OutOfMemoryError("The engine refuses memory that is shared: give a binary without threads.");
    return undefined;
  }
  const { memory } = room;
  const { module, instance } = await instantiate({ ...request, module: turboModule ?? request.module }, memory, true);
  const shared = { threads, module, memory, exports: instance.exports };
  const pool = threads > 1 ? await tryPool(shared, request.workerUrl) : undefined;
  return pool || isGiven || turbo ? start("init()", request, instance, { ...room, pool, turbo }) : undefined;
}

async function compileForTurbo(request: Request): Promise<WebAssembly.Module | undefined> {
  const { compileTurbo } = await import("./turbo.ts");
  return compileTurbo(await loadBinary(chooseVariant(request), true));
}
