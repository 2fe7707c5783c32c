/** The promises that take minutes: what is run for each, and what it must reach. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, root, runProgram, runSuite } from "./child.ts";

/** What a run found out. */
export interface Finding {
  readonly measured: string;
  readonly isReached: boolean;
  /** Of processor time, or of the clock for what is several processes: suites, forecasts, long sequences. */
  readonly seconds: number;
}

/** One promise. */
export interface Row {
  /** As in `--only`. */
  readonly name: string;
  readonly what: string;
  readonly bar: string;
  /** Why it cannot run here. */
  readonly missing?: string | undefined;
  /** Runs it on the Node at a path. */
  readonly find: (node: string) => Promise<Finding>;
}

const SEEDS = ["1", "2", "3"];
const text = process.env.GATEFOLD_SHAKESPEARE ?? join(root, "../shared/data/tinyshakespeare/input.txt");
const vowels = process.env.GATEFOLD_JAPANESE_VOWELS ?? join(root, "../shared/data/japanese-vowels");

const NAMES = {
  weather: "Seattle's daily maximum temperature",
  co2: "monthly CO2 at Mauna Loa",
  closes: "daily closes of the S&P 500",
} as const;

export const rows: readonly Row[] = [
  {
    name: "adding",
    what: `adding problem, 100 steps: share of 2,560 new sequences with an error below 0.04, seeds ${SEEDS.join(", ")}`,
    bar: "each at least 99 %, each in less than 180 s",
    find: adding,
  },
  {
    name: "characters",
    what: "character model, 2 layers of 128, tiny Shakespeare: mean surprise over the last tenth, the state carried through it",
    bar: "at most 1.55 nats, in less than 480 s",
    missing: existsSync(text) ? undefined : "set GATEFOLD_SHAKESPEARE to the text",
    find: characters,
  },
  {
    name: "vowels",
    what: `Japanese Vowels, one LSTM layer: median accuracy of seeds ${SEEDS.join(", ")}`,
    bar: "at least 0.95",
    missing: existsSync(vowels) ? undefined : "set GATEFOLD_JAPANESE_VOWELS to the folder of the two .ts files",
    find: japaneseVowels,
  },
  {
    name: "memory",
    what: "memory after 20,000 steps, and after 1,000 models made, trained, saved, loaded and disposed of",
    bar: "the core's as before, JavaScript's within 2 MB",
    find: memory,
  },
  {
    name: "long-sequences",
    what: "training on 20,000 steps of 8 rows, LSTM of 128 units, the last step counts: in 64 MiB against a whole cache, in turn",
    bar: "at most 64 MiB, at most 1.5 times the time, the same bits",
    find: longSequences,
  },
  {
    name: "forecast-births",
    what: "gatefold forecast, strict numerics: daily births with holidays, one day ahead over the last 15 %",
    bar: "at most 0.72 of seasonal naive, 95 % interval from 93 to 97 %",
    find: (node) => forecast(node, "births", (share, covered) => share <= 0.72 && covered >= 93 && covered <= 97),
  },
  ...(["weather", "co2", "closes"] as const).map((series) => ({
    name: `forecast-${series}`,
    what: `gatefold forecast, strict numerics: ${NAMES[series]}, one step ahead over the last 15 %`,
    bar: "ends with 0",
    find: (node: string) => forecast(node, series, () => true),
  })),
  ...suites().map((file) => ({
    name: file.replace(/^test\/(.*)\.test\.ts$/, "$1"),
    what: `${file} at full length`,
    bar: "all pass",
    find: (node: string) => suite(node, file),
  })),
];

async function adding(node: string): Promise<Finding> {
  const shares: string[] = [];
  const times: number[] = [];
  for (const seed of SEEDS) {
    const ended = await runProgram(node, ["examples/adding-problem.ts", "--cells", "lstm", "--seed", seed]);
    shares.push(valueIn(ended, /^LSTM +\d+ +(\d+\.\d+) %/m));
    times.push(ended.seconds);
  }
  const isReached = shares.every((share) => Number(share) >= 99) && times.every((seconds) => seconds < 180);
  return { measured: `${shares.join(", ")} %`, isReached, seconds: Math.max(...times) };
}

async function characters(node: string): Promise<Finding> {
  const ended = await runProgram(node, ["examples/character-model.ts", "--text", text, "--epochs", "10"]);
  const nats = valueIn(ended, /^Held out: (\d+\.\d+) nats/m);
  return { measured: `${nats} nats`, isReached: Number(nats) <= 1.55 && ended.seconds < 480, seconds: ended.seconds };
}

async function japaneseVowels(node: string): Promise<Finding> {
  const ended = await runProgram(node, ["test/long/japanese-vowels.ts", vowels, ...SEEDS]);
  const accuracy = valueIn(ended, /^median accuracy (\d\.\d+)/m);
  return { measured: accuracy, isReached: Number(accuracy) >= 0.95, seconds: ended.seconds };
}

async function memory(node: string): Promise<Finding> {
  const { output, code, seconds } = await runProgram(node, ["test/long/memory.ts"], ["--expose-gc"]);
  return { measured: output.trim().split("\n").join("; "), isReached: code === 0, seconds };
}

async function longSequences(node: string): Promise<Finding> {
  const started = performance.now();
  const { output, code } = await runProgram(node, ["test/long/long-sequences.ts"]);
  const seconds = (performance.now() - started) / 1000;
  return { measured: output.trim().split("\n").at(-1) ?? "", isReached: code === 0, seconds };
}

/** One series through the command line; `holds` judges the share of seasonal naive's error and the coverage in per cent. */
async function forecast(
  node: string,
  series: string,
  holds: (share: number, covered: number) => boolean,
): Promise<Finding> {
  const started = performance.now();
  const ended = await runProgram(node, ["test/long/forecasts.ts", series]);
  const seconds = (performance.now() - started) / 1000;
  const measured = valueIn(ended, /^(RMSE .*)$/m);
  const share = Number(/seasonal naive (\d\.\d+)/.exec(measured)?.[1]);
  const covered = Number(/interval (\d+\.\d)/.exec(measured)?.[1]);
  return { measured, isReached: holds(share, covered), seconds };
}

async function suite(node: string, file: string): Promise<Finding> {
  const { passed, failed, seconds } = await runSuite(node, file);
  const isReached = passed > 0 && failed === 0;
  return { measured: `${passed} passed, ${failed} failed`, isReached, seconds };
}

/** Suites that do more when GATEFOLD_LONG is 1. */
function suites(): readonly string[] {
  return readdirSync(join(root, "test"), { recursive: true })
    .map((path) => `test/${String(path).replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".test.ts") && readFileSync(join(root, path), "utf8").includes("GATEFOLD_LONG"))
    .sort();
}

/** What the program printed there. */
function valueIn({ output, code }: Ended, pattern: RegExp): string {
  const value = pattern.exec(output)?.[1];
  if (code !== 0 || value === undefined) throw new Error(`the program ended with ${code} and without a result`);
  return value;
}
