/**
 * gatefold beside its peers: the same work, shapes and data, each contestant in a process of its own, one at a time, short
 * cycles round robin. `npm run bench:versus`; `-- --help` names the options.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { header } from "../harness.ts";
import { contestants } from "./contestants.ts";
import { measure, type Settings, type WorkResult } from "./measure.ts";
import { WORKS } from "./works.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    contestants: { type: "string" },
    quick: { type: "boolean", default: false },
    cycles: { type: "string" },
    json: { type: "string" },
    clock: { type: "string", default: "wall" },
    "strict-on": { type: "string" },
  },
});
const clock = flags.clock === "cpu" ? "cpu" : "wall";
const settings: Settings = flags.quick
  ? { cycles: 5, cycleMs: 60, warmupMs: 300, budgetMs: 3000, limitMs: 5000, clock }
  : { cycles: 9, cycleMs: 200, warmupMs: 1500, budgetMs: 15_000, limitMs: 20_000, clock };

/** Those whose names contain one of the parts. */
function chosen<T>(all: readonly T[], parts: string | undefined, nameOf: (one: T) => string): readonly T[] {
  if (parts === undefined) return all;
  return all.filter((one) => parts.split(",").some((part) => nameOf(one).includes(part)));
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
await build({
  entryPoints: ["gatefold", "onnx", "ort", "tfjs", "brain", "twins"].map((name) => here(`contestants/${name}.ts`)),
  outdir: here("build"),
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "es2022",
});
const works = chosen(WORKS, flags.only, ({ id }) => id);
const all = contestants(flags["strict-on"]);
const taking =
  flags.contestants === undefined ? all : all.filter(({ name }) => flags.contestants?.split(",").includes(name));
const results: WorkResult[] = [];
console.log(header({ variant: "relaxed" }));
for (const work of works) {
  const result = await measure(
    work,
    taking,
    { ...settings, ...(flags.cycles ? { cycles: Number(flags.cycles) } : {}) },
    (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${work.id} ${text}`);
    },
  );
  results.push(result);
  const first = result.contestants[0]?.medianMs;
  console.log(`\n${result.title}  (${(result.flop / 1e6).toFixed(2)} MFLOP, peak ${result.peak?.toFixed(1)})`);
  for (const c of result.contestants) {
    if (c.medianMs === undefined) console.log(`  ${c.name.padEnd(26)}${c.cannot?.slice(0, 900)}`);
    else {
      const share = result.peak ? ((result.flop / c.medianMs / 1e6 / result.peak) * 100).toFixed(0) : "";
      const cells = [
        c.medianMs.toPrecision(4),
        c.minMs?.toPrecision(4),
        `${(c.medianMs / (first ?? Number.NaN)).toFixed(2)}x`,
        `${share} %`,
        `${((c.maxRssBytes ?? 0) / 1e6).toFixed(0)} MB`,
        String(c.samplesMs?.length),
        (c.difference ?? c.losses?.map((x) => x.toFixed(5)) ?? "").toString(),
      ];
      console.log(
        `  ${c.name.padEnd(26)}${cells.map((cell) => cell?.padStart(10)).join("")}  ${c.about}${c.warning ? ` WARNING ${c.warning}` : ""}`,
      );
    }
  }
}
if (flags.json) await writeFile(flags.json, JSON.stringify(results, null, 1));
