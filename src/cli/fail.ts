/** What a user is told when something fails: one sentence for a mistake of theirs, everything for one of ours. */
import { FormatError, OptionError, OutOfMemoryError, ShapeError, StateError, UnsupportedError } from "../errors.ts";

const MISTAKES = [FormatError, OptionError, OutOfMemoryError, ShapeError, StateError, UnsupportedError];

const OF_FILES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}: check its name.`,
  EISDIR: (path) => `${path} is a folder: give a file.`,
  ENOTDIR: (path) => `${path} lies in something that is a file: give another folder.`,
  EEXIST: (path) => `${path} is a file: give a folder with --out.`,
  EACCES: (path) => `${path} may not be opened: check its permissions.`,
  EPERM: (path) => `${path} may not be opened: check its permissions.`,
  EROFS: (path) => `${path} lies on a disk that cannot be written to: give another folder with --out.`,
  ENOSPC: (path) => `There is no room left for ${path}: free some or give another folder with --out.`,
};

function fileMessage(error: unknown): string | undefined {
  const { code = "", path = "the file" } = error as { readonly code?: string; readonly path?: string };
  return OF_FILES[code]?.(path);
}

/** The message without a stack for what the user can mend; the stack too for a defect. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (MISTAKES.some((kind) => error instanceof kind)) return inFlags(error.message);
  return fileMessage(error) ?? `this is a defect of gatefold, please report it: ${error.stack ?? error.message}`;
}

/** The one option of the reader that has another name on the command line. */
function inFlags(message: string): string {
  return message.replace('the option "missing" of the CSV reader', "--missing-texts");
}

/** 2 for what the user can mend, 1 for a defect. */
export function exitCodeOf(error: unknown): number {
  return MISTAKES.some((kind) => error instanceof kind) || fileMessage(error) !== undefined ? 2 : 1;
}
