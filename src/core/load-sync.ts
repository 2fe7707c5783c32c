/** `initSync`, apart from `init`, which few programs need beside it. */
import { OptionError, StateError } from "../errors.ts";
import type { CoreInfo } from "./context.ts";
import { explain } from "./explain.ts";
import { createMemory, start } from "./instance.ts";
import { earlier, remember } from "./load.ts";
import { type InitOptions, type Request, readRequest } from "./request.ts";

/** See src/init-sync.ts. */
export function initSync(options: InitOptions): CoreInfo {
  const request = readRequest("initSync()", options);
  if ((request.module ?? request.bytes) === undefined) {
    throw new OptionError("initSync() needs the option module or bytes: only init() can load a binary by itself.");
  }
  if (request.threads !== 1 || request.workerUrl !== undefined) {
    throw new OptionError("initSync() cannot wait for threads to start: await init() instead.");
  }
  if (request.autotune) {
    throw new OptionError("initSync() cannot load what autotune needs: await init() instead.");
  }
  const loading = earlier("initSync()", request);
  if (loading !== undefined) {
    if (loading.info !== undefined) return loading.info;
    throw new StateError("initSync() came while init() was loading: await init() instead.");
  }
  const memory = createMemory(request.maxMemory);
  const info = start("initSync()", request, instantiateSync(request, memory), { memory, maxBytes: request.maxMemory });
  remember({ request, info, promise: Promise.resolve(info) });
  return info;
}

function instantiateSync(request: Request, memory: WebAssembly.Memory): WebAssembly.Instance {
  try {
    const module = request.module ?? new WebAssembly.Module(request.bytes ?? new Uint8Array());
    return new WebAssembly.Instance(module, { env: { memory } });
  } catch (error) {
    throw explain("initSync()", request, error);
  }
}
