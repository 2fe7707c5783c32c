import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

/** What a bundler for browsers makes of an entry: packages inside of it, and what it leaves to be found at run time. */
async function bundled(
  entry: string,
): Promise<{ readonly packages: readonly string[]; readonly left: readonly string[] }> {
  const { metafile } = await build({
    absWorkingDir: new URL("../..", import.meta.url).pathname,
    stdin: { contents: `export * from "gatefold${entry}";`, resolveDir: "." },
    outdir: "bundle",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? "");
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const left = imports.filter(({ external }) => external).map(({ kind, path }) => `${kind} ${path}`);
  return { packages: [...new Set(packages)].filter((name) => name !== "").sort(), left: [...new Set(left)].sort() };
}

/** Files are written where there are any: looked for late, and within `try`. */
const FILES = ["dynamic-import node:fs/promises", "dynamic-import node:path", "dynamic-import node:process"];

test("the worker of threads is a file that asks for no other, and large enough that bundlers leave it one", () => {
  const worker = readFileSync(new URL("../../build/worker.js", import.meta.url), "utf8");
  expect(worker.length).toBeGreaterThan(4096);
  expect(worker).not.toMatch(/\b(import|export|require)\b/);
});

describe("bundled for browsers without any configuration", () => {
  test("gatefold has no package inside, and asks for nothing but files", async () => {
    expect(await bundled("")).toEqual({ packages: [], left: FILES });
  });

  test("gatefold/series has its two, with what arima asks for, and asks for nothing", async () => {
    const packages = ["arima", "base64-js", "buffer", "ieee754", "papaparse"];
    expect(await bundled("/series")).toEqual({ packages, left: [] });
  });
});
