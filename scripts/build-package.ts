/**
 * Bundles the entries `gatefold`, `gatefold/series` and the command line, which share their chunks; one chunk for each binary,
 * so that only the chosen one is loaded. The loader package is inside: the entry `gatefold` has no dependency; those of the
 * other entries stay imports. Declarations come from the compiler.
 *
 * Bundlers of pages share out whole files, so what a file imports decides who downloads it (docs/decisions/0009-download.md):
 *
 *     index.js -> chunks/network.js   what most pages import
 *              -> chunks/others.js    all else
 *     late chunks -> network.js       which is then one file in pages, too, and not one for each set of its readers
 */
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import packageJson from "../package.json" with { type: "json" };
import { buildReportAssets } from "./build-report.ts";

const dependencies = { ...packageJson.dependencies, ...packageJson.optionalDependencies };
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const INDEX = "src/index.ts";
const NETWORK = "scripts/network.ts";
const OTHERS = "others";
const ENTRIES = {
  "series/index": "src/series/index.ts",
  cli: "src/cli/main.ts",
  "chunks/network": NETWORK,
  "chunks/others": OTHERS,
};

const OPTIONS = {
  absWorkingDir: root,
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
  metafile: true,
} as const satisfies BuildOptions;

async function namesOf(source: string): Promise<readonly string[]> {
  const { metafile } = await build({ ...OPTIONS, entryPoints: [source], write: false });
  return Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === source)?.exports ?? [];
}

/** The public names that are not those of the network. */
async function others(): Promise<Plugin> {
  const [all, network] = await Promise.all([namesOf(INDEX), namesOf(NETWORK)]);
  const names = all.filter((name) => !network.includes(name));
  const contents = `export { ${names.join(", ")} } from "./${INDEX}";`;
  return {
    name: OTHERS,
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: new RegExp(`^${OTHERS}$`) }, () => ({ path: OTHERS, namespace: OTHERS }));
      onLoad({ filter: /.*/, namespace: OTHERS }, () => ({ contents, resolveDir: root }));
    },
  };
}

/** Late imports of sources, which stand in files of their own. */
async function joinLateChunks({ outputs }: Metafile): Promise<void> {
  const entries: readonly string[] = Object.values(ENTRIES);
  for (const [path, { entryPoint = "", imports }] of Object.entries(outputs)) {
    const isLate = entryPoint.startsWith("src/") && !entries.includes(entryPoint);
    if (!isLate || imports.length === 0) continue;
    const file = join(root, path);
    await writeFile(file, `import "./network.js";\n${await readFile(file, "utf8")}`);
  }
}

async function bundle(): Promise<void> {
  const { metafile } = await build({ ...OPTIONS, entryPoints: ENTRIES, plugins: [await others()] });
  await joinLateChunks(metafile);
  const index = ["network", "others"].map((name) => `export * from "./chunks/${name}.js";\n`);
  await writeFile(join(root, "build/index.js"), index.join(""));
}

async function declarations(): Promise<void> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root });
}

// Chunks have content hashes in their names: those of an earlier build would be published with the new ones.
await rm(join(root, "build/chunks"), { recursive: true, force: true });
await buildReportAssets(root);
await Promise.all([bundle(), declarations()]);
