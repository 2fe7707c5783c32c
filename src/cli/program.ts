/** Runs the command line. */
import { Command, CommanderError, type Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { describe } from "../options.ts";
import { addForecast, addInspect, addPredict } from "./commands.ts";
import { exitCodeOf, sentenceOf } from "./fail.ts";

/** Runs a command line without the program's name; gives the exit code: 0, 2 for a mistake of the user's, 1 for one of ours. */
export async function run(args: readonly string[]): Promise<number> {
  const program = makeProgram();
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && args.includes("--json")) printJson("OptionError", usageError(error.message));
      return error.exitCode === 0 ? 0 : 2;
    }
    const text = sentenceOf(error);
    if (args.includes("--json")) printJson(error instanceof Error ? error.name : "Error", text);
    console.error(`gatefold: ${text}`);
    return exitCodeOf(error);
  }
}

function printJson(name: string, message: string): void {
  console.log(JSON.stringify({ error: { name, message } }));
}

/** The commands; a test reads their help. */
export function makeProgram(): Command {
  const program = new Command("gatefold");
  program
    .description("Forecasts from a CSV file, by LSTM networks in WebAssembly.")
    .version(packageJson.version)
    .exitOverride()
    .configureHelp({ optionDescription })
    .configureOutput({ outputError: (text, write) => write(`gatefold: ${usageError(text)}\n`) })
    .addHelpText("after", EXAMPLES);
  addForecast(program);
  addPredict(program);
  addInspect(program);
  return program;
}

const EXAMPLES = `
Examples:
  $ gatefold forecast births.csv --target births
  $ gatefold forecast sales.csv --target revenue --group shop --horizon 14 --out next-weeks
  $ gatefold predict births-forecast/model.safetensors newer.csv
  $ gatefold inspect births-forecast/model.safetensors

Exit codes: 0 done, 2 something to be mended in the command or its files, 1 a defect of gatefold.`;

const INVALID = /^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. (?:It must be|Allowed choices are) (.*)$/s;

/** What commander says in two lines or two sentences: "unknown option '--windw': did you mean --window?" */
function usageError(text: string): string {
  const [fault = "", hint = ""] = text.trim().split("\n");
  const plain = fault.replace(/^error: /, "").replace(/\.$/, "");
  const [, option, value, wanted = ""] = INVALID.exec(plain) ?? [];
  if (option !== undefined)
    return `${option} must be ${/^an? /.test(wanted) ? "" : "one of "}${wanted}, got ${describe(value)}.`;
  const near = /^\(Did you mean (.+)\?\)$/.exec(hint)?.[1];
  return near === undefined ? `${plain}.` : `${plain}: did you mean ${near}?`;
}

/** The description with the choices and the default. */
function optionDescription({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const standard = defaultValueDescription ?? (defaultValue === undefined ? undefined : String(defaultValue));
  if (argChoices === undefined) return standard === undefined ? description : `${description} (default: ${standard})`;
  const shown = (choice: string) => (/\w/.test(choice) ? choice : `"${choice}"`);
  const choices = argChoices.map((choice) => `${shown(choice)}${choice === standard ? " (default)" : ""}`);
  return `${description}: ${choices.join(", ")}`;
}
