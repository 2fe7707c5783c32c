import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "./support/folder.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Runs an example as a user does, over the built package, with little to do; fails unless it ends well and says nothing on stderr. */
async function outputOf(name: string, flags: readonly string[] = ["--budget", "tiny"]): Promise<string> {
  const program = ["--import", "tsx", `examples/${name}.ts`, ...flags];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { cwd: root });
  expect(stderr).toBe("");
  expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  return stdout;
}

const linesOf = (output: string, pattern: RegExp) => output.split("\n").filter((line) => pattern.test(line));

const RUNS: Readonly<Record<string, () => Promise<void>>> = {
  async "adding-problem"() {
    const output = await outputOf("adding-problem");
    expect(linesOf(output, /^ +\d+ +\d+\.\d{5} +\d+\.\d % +\d+\.\d{5} +\d+\.\d %$/)).toHaveLength(2);
    expect(linesOf(output, /^(LSTM|SimpleRNN) +\d+ +\d+\.\d % +\d+ weights +\d+\.\d s of CPU time$/)).toHaveLength(2);
  },
  async births() {
    const out = await temporaryFolder();
    const little = ["--epochs", "1", "--units", "4", "--window", "7", "--horizon", "2", "--no-arima", "--out", out];
    const output = await outputOf("births", little);
    expect(output).toMatch(
      /^births\.csv: 5479 rows, one every day, 2000-01-01 to 2014-12-31 in column date, forecasting births\.$/m,
    );
    expect(
      linesOf(output, /^(LSTM|persistence|seasonal naive|drift|moving average) +\d+(\.\d+)?( +\d+(\.\d+)?){2}/),
    ).toHaveLength(5);
    expect(output).toContain(join(out, "report.html"));
    expect(readdirSync(out)).toHaveLength(4);
  },
  async "character-model"() {
    const output = await outputOf("character-model");
    expect(output).toMatch(/^30000 characters, \d+ different ones/);
    expect(output).toMatch(/^Held out: [34]\.\d{4} nats a character/m);
    expect(linesOf(output, /^At temperature \d(\.\d)?, \d+ characters a second:$/)).toHaveLength(3);
  },
  async "sequence-classification"() {
    const output = await outputOf("sequence-classification");
    expect(linesOf(output, /^ +[1-6]\+?( +\d+){6}( +\d+\.\d %)? *$/)).toHaveLength(6);
    expect(linesOf(output, /^(LSTM|groups of vowels|always 2) +\d+\.\d %$/)).toHaveLength(3);
  },
};

test("each example has a run here", () => {
  expect(readdirSync(join(root, "examples"))).toEqual(Object.keys(RUNS).map((name) => `${name}.ts`));
});

test.each(
  Object.entries(RUNS),
)("examples/%s.ts runs over the built package and prints what it promises", async (_, run) => {
  await run();
});
