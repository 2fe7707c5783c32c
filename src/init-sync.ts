import type { CoreInfo } from "./core/context.ts";
import { initSync as loadCore } from "./core/load-sync.ts";
import type { InitOptions } from "./core/request.ts";
import * as losses from "./losses/resolve.ts";
import * as metrics from "./metrics/resolve.ts";
import * as optimizers from "./optimizers/resolve.ts";
import { setNames } from "./training/named.ts";

/** `init` without waiting, for a given `module` or `bytes`; throws the same errors. */
export function initSync(options: InitOptions): CoreInfo {
  const info = loadCore(options);
  setNames({ losses, metrics, optimizers });
  return info;
}
