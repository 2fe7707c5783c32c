import type { CoreInfo } from "./core/context.ts";
import { initSync as loadCore } from "./core/load-sync.ts";
import type { InitOptions } from "./core/request.ts";
import { resolveLoss } from "./losses/resolve.ts";
import { resolveMetric } from "./metrics/resolve.ts";
import { resolveOptimizer } from "./optimizers/resolve.ts";
import { setNames } from "./training/named.ts";

/** `init` without waiting, for a given `module` or `bytes`; throws the same errors. */
export function initSync(options: InitOptions): CoreInfo {
  const info = loadCore(options);
  // Not as `import *`, whose helper bundlers put into a file of its own.
  setNames({ losses: { resolveLoss }, metrics: { resolveMetric }, optimizers: { resolveOptimizer } });
  return info;
}
