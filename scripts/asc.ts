/** The AssemblyScript compiler as a process, for benches with kernels of their own: it shares nothing with what they measure. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join(dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")), "bin/asc.js");

/** Runs `asc` in the project's folder; rejects with what it wrote to stderr. */
export async function asc(...flags: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [compiler, ...flags], { cwd: root });
}
