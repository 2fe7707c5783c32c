/** What a browser downloads for a program: bundled, minified and compressed file by file, as servers send them. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile } from "esbuild";

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
  network: 62_000,
  gatefold: 88_000,
  series: 122_000,
};

export interface Download {
  readonly files: readonly { readonly name: string; readonly raw: number; readonly bytes: number }[];
  readonly bytes: number;
}

function bundle(
  contents: string,
  options: BuildOptions = {},
): Promise<{
  readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile: Metafile;
}> {
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
    ...options,
    metafile: true,
    write: false,
  });
}

/** The files of a program, of its imports and of theirs, and of late imports those that always run. */
export async function downloadOf(contents: string): Promise<Download> {
  const { outputFiles, metafile } = await bundle(contents);
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? []) {
      const isLoaded = kind === "import-statement" || AT_ONCE.test(next.replace("bundle/", ""));
      if (isLoaded && external !== true) visit(next);
    }
  };
  visit("bundle/stdin.js");
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

/** Minified bytes of each source file, largest first: of a bundle of the sources, since those of the package are merged. */
export async function sourcesOf(contents: string): Promise<readonly (readonly [file: string, bytes: number])[]> {
  const fromSources = contents
    .replace('"gatefold"', '"./src/index.ts"')
    .replace('"gatefold/series"', '"./src/series/index.ts"');
  const { metafile } = await bundle(fromSources);
  const { inputs = {} } = metafile.outputs["bundle/stdin.js"] ?? {};
  return Object.entries(inputs)
    .map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const)
    .sort((a, b) => b[1] - a[1]);
}
