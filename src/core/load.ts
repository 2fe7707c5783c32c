/** The core of the program: loaded once, from options. */
import { type CoreInfo, requireCore } from "./context.ts";
import { createMemory, instantiate, start } from "./instance.ts";
import { type InitOptions, type Request, readRequest, requireSame } from "./request.ts";
import { tileNumber } from "./tiles.ts";

/** One loading of the core. */
export interface Loading {
  readonly request: Request;
  /** Undefined while an `init` is under way. */
  info?: CoreInfo;
  readonly promise: Promise<CoreInfo>;
}

let loading: Loading | undefined;

/** The loading before this one; throws StateError when it had other options. */
export function earlier(owner: string, request: Request): Loading | undefined {
  if (loading !== undefined) requireSame(owner, loading.request, request);
  return loading;
}

/** Says what later ones answer. */
export function remember(done: Loading): void {
  loading = done;
}

/** See src/init.ts, which loads what models need beside the core. */
export async function init(options: InitOptions = {}): Promise<CoreInfo> {
  const request = readRequest("init()", options);
  const before = earlier("init()", request);
  if (before !== undefined) return before.promise;
  const mine: Loading = { request, promise: load(request) };
  loading = mine;
  try {
    mine.info = await mine.promise;
    return mine.info;
  } catch (error) {
    if (loading === mine) loading = undefined;
    throw error;
  }
}

async function load(request: Request): Promise<CoreInfo> {
  const info = await loadCore(request);
  if (!request.autotune) return info;
  const [{ fastestTile }, core] = [await import("./autotune.ts"), requireCore()];
  core.tile = tileNumber(fastestTile(core));
  return info;
}

async function loadCore(request: Request): Promise<CoreInfo> {
  if (request.threads !== 1 || request.turbo) {
    const info = await (await import("./load-shared.ts")).loadShared(request);
    if (info !== undefined) return info;
  }
  const memory = createMemory(request.maxMemory);
  const { instance } = await instantiate(request, memory, false);
  return start("init()", request, instance, { memory, maxBytes: request.maxMemory });
}
