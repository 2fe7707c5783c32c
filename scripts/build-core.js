/**
 * Compiles `assembly/` for every variant and wraps each binary as text in a JavaScript module of its own, the only
 * form that every bundler loads without configuration. Output: build/*.wasm, build/core.d.ts, build/binaries/*.js.
 * The worker of src/core/threads.ts is one file that needs no other and is both a classic script and a module: build/worker.js.
 * JavaScript, since tsx would transform the compiler's 13 MB too, which takes longer than the three binaries.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { main as asc } from "assemblyscript/asc";
import { build as bundle } from "esbuild";
import { encodeText } from "./binary-text.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const build = join(root, "build");
const targets = {
  simd: "core.wasm",
  relaxed: "core.relaxed.wasm",
  debug: "core.debug.wasm",
  "simd.threads": "core.threads.wasm",
  "relaxed.threads": "core.relaxed.threads.wasm",
  "debug.threads": "core.debug.threads.wasm",
};

async function compile(target, file) {
  const { error, stderr } = await asc(["--baseDir", root, "--target", target]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const text = encodeText(await readFile(join(build, file)));
  await writeFile(join(build, "binaries", `${target}.js`), `export default "${text}";\n`);
  await writeFile(join(build, "binaries", `${target}.d.ts`), "declare const text: string;\nexport default text;\n");
}

await mkdir(join(build, "binaries"), { recursive: true });
// One after the other in one process, which starts and warms up the compiler once: 7 s of processor time, where three
// processes at once take 16 s.
for (const [target, file] of Object.entries(targets)) await compile(target, file);
// The raw bindings are generated for their types only, and not all programs know those of WebAssembly: src/core/instance.ts
// instantiates.
const types = join(build, "core.d.ts");
await writeFile(types, (await readFile(types, "utf8")).replace("module: WebAssembly.Module", "module: object"));
await rm(join(build, "core.js"), { force: true });
await bundle({
  absWorkingDir: root,
  entryPoints: ["src/core/worker.ts"],
  outdir: "build",
  bundle: true,
  // Not minified: files below 4,096 bytes become data: addresses in Vite, which a Content-Security-Policy may forbid.
  banner: { js: "// One of gatefold's threads; src/core/worker.ts and what it imports." },
  format: "iife",
  target: "es2022",
});
