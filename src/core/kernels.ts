/** The binary's exports, typed by the declarations that `npm run build:core` generates from assembly/index.ts. */
type Bindings = typeof import("../../build/core.js");

/** Exported functions of every variant; pointers are byte addresses, sizes are elements. */
export type Kernels = Awaited<ReturnType<Bindings["instantiate"]>>;
