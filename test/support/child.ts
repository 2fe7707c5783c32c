/** Programs of test/support/ that run in a process of their own. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Arguments of Node.js: those of this process that choose what WebAssembly can do. */
export const NODE_FLAGS: readonly string[] = process.execArgv.filter((flag) => flag.startsWith("--experimental-wasm"));

/** Bundles a program into one file that starts fast. */
export async function bundle(program: string, outfile: string): Promise<void> {
  const entryPoints = [fileURLToPath(new URL(program, import.meta.url))];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", logLevel: "silent" });
}
