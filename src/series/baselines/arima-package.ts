/**
 * The package "arima", 280 KB: imported late, and through this file, because esbuild makes of a late import of CommonJS
 * that exports a promise, as this package does, a promise that never can be awaited.
 *
 * It asks for "buffer" where there is no `atob`, which is nowhere; since bundlers for browsers look for it all the same, that
 * package is one of our optional dependencies, as this one is.
 */
import ready from "arima/async";

/** Compiled once. @internal */
export async function loadArima(): Promise<Awaited<typeof ready>> {
  return ready;
}
