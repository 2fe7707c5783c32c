/**
 * Compiles `assembly/` for every variant and wraps each binary as base64 in a JavaScript module of its own, the only
 * form that every bundler loads without configuration. Output: build/*.wasm, build/core.d.ts, build/binaries/*.js.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asc } from "./asc.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const build = join(root, "build");
const targets = { simd: "core.wasm", relaxed: "core.relaxed.wasm", debug: "core.debug.wasm" };

async function compile(target: string, file: string): Promise<void> {
  await asc("--target", target).catch(({ stderr }) => {
    console.error(stderr);
    process.exit(1);
  });
  const base64 = (await readFile(join(build, file))).toString("base64");
  await writeFile(join(build, "binaries", `${target}.js`), `export default "${base64}";\n`);
  await writeFile(join(build, "binaries", `${target}.d.ts`), "declare const base64: string;\nexport default base64;\n");
}

await mkdir(join(build, "binaries"), { recursive: true });
await Promise.all(Object.entries(targets).map(([target, file]) => compile(target, file)));
// The raw bindings are generated for their types only: src/core/load.ts instantiates.
await rm(join(build, "core.js"), { force: true });
