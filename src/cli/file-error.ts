/** What the system says when a file cannot be read or written, in one sentence with the fix. */

/** A file or folder that cannot be used as asked. */
export class FileError extends Error {
  override readonly name = "FileError";
}

type Sentences = Readonly<Record<string, (path: string) => string>>;

const READING: Sentences = {
  ENOENT: (path) => `There is no file ${path}: check its name.`,
  ENOTDIR: (path) => `There is no file ${path}: check its name.`,
  EISDIR: (path) => `${path} is a folder: give a file.`,
  EACCES: (path) => `${path} may not be read: check its permissions.`,
  EPERM: (path) => `${path} may not be read: check its permissions.`,
};

const isFile = (path: string): string => `${path} is a file, or lies in one: set --out to a folder.`;
const mayNot = (path: string): string => `${path} may not be written to: check its permissions, or set --out.`;
const noRoom = (path: string): string => `There is no room left for ${path}: free some, or set --out.`;
const WRITING: Sentences = {
  ENOENT: (path) => `There is no folder for ${path}: make it, or set --out.`,
  EEXIST: isFile,
  ENOTDIR: isFile,
  EISDIR: (path) => `${path} is a folder: give a file with --out.`,
  EACCES: mayNot,
  EPERM: mayNot,
  EROFS: (path) => `${path} is on a disk that is read only: set --out to another.`,
  ENOSPC: noRoom,
  EDQUOT: noRoom,
};

/** The FileError for what went wrong while `path` was read; anything but the system's errors comes as it is. */
export function readError(path: string, error: unknown): unknown {
  return fileError(READING, `${path} cannot be read`, path, error);
}

/** The same for what went wrong while it was written. */
export function writeError(path: string, error: unknown): unknown {
  return fileError(WRITING, `${path} cannot be written`, path, error);
}

function fileError(sentences: Sentences, other: string, path: string, error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  const code = String(error.code);
  return new FileError(sentences[code]?.(path) ?? `${other} (${code}): give another.`, { cause: error });
}
