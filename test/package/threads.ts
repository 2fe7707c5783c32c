/** Threads in an empty project: as a program of Node, as bundles of it, and in a browser's page and its workers. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { findChromium } from "../support/chromium.ts";
import { bundle, runPage } from "./browser.ts";
import { THREADS, THREADS_NODE, THREADS_PAGE, THREADS_WORKER } from "./programs.ts";
import { expectEqual, type Project } from "./project.ts";

interface Outcome {
  readonly threads: number;
  readonly warnings: readonly string[];
  readonly loss: readonly number[];
}

const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

export async function checkThreads(project: Project): Promise<void> {
  const files = { "train.mjs": THREADS, "threads-node.mjs": THREADS_NODE };
  const pages = { "threads-page.js": THREADS_PAGE, "threads-worker.js": THREADS_WORKER };
  for (const [file, text] of Object.entries({ ...files, ...pages })) project.write(file, text);
  const worker = createRequire(join(project.folder, "threads-node.mjs")).resolve("gatefold/worker.js");
  const two = run(project, "threads-node.mjs");
  expectThreads("in Node", two, 2);
  const { files: bundled } = await bundle(project, "threads-node.mjs");
  // One file, as applications are that a server runs.
  for (const [name, contents] of bundled) project.write(name.slice(1), Buffer.from(contents).toString());
  expectThreads("in a bundle", run(project, "threads-node.js"), 1, /did not start .* init\(\{ workerUrl \}\)/, two);
  expectThreads("in a bundle that is told of the worker", run(project, "threads-node.js", worker), 2, undefined, two);
  console.log("threads: in Node and in bundles");
  await checkPages(project, readFileSync(worker), two);
}

async function checkPages(project: Project, worker: Uint8Array, expected: Outcome): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined) return console.log("no Chromium: threads were not run in pages");
  const { files: bundled } = await bundle(project, "threads-page.js", "threads-worker.js");
  const files = new Map([...bundled, ["/worker.js", worker]]);
  const open = (headers: Readonly<Record<string, string>>) =>
    runPage(chromium, files, "threads-page.js", "globalThis.outcomes", headers) as Promise<Outcome[]>;
  const [page, told, untold] = await open(ISOLATED);
  expectThreads("in a page", page, 1, /use gatefold in a Web Worker of your own/, expected);
  expectThreads("in a worker", told, 2, undefined, expected);
  expectThreads("in a worker that is not told of ours", untold, 1, /init\(\{ workerUrl \}\)/, expected);
  const [, open1] = await open({});
  expectThreads("in a worker of a page that is not isolated", open1, 1, /Cross-Origin-Opener-Policy/, expected);
  console.log("threads: in a browser, one on a page, two in a worker of a page that is isolated");
}

function run(project: Project, ...args: readonly string[]): Outcome {
  const options = { cwd: project.folder, encoding: "utf8" } as const;
  return JSON.parse(execFileSync(process.execPath, [...args], options));
}

function expectThreads(
  where: string,
  found: Outcome | undefined,
  threads: number,
  warning?: RegExp,
  { loss }: Partial<Outcome> = {},
): void {
  expectEqual(`threads ${where}`, found?.threads, threads);
  expectEqual(`warnings ${where}: ${found?.warnings}`, found?.warnings.length, warning === undefined ? 0 : 1);
  expectEqual(`warning ${where}: ${found?.warnings}`, warning?.test(found?.warnings[0] ?? "") ?? true, true);
  expectEqual(`losses ${where}`, found?.loss, loss ?? found?.loss);
}
