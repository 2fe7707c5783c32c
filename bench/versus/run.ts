/**
 * gatefold beside its peers: the same work, shapes and data, each contestant in a process of its own, one at a time, short
 * cycles round robin. `npm run bench:versus`; options below.
 */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { engine } from "../harness.ts";
import { withPart } from "../parts.ts";
import { bundleContestants } from "./bundle.ts";
import { chart } from "./chart.ts";
import { type Contestant, contestants, hasPeers } from "./contestants.ts";
import { downloads } from "./download.ts";
import { measure, type Settings } from "./measure.ts";
import { aligned, caption, detailTable, longReport, shortTable } from "./report.ts";
import type { Environment, Results, WorkResult } from "./results.ts";
import { measureStarts } from "./start.ts";
import { WORKS, type Work } from "./works.ts";

const HELP = `npm run bench:versus -- [options]
  --only NAMES         works whose names contain one of these, with commas between
  --contestants NAMES  only these, the first of them being what others are compared with
  --quick              a rough look: fewer and shorter cycles
  --cycles N           of each contestant
  --clock wall|cpu     cpu counts processor time, for a machine that others use too
  --strict-on NODE     another Node, on which strict numerics take part as well
  --json FILE          writes the results
  --from FILE          takes the results of an earlier run and measures nothing
  --write              results/latest.json, docs/benchmarks.md, its chart, and the table in README.md
Works: ${WORKS.map(({ id }) => id).join(", ")}, start, download`;

const { values: flags } = parseArgs({
  options: {
    ...{ only: { type: "string" }, contestants: { type: "string" }, cycles: { type: "string" } },
    ...{ quick: { type: "boolean", default: false }, clock: { type: "string", default: "wall" } },
    ...{ "strict-on": { type: "string" }, json: { type: "string" }, from: { type: "string" } },
    ...{ write: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  },
});
const root = new URL("../../", import.meta.url);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const START: Work = WORKS.find(({ id }) => id === "forward-I128-H128-T50-B1") as Work;

function settingsOf(): Settings {
  const clock = flags.clock === "cpu" ? "cpu" : "wall";
  const settings = flags.quick
    ? { cycles: 5, cycleMs: 60, warmupMs: 400, budgetMs: 3000, limitMs: 5000, clock }
    : { cycles: 11, cycleMs: 200, warmupMs: 1500, budgetMs: 15_000, limitMs: 20_000, clock };
  return { ...settings, ...(flags.cycles === undefined ? {} : { cycles: Number(flags.cycles) }) } as Settings;
}

function taking(): readonly Contestant[] {
  const isWanted = (name: string) => flags.contestants?.split(",").includes(name) ?? true;
  if (!hasPeers()) {
    console.log("Installing the peers: npm ci --prefix bench/versus --ignore-scripts");
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: here("."), stdio: "inherit" });
  }
  const wanted = contestants(flags["strict-on"]).filter(({ name }) => isWanted(name));
  if (flags.clock !== "cpu") return wanted;
  const missing = "processor time does not show what threads gain";
  return wanted.map((contestant) => (contestant.name.endsWith("threads") ? { ...contestant, missing } : contestant));
}

function environment({ cycles, clock }: Settings, loadAverage: number): Environment {
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores`;
  return {
    ...{ machine, engine: engine(), cycles, clock, loadAverage, commit: commit() },
    date: new Date().toISOString().slice(0, 10),
  };
}

function commit(): string | undefined {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty", "--exclude", "*"], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  } catch {
    return undefined;
  }
}

async function measureAll(): Promise<Results> {
  const [settings, loadAverage] = [settingsOf(), loadavg()[0] ?? 0];
  await bundleContestants();
  const all = taking();
  const isWanted = (name: string) => flags.only?.split(",").some((part) => name.includes(part)) ?? true;
  const works: WorkResult[] = [];
  for (const work of WORKS.filter(({ id }) => isWanted(id))) {
    const result = await measure(work, all, settings, (step) => status(`${work.id}: ${step}`));
    works.push(result);
    status("");
    console.log(`${result.title}\n${aligned(detailTable(result))}\n`);
    for (const { title, warning } of result.contestants)
      if (warning !== undefined) console.log(`${title}: ${warning}\n`);
  }
  status("starts");
  const starts = isWanted("start") ? await measureStarts(all, START, flags.quick ? 3 : 9) : [];
  status("");
  const sizes = isWanted("download") ? await downloads() : [];
  return { environment: environment(settings, loadAverage), works, starts, downloads: sizes };
}

/** On a terminal, a line that the next one replaces. */
function status(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function write(results: Results): Promise<void> {
  if (flags.only ?? flags.contestants) throw new Error("--write is for whole runs, without --only and --contestants.");
  const line = caption(results);
  await writeFile(here("results/latest.json"), `${JSON.stringify(results, null, 1)}\n`);
  await writeFile(new URL("docs/benchmarks.svg", root), chart(results));
  await replace("docs/benchmarks.md", `${line}\n\n${longReport(results)}`);
  await replace("README.md", `${line}\n\n${shortTable(results)}`);
}

async function replace(path: string, part: string): Promise<void> {
  const file = new URL(path, root);
  await writeFile(file, withPart(await readFile(file, "utf8"), "versus", part));
}

if (flags.help) {
  console.log(HELP);
} else {
  const results: Results =
    flags.from === undefined ? await measureAll() : JSON.parse(await readFile(flags.from, "utf8"));
  console.log(`${caption(results)}\n\n${longReport(results).replaceAll(/(^\|.*\n?)+/gm, aligned)}`);
  if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(results, null, 1)}\n`);
  if (flags.write) await write(results);
}
