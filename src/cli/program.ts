/** Commands, their options and their help. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { TIME_FORMATS } from "../series/time-format.ts";
import { exitCodeOf, sentenceOf } from "./fail.ts";
import { forecastCommand } from "./forecast.ts";
import { inspectCommand } from "./inspect.ts";
import { predictCommand } from "./predict.ts";

/** Runs a command line without the program's name; gives the exit code: 0, 2 for a mistake of the user's, 1 for one of ours. */
export async function run(args: readonly string[]): Promise<number> {
  const program = makeProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && args.includes("--json")) printJson("OptionError", error.message);
      return error.exitCode === 0 ? 0 : 2;
    }
    const text = sentenceOf(error);
    if (args.includes("--json")) printJson(nameOf(error), text);
    console.error(`gatefold: ${text}`);
    return exitCodeOf(error);
  }
}

function printJson(name: string, message: string): void {
  console.log(JSON.stringify({ error: { name, message } }));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "Error";
}

/** The commands; a test reads their help. */
export function makeProgram(): Command {
  const program = new Command("gatefold");
  program
    .description("Forecasts from a CSV file, by LSTM networks in WebAssembly.")
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError("(gatefold --help, or gatefold COMMAND --help, tells more)")
    .addHelpText("after", EXAMPLES);
  addForecast(program);
  addPredict(program);
  addInspect(program);
  return program;
}

const EXAMPLES = `
Examples:
  $ gatefold forecast births.csv --target births --time date
  $ gatefold predict births-forecast/model.safetensors newer.csv
  $ gatefold inspect births-forecast/model.safetensors

Exit codes: 0 done, 2 something to be mended in the command or its files, 1 a defect of gatefold.`;

function addForecast(program: Command): void {
  const command = program
    .command("forecast")
    .description("train on a CSV file, backtest on its last rows, forecast the next steps, write a report")
    .argument("<file>", "CSV file with a header; - reads the standard input")
    .option("--target <column>", "column to forecast")
    .option("--time <column>", "column with times; by default the first that holds times")
    .option("--features <columns>", "more columns to look at, separated by commas", list)
    .option("--group <column>", "column that tells several series apart: one model learns them all")
    .option("--window <rows>", "rows the network sees before each forecast", count, 28)
    .option("--horizon <steps>", "steps to forecast", count, 7)
    .option("--units <list>", "units of each LSTM layer", counts, [50, 50])
    .option("--dropout <share>", "share of the last layer's outputs dropped in training", number, 0)
    .option("--epochs <n>", "most passes over the data; by default enough for 1,000 updates")
    .option("--batch-size <n>", "windows of an update", count, 64)
    .option("--learning-rate <rate>", "of Adam, at the start", number, 0.006)
    .option("--max-windows <n>", "most windows of a pass: of more, one of every n is taken", count, 20_000)
    .option("--seed <n>", "seed of weights and shuffles", whole, 1)
    .addOption(
      new Option("--strategy <name>", "each step outright, or step by step")
        .choices(["direct", "recursive"])
        .default("direct"),
    )
    .addOption(
      new Option("--scaler <name>", "how the target is scaled")
        .choices(["standard", "minMax", "robust", "log", "none"])
        .default("standard"),
    )
    .addOption(
      new Option("--level <name>", "what windows are relative to")
        .choices(["auto", "last", "mean", "none"])
        .default("auto"),
    )
    .option("--season <rows>", "rows of a season; by default that of the frequency", count)
    .option("--calendar <parts>", "calendar inputs, separated by commas, or none; by default those that fit", list)
    .option("--holidays <dates>", "dates separated by commas, or @FILE with one a line")
    .option("--validation <part>", "share or rows that end training early", number, 0.05)
    .option("--calibration <part>", "share or rows that the intervals are measured on", number, 0.15)
    .option("--test <part>", "share or rows at the end for the backtest", number, 0.15)
    .option("--no-arima", "leave ARIMA out of the comparison")
    .addOption(
      new Option("--numerics <kind>", "strict: the same files on every engine; fast: fused multiply-add where there is")
        .choices(["strict", "fast"])
        .default("strict"),
    )
    .option(
      "--out <folder>",
      "folder for report.html, report.json, forecast.csv, model.safetensors; by default FILE-forecast",
    );
  addReading(command);
  addPrinting(command).action(forecastCommand);
  // Their defaults depend on the data, so none is shown.
  command.options.find((option) => option.long === "--epochs")?.argParser(count);
}

function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .description("forecast the steps after the last row of a CSV file by a model that `forecast` wrote")
    .argument("<model>", "model.safetensors")
    .argument("<file>", "CSV file with at least the rows of a window; - reads the standard input")
    .option("--time <column>", "column with times; by default that of the training")
    .option("--group <column>", "column that tells several series apart; by default that of the training")
    .option("--horizon <steps>", "steps to forecast; by default and at most those of the training", count)
    .option("--anomalies", "also list the file's rows outside their 95 % interval")
    .option("--out <file>", "write the forecast to this CSV file instead of printing it");
  addReading(command);
  addPrinting(command).action(predictCommand);
}

function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("show layers, shapes, sizes and provenance of a model file")
    .argument("<model>", "file that `forecast` or model.save() wrote");
  addPrinting(command).action(inspectCommand);
}

/** How the CSV file is read; the names are those of `readCsv` and `toSeries`. */
function addReading(command: Command): void {
  const policy = (flag: string, text: string, choices: readonly string[]) =>
    command.addOption(new Option(flag, text).choices(choices));
  policy("--missing <policy>", "missing values: by default error", ["error", "drop", "previous", "linear", "zero"]);
  policy("--gaps <policy>", "missing rows: by default error", ["error", "previous", "linear", "ignore"]);
  policy("--duplicates <policy>", "rows of one time: by default error", ["error", "first", "last", "mean", "sum"]);
  policy("--order <policy>", "rows out of order: by default error", ["error", "sort"]);
  command.option("--last <rows>", "use only the last rows of each series", count, 1_000_000);
  command.option(
    "--missing-texts <texts>",
    "texts that mean a missing value, separated by commas; by default NA, null and the like",
    texts,
  );
  command.option("--delimiter <character>", "between fields, or tab; by default detected");
  policy("--decimal <mark>", "decimal mark: by default .", [".", ","]);
  command.option("--encoding <name>", "of the file; by default utf-8");
  policy("--time-format <format>", "how times are written; by default detected", TIME_FORMATS);
}

function addPrinting(command: Command): Command {
  return command
    .option("--json", "print one JSON object and nothing else")
    .option("--quiet", "print nothing but errors");
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number above 0.");
}

function whole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number from 0.");
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number.");
}

function list(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("It must be names separated by commas.");
}

/** Like `list`, where an empty text may be one of them. */
function texts(text: string): readonly string[] {
  return text.split(",");
}

function counts(text: string): readonly number[] {
  return list(text).map(count);
}
