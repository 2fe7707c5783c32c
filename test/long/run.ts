/**
 * Runs what takes minutes and prints one table: what the project promises, what was measured, whether it is reached. Ends
 * with 1 if anything was missed. Rows whose data is not on this machine are shown as skipped.
 *
 *   npm run test:long -- [--only adding,characters] [--node path/to/node] [--write] [--list]
 *
 * `--write` puts each row, as soon as it is done, into docs/long-runs.md, in place of older ones of the same engine and machine.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, runProgram } from "./child.ts";
import { type Finding, type Row, rows } from "./rows.ts";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    node: { type: "string", default: process.execPath },
    write: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});
const docs = join(root, "docs/long-runs.md");
const INTRODUCTION = `# Long runs

What takes too long for \`npm test\`: \`npm run test:long -- --write\` runs it and writes this file. Seconds are processor time of
one run on one thread, start of the program included; those of test suites and forecasts are of the clock.
`;
const HEAD = ["| what | measured | bar | seconds | verdict | date |", "|---|---|---|---|---|---|"];

const chosen = flags.only === undefined ? rows : flags.only.split(",").map(rowOf);
if (flags.list) for (const { name, what } of chosen) console.log(`${name.padEnd(24)} ${what}`);
else await main();

function rowOf(name: string): Row {
  const row = rows.find((one) => one.name === name);
  if (row !== undefined) return row;
  throw new Error(`No row is called ${name}: take ${rows.map((one) => one.name).join(", ")}.`);
}

async function main(): Promise<void> {
  const { output, code } = await runProgram(flags.node, ["test/long/engine.ts"]);
  if (code !== 0) throw new Error(`${flags.node} cannot run the core.`);
  const machine = `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores`;
  const title = `${output.trim()}, ${machine}`;
  const lines: string[] = [];
  for (const row of chosen) {
    lines.push(await lineOf(row));
    if (flags.write) write(title, lines);
  }
  console.log(["", title, "", ...HEAD, ...lines].join("\n"));
}

async function lineOf({ what, bar, missing, find, name }: Row): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  if (missing !== undefined) return `| ${what} | | ${bar} | | skipped: ${missing} | ${date} |`;
  process.stderr.write(`\n== ${name}\n`);
  const failed = (error: unknown): Finding => ({ measured: String(error), isReached: false, seconds: NaN });
  const { measured, isReached, seconds } = await find(flags.node).catch(failed);
  if (!isReached) process.exitCode = 1;
  return `| ${what} | ${measured} | ${bar} | ${seconds.toFixed(0)} | ${isReached ? "reached" : "MISSED"} | ${date} |`;
}

/** A section for each engine, binary and machine, where new lines replace older ones of the same row. */
function write(title: string, lines: readonly string[]): void {
  const [, ...sections] = (existsSync(docs) ? readFileSync(docs, "utf8") : "").split(/^## /m);
  const older = sections.find((section) => section.startsWith(`${title}\n`))?.split("\n") ?? [];
  const all = rows.flatMap(({ what }) => [...lines, ...older].find((line) => line.startsWith(`| ${what} |`)) ?? []);
  const others = sections.filter((section) => !section.startsWith(`${title}\n`)).map((section) => section.trim());
  const ordered = [...others, [title, "", ...HEAD, ...all].join("\n")].sort().reverse();
  writeFileSync(docs, [INTRODUCTION, ...ordered.map((section) => `## ${section}\n`)].join("\n"));
}
