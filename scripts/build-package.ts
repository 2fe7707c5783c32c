/**
 * Bundles src/index.ts into build/index.js, one chunk for each binary so that only the chosen one is loaded, with the loader
 * package inside: the published entry has no dependency. Declarations come from the compiler.
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { buildReportAssets } from "./build-report.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// Chunks have content hashes in their names: those of an earlier build would be published with the new ones.
await rm(join(root, "build/chunks"), { recursive: true, force: true });
await buildReportAssets(root);
const bundle = build({
  absWorkingDir: root,
  entryPoints: { index: "src/index.ts" },
  outdir: "build",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "neutral",
  external: ["node:*"],
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
