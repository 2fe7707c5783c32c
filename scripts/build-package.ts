/**
 * Bundles the entries `gatefold`, `gatefold/series` and the command line, which share their chunks; one chunk for each binary,
 * so that only the chosen one is loaded. The loader package is inside: the entry `gatefold` has no dependency; those of the
 * other entries stay imports. Declarations come from the compiler.
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import packageJson from "../package.json" with { type: "json" };
import { buildReportAssets } from "./build-report.ts";

const dependencies = { ...packageJson.dependencies, ...packageJson.optionalDependencies };
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// Chunks have content hashes in their names: those of an earlier build would be published with the new ones.
await rm(join(root, "build/chunks"), { recursive: true, force: true });
await buildReportAssets(root);
const bundle = build({
  absWorkingDir: root,
  entryPoints: { index: "src/index.ts", "series/index": "src/series/index.ts", cli: "src/cli/main.ts" },
  outdir: "build",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "neutral",
  external: ["node:*", ...Object.keys(dependencies).flatMap((name) => [name, `${name}/*`])],
  mainFields: ["module", "main"],
  target: "es2022",
  legalComments: "inline",
});
const declarations = promisify(execFile)(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"],
  { cwd: root },
);
await Promise.all([bundle, declarations]);
