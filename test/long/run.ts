/**
 * Runs what takes minutes and prints one table: what the project promises, what was measured, whether it is reached. Ends
 * with 1 if anything was missed. Rows whose data is not on this machine are shown as skipped.
 *
 *   npm run test:long -- [--only adding,characters] [--node path/to/node] [--write] [--list]
 *
 * `--write` puts the table into docs/long-runs.md, in place of the last one of the same engine.
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
one run, start of the program included; those of test suites are of the clock.
`;

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
  const lines: string[] = [];
  for (const row of chosen) lines.push(await lineOf(row));
  const machine = `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores`;
  const date = new Date().toISOString().slice(0, 10);
  const head = ["| what | measured | bar | seconds | verdict |", "|---|---|---|---|---|"];
  const title = output.trim();
  const table = [`${machine} · one thread · ${date}`, "", ...head, ...lines].join("\n");
  console.log(`\n${title}\n${table}`);
  if (flags.write) write(title, table);
}

async function lineOf({ what, bar, missing, find, name }: Row): Promise<string> {
  if (missing !== undefined) return `| ${what} | | ${bar} | | skipped: ${missing} |`;
  process.stderr.write(`\n== ${name}\n`);
  const failed = (error: unknown): Finding => ({ measured: String(error), isReached: false, seconds: NaN });
  const { measured, isReached, seconds } = await find(flags.node).catch(failed);
  if (!isReached) process.exitCode = 1;
  return `| ${what} | ${measured} | ${bar} | ${seconds.toFixed(0)} | ${isReached ? "reached" : "MISSED"} |`;
}

/** One section for each engine and binary. */
function write(title: string, table: string): void {
  const [, ...sections] = (existsSync(docs) ? readFileSync(docs, "utf8") : "").split(/^## /m);
  const others = sections.filter((section) => !section.startsWith(`${title}\n`));
  const all = [...others.map((section) => section.trim()), `${title}\n\n${table}`].sort().reverse();
  writeFileSync(docs, [INTRODUCTION, ...all.map((section) => `## ${section}\n`)].join("\n"));
}
