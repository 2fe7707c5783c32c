/** Growing text files, as durable as those of files.ts. */
import { type FileSystem, type OpenFile, platform, readFileBytes } from "./files.ts";

/** What Node's module has beside `FileSystem`. */
interface Folders {
  mkdir(path: string, options: { readonly recursive: true }): Promise<string | undefined>;
}

/** Creates the folder of `path` and those above it. Errors of the file system come as they are. */
export async function makeFolderOf(path: string): Promise<void> {
  const { files, paths, process } = await platform("makeFolderOf()");
  const folder = paths.dirname(paths.resolve(path));
  const first = await (files as FileSystem & Folders).mkdir(folder, { recursive: true });
  if (first === undefined || process.platform === "win32") return;
  // A new folder is durable when the one above it is.
  for (let made = folder; made.length >= first.length; made = paths.dirname(made)) {
    await syncing(await files.open(paths.dirname(made), "r"));
  }
}

/** The text of a file in UTF-8, undefined if there is none. */
export async function readText(path: string): Promise<string | undefined> {
  return unlessMissing(async () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(await readFileBytes(path)));
}

/**
 * Adds text at the end of a file; it is on the disk when the promise resolves, and if it fails a part of it may be.
 * Returns false and creates nothing if there is no file.
 */
export async function appendText(path: string, text: string): Promise<boolean> {
  const { files } = await platform("appendText()");
  const done = await unlessMissing(async () => {
    await files.stat(path);
    const file = await files.open(path, "a");
    await syncing(file, new TextEncoder().encode(text));
    return true;
  });
  return done ?? false;
}

/** Writes, makes durable, closes. */
async function syncing(file: OpenFile, bytes?: Uint8Array): Promise<void> {
  try {
    if (bytes !== undefined) await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function unlessMissing<Result>(body: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
