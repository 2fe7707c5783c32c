/** What a user is told when something fails: one sentence for a mistake of theirs, everything for one of ours. */
import { FormatError, OptionError, OutOfMemoryError, ShapeError, StateError, UnsupportedError } from "../errors.ts";
import { FileError } from "./file-error.ts";

const MISTAKES = [FileError, FormatError, OptionError, OutOfMemoryError, ShapeError, StateError, UnsupportedError];

/** The message without a stack for what the user can mend; the stack too for a defect. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isMistake(error)) return inFlags(error.message);
  return `this is a defect of gatefold, please report it: ${error.stack ?? error.message}`;
}

/** 2 for what the user can mend, 1 for a defect. */
export function exitCodeOf(error: unknown): number {
  return isMistake(error) ? 2 : 1;
}

function isMistake(error: unknown): boolean {
  return MISTAKES.some((kind) => error instanceof kind);
}

/** The library's words for options, and what they are on the command line. */
const WORDS: readonly (readonly [RegExp, string | ((...groups: string[]) => string)])[] = [
  [/the option "missing" of the CSV reader/, "--missing-texts"],
  [/use toSeriesByGroup with group ("[^"]*")/, "set group to $1"],
  [/leave the column out of columns/, "leave the column out"],
  [
    /\b(set|else) (decimal|delimiter|duplicates|encoding|frequency|gaps|group|missing|order|timeFormat)\b/g,
    (_, verb, name) => `${verb} ${flagOf(name ?? "")}`,
  ],
  [
    /^(?:Forecaster(?:\.fit)?|readCsv|toSeries\w*) needs (\w+)(?:\[\d+\])? to be /,
    (_, name) => `${flagOf(name ?? "")} must be `,
  ],
  [/^Forecaster(?:\.\w+)? /, "The model "],
];

/** A message of the library in the command line's words. */
function inFlags(message: string): string {
  return WORDS.reduce((text, [words, flags]) => text.replace(words, flags as string), message);
}

/** "timeFormat" is --time-format. */
function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
