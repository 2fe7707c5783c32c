/** The package in a browser: bundled without any configuration, it must give the numbers of Node. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { BUDGETS } from "../../scripts/download.ts";
import { Chromium, findChromium } from "../support/chromium.ts";
import { expectEqual, type Project } from "./project.ts";

export interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/** What a bundler makes of scripts of the project; it fails for a module that only Node has. */
export async function bundle(project: Project, ...scripts: readonly string[]): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: project.folder,
    entryPoints: [...scripts],
    outdir: "bundle",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const folder = join(project.folder, "bundle");
  return { files: new Map(outputFiles.map(({ path, contents }) => [path.slice(folder.length), contents])), metafile };
}

/** Bytes, compressed, of a script and what it imports at once, and the packages that they are of. */
function early(
  { files, metafile }: Bundle,
  script: string,
): { readonly bytes: number; readonly packages: readonly string[] } {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === "import-statement") visit(next);
  };
  visit(`bundle/${script}`);
  const inputs = [...seen].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
  const packages = inputs.map((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? "").filter((name) => name !== "");
  const bytes = [...seen].reduce((sum, path) => sum + compressed({ files, metafile }, path.slice("bundle".length)), 0);
  return { bytes, packages: [...new Set(packages)].sort() };
}

/** Runs page.js, which imports both entries, and network.js, which imports what most pages do. */
export async function checkBrowser(project: Project): Promise<void> {
  project.write("models.js", 'export * from "gatefold";\n');
  const models = await bundle(project, "models.js");
  const page = await bundle(project, "page.js");
  const [alone, both] = [early(models, "models.js"), early(page, "page.js")];
  expectEqual(
    "packages of gatefold alone",
    Object.keys(models.metafile.inputs).filter((path) => /node_modules\/(?!gatefold)/.test(path)),
    [],
  );
  expectEqual("packages of a page with forecasts, loaded at once", both.packages, ["gatefold", "papaparse"]);
  console.log(`bundled and compressed: gatefold ${kilobytes(alone.bytes)}, with forecasts ${kilobytes(both.bytes)}`);
  const path = findChromium();
  if (path === undefined) return console.log("no Chromium: the bundle was not run");
  expectEqual(
    "forecasts in a browser",
    await runPage(path, page.files, "page.js", "globalThis.forecast"),
    project.read("forecast.json"),
  );
  console.log("in a browser: the numbers of Node, ARIMA included");
  await checkDownload(project, path);
}

/** What is downloaded by a page that trains and predicts, late imports included. */
async function checkDownload(project: Project, chromium: string): Promise<void> {
  const network = await bundle(project, "network.js");
  const asked = await runPage(chromium, network.files, "network.js", "globalThis.files");
  const files = (asked as readonly string[]).filter((file) => network.files.has(file));
  const sizes = files.map((file) => compressed(network, file));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`in a browser: a network in ${bytes} compressed bytes, ${sizes.length} files`);
  if (sizes.length > 1 && bytes <= BUDGETS.network) return;
  throw new Error(`Not at most ${BUDGETS.network} bytes: ${files.join(", ")} of ${sizes.join(", ")}.`);
}

function compressed({ files }: Bundle, file: string): number {
  return gzipSync(files.get(file) ?? "", { level: 9 }).length;
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

/** The value of an expression in a page that runs a script. */
export async function runPage(
  chromium: string,
  files: Bundle["files"],
  script: string,
  expression: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const server = createServer(({ url = "/" }, response) => {
    const file = files.get(url);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader("content-type", file === undefined ? "text/html" : "text/javascript");
    response.end(file ?? `<!doctype html><script type="module" src="/${script}"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const browser = await Chromium.start(chromium);
  try {
    const tab = await browser.open();
    await tab.send("Page.enable");
    const loaded = browser.once("Page.loadEventFired");
    await tab.send("Page.navigate", { url: `http://localhost:${(server.address() as AddressInfo).port}/` });
    await loaded;
    return await tab.evaluate(expression);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
