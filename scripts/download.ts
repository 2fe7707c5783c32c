/** What a browser downloads for a program: bundled, minified and compressed file by file, as servers send them. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The late import that every program makes: the binary of browsers that fuse. */
const AT_ONCE = /^relaxed-/;

/** By the names of imports; "gatefold" is the package as it is built, `src` its sources. */
export const PROGRAMS = {
  network:
    'import { init, Sequential, LSTM, Dense, Adam } from "gatefold"; globalThis.all = [init, Sequential, LSTM, Dense, Adam];',
  gatefold: 'import * as all from "gatefold"; globalThis.all = all;',
  series: 'import { init } from "gatefold"; import * as all from "gatefold/series"; globalThis.all = [init, all];',
} as const;

/** Most bytes of each that a browser downloads. */
export const BUDGETS: Readonly<Record<keyof typeof PROGRAMS, number>> = {
  network: 56_900,
  gatefold: 85_500,
  series: 118_000,
};

export interface Download {
  readonly files: readonly { readonly name: string; readonly raw: number; readonly bytes: number }[];
  readonly bytes: number;
}

interface Bundle {
  readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile: Metafile;
}

function bundle(contents: string): Promise<Bundle> {
  return build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, sourcefile: "main.js" },
    outdir: "bundle",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    logLevel: "error",
    metafile: true,
    write: false,
  });
}

/** The files that a program loads: its imports, theirs, and of late imports those that always run. */
function loadedFrom({ outputs }: Metafile): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
      const isLoaded = kind === "import-statement" || AT_ONCE.test(next.replace("bundle/", ""));
      if (isLoaded && external !== true) visit(next);
    }
  };
  visit("bundle/stdin.js");
  return loaded;
}

export async function downloadOf(contents: string): Promise<Download> {
  const { outputFiles, metafile } = await bundle(contents);
  const loaded = loadedFrom(metafile);
  const files = outputFiles
    .map(({ path, contents: bytes }) => ({ name: path.slice(root.length + 1), bytes }))
    .filter(({ name }) => loaded.has(name))
    .map(({ name, bytes }) => ({
      name: name.replace("bundle/", ""),
      raw: bytes.length,
      bytes: gzipSync(bytes, { level: 9 }).length,
    }));
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Minified bytes of each source of the network, largest first: of a bundle of the sources, which those of the package hide. */
export async function sourcesOfNetwork(): Promise<readonly (readonly [file: string, bytes: number])[]> {
  const { metafile } = await bundle(PROGRAMS.network.replace('"gatefold"', '"./scripts/network.ts"'));
  const sources = new Map<string, number>();
  for (const path of loadedFrom(metafile)) {
    for (const [file, { bytesInOutput }] of Object.entries(metafile.outputs[path]?.inputs ?? {})) {
      if (file.startsWith("src/")) sources.set(file, (sources.get(file) ?? 0) + bytesInOutput);
    }
  }
  return [...sources].sort((a, b) => b[1] - a[1]);
}
