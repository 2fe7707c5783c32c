/** The commands and their options; each default stands here and in the help. */
import { type Command, Option } from "commander";
import { TIME_FORMATS } from "../series/time-format.ts";
import { count, counts, list, number, texts, whole } from "./arguments.ts";
import { forecastCommand } from "./forecast.ts";
import { inspectCommand } from "./inspect.ts";
import { predictCommand } from "./predict.ts";

export function addForecast(program: Command): void {
  const command = program
    .command("forecast")
    .description("Trains on a CSV file, backtests on its last rows, forecasts the next steps and writes a report.")
    .summary("train on a CSV file, backtest, forecast the next steps, write a report")
    .argument("<file>", "CSV file with a header; - reads the standard input");
  command
    .optionsGroup("Columns:")
    .option("--target <column>", "what to forecast (default: the only column of numbers)")
    .option("--time <column>", "times of the rows (default: the first column that holds times)")
    .option("--features <columns>", "more columns to look at, separated by commas", list)
    .option("--group <column>", "a series for each of its values, one model for all");
  addNetwork(command);
  addTraining(command);
  addEvaluation(command);
  addReading(command);
  addPrinting(command, (output) =>
    output.option(
      "--out <folder>",
      "for report.html, report.json, forecast.csv and model.safetensors (default: FILE-forecast)",
    ),
  );
  command.action(forecastCommand);
}

function addNetwork(command: Command): void {
  command
    .optionsGroup("Network:")
    .option("--window <rows>", "rows it sees before each forecast", count, 28)
    .option("--horizon <steps>", "steps to forecast", count, 7)
    .addOption(new Option("--units <list>", "units of each LSTM layer").argParser(counts).default([50, 50], "50,50"))
    .option("--dropout <share>", "share of the last layer's outputs dropped in training", number, 0)
    .addOption(choice("--strategy <name>", "all steps at once, or one from the other", ["direct", "recursive"]))
    .addOption(choice("--scaler <name>", "how the target is scaled", ["standard", "minMax", "robust", "log", "none"]))
    .addOption(choice("--level <name>", "what windows are relative to", ["auto", "last", "mean", "none"]))
    .option("--season <rows>", "rows of a season (default: that of the frequency)", count)
    .option("--calendar <parts>", "calendar inputs, separated by commas, or none (default: those that fit)", list)
    .option("--holidays <dates>", "dates separated by commas, or @FILE with one a line");
}

function addTraining(command: Command): void {
  command
    .optionsGroup("Training:")
    .option("--epochs <n>", "most passes over the data (default: enough for 1,000 updates)", count)
    .option("--batch-size <n>", "windows of an update", count, 64)
    .option("--learning-rate <rate>", "of Adam, at the start", number, 0.006)
    .addOption(most("--max-windows <n>", "most windows of a pass; of more, one of every n is taken", 20_000))
    .option("--seed <n>", "of weights and shuffles", whole, 1)
    .addOption(
      choice("--numerics <kind>", "the same files on every engine, or fused multiply-add where there is", [
        "strict",
        "fast",
      ]),
    );
}

function addEvaluation(command: Command): void {
  command
    .optionsGroup("Evaluation (shares below 1, or numbers of rows, from the end backwards):")
    .option("--test <part>", "for the backtest", number, 0.15)
    .option("--calibration <part>", "for the widths of the intervals", number, 0.15)
    .option("--validation <part>", "for when to stop training", number, 0.05)
    .option("--no-arima", "leave ARIMA out of the comparison");
}

export function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .description("Forecasts the steps after the last row of a CSV file, by a model that `gatefold forecast` wrote.")
    .summary("forecast the steps after the last row of a CSV file by a trained model")
    .argument("<model>", "model.safetensors")
    .argument("<file>", "CSV file with at least the rows of a window; - reads the standard input")
    .optionsGroup("Forecast:")
    .option("--time <column>", "times of the rows (default: as in training)")
    .option("--group <column>", "a series for each of its values (default: as in training)")
    .option("--horizon <steps>", "steps to forecast, at most those of training (default: all)", count)
    .option("--anomalies", "also list the file's rows outside their 95 % interval");
  addReading(command, "as in training");
  addPrinting(command, (output) => output.option("--out <file>", "write the forecast to this CSV file, print none"));
  command.action(predictCommand);
}

export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("Shows layers, shapes, sizes and provenance of a model file.")
    .summary("show layers, shapes, sizes and provenance of a model file")
    .argument("<model>", "file that `gatefold forecast` or model.save() wrote");
  addPrinting(command, (output) => output);
  command.action(inspectCommand);
}

/** How the CSV file is read; the names are those of `readCsv` and `toSeries`. */
function addReading(command: Command, standard?: string): void {
  const policy = (flag: string, text: string, choices: readonly string[]) =>
    command.addOption(new Option(flag, text).choices(choices).default(undefined, standard ?? choices[0]));
  const told = (text: string, known: string) => (standard === undefined ? `${text} (default: ${known})` : text);
  command.optionsGroup(`Reading the file${standard === undefined ? "" : ` (by default ${standard})`}:`);
  policy("--missing <policy>", "missing values", ["error", "drop", "previous", "linear", "zero"]);
  policy("--gaps <policy>", "missing rows", ["error", "previous", "linear", "ignore"]);
  policy("--duplicates <policy>", "rows of one time", ["error", "first", "last", "mean", "sum"]);
  policy("--order <policy>", "rows out of order", ["error", "sort"]);
  command
    .option("--frequency <step>", told('step of the rows, like "15 minutes" or "business day"', "detected"))
    .addOption(most("--last <rows>", "use only the last rows of each series", 1_000_000))
    .option(
      "--missing-texts <texts>",
      told("what stands for a missing value, separated by commas", "NA and the like"),
      texts,
    )
    .option("--delimiter <character>", told("between fields, or tab", "detected"));
  policy("--decimal <mark>", "decimal mark", [".", ","]);
  command.option("--encoding <name>", told("of the file", "utf-8"));
  command.addOption(
    new Option("--time-format <format>", told("how times are written", "detected")).choices(TIME_FORMATS),
  );
}

function addPrinting(command: Command, first: (command: Command) => Command): void {
  first(command.optionsGroup("Output:"))
    .option("--json", "print one JSON object and nothing else")
    .option("--quiet", "print nothing but errors")
    .helpOption("-h, --help", "print this");
}

function choice(flag: string, text: string, choices: readonly [string, ...string[]]): Option {
  return new Option(flag, text).choices(choices).default(choices[0]);
}

function most(flag: string, text: string, standard: number): Option {
  return new Option(flag, text).argParser(count).default(standard, standard.toLocaleString("en-US"));
}
