/** Files on disk that survive a killed process and a failing disk. Node's modules are loaded when first needed. */
import { UnsupportedError } from "../errors.ts";

/** What is used of node:fs/promises. */
export interface FileSystem {
  open(path: string, flags: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  readdir(path: string): Promise<readonly string[]>;
  stat(path: string): Promise<{ readonly mtimeMs: number }>;
}

export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  writeFile(bytes: Uint8Array): Promise<void>;
  stat(): Promise<{ readonly size: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What is used of Node's modules. */
export interface Platform {
  readonly files: FileSystem;
  readonly paths: {
    resolve(path: string): string;
    dirname(path: string): string;
    basename(path: string): string;
    join(folder: string, name: string): string;
  };
  readonly process: {
    readonly pid: number;
    readonly platform: string;
    uptime(): number;
    kill(pid: number, signal: number): boolean;
  };
}

/** A temporary file of a living process that was not written to for this long is left from a hang or another machine. */
const STALE_MS = 24 * 60 * 60 * 1000;
const ENDING = ".gatefold-tmp";

/**
 * Replaces the file at `path`, or creates it, all at once: whenever the process is killed, the file has its old bytes
 * or the new ones. When the promise resolves, the new ones are on the disk; they must not change until then. Errors of
 * the file system come as they are; the old file is then still there, unless it was the last step that failed, making
 * the new name durable. Of several writers at the same time each leaves a whole file, and the last one's stays.
 * A symbolic link at `path` is replaced, not followed.
 *
 * The bytes go to `.<name>.<pid>-<random>.gatefold-tmp` in the same folder first; such files that killed processes left
 * for the same path are removed. Throws UnsupportedError where there is no file system.
 *
 * ```ts
 * await writeFileAtomically("checkpoint.safetensors", model.save({ optimizer: true }));
 * ```
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  return replaceFile(await platform("writeFileAtomically()"), path, bytes);
}

/** The bytes of a file. Errors of the file system come as they are; UnsupportedError where there is none. */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  return readWhole((await platform("readFileBytes()")).files, path);
}

/**
 * Removes the file at `path`, if there is one, and what killed processes left of it. Errors of the file system come as
 * they are; UnsupportedError where there is none.
 */
export async function removeFile(path: string): Promise<void> {
  const on = await platform("removeFile()");
  const target = on.paths.resolve(path);
  await withFolder(on, on.paths.dirname(target), async () => {
    await removeStrays(on, target);
    try {
      await on.files.unlink(target);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  });
}

/**
 * Node's modules. The comments keep webpack and Vite from looking for them; esbuild leaves alone what is awaited right
 * inside `try`; a bundler's empty module in their place is no file system either.
 *
 * @internal
 */
export async function platform(owner: string): Promise<Platform> {
  let cause: unknown;
  try {
    const files = await import(/* webpackIgnore: true */ /* @vite-ignore */ "node:fs/promises");
    const paths = await import(/* webpackIgnore: true */ /* @vite-ignore */ "node:path");
    const { default: process } = await import(/* webpackIgnore: true */ /* @vite-ignore */ "node:process");
    if (typeof files.open === "function" && typeof process.kill === "function") return { files, paths, process };
  } catch (error) {
    cause = error;
  }
  const fix = "store the bytes by other means";
  throw new UnsupportedError(`${owner} needs the file system of Node, Deno or Bun, got none: ${fix}.`, { cause });
}

/**
 * `writeFileAtomically` on a given platform: tests have one that fails.
 *
 * @internal
 */
export async function replaceFile(on: Platform, path: string, bytes: Uint8Array): Promise<void> {
  const target = on.paths.resolve(path);
  const folder = on.paths.dirname(target);
  await withFolder(on, folder, async () => {
    await removeStrays(on, target);
    const random = Math.floor(Math.random() * 4294967296).toString(16);
    const temporary = on.paths.join(folder, `${strayPrefix(on, target)}${on.process.pid}-${random}${ENDING}`);
    const file = await on.files.open(temporary, "wx");
    try {
      await closing(file, async () => {
        await file.writeFile(bytes);
        await file.sync();
      });
      await on.files.rename(temporary, target);
    } catch (error) {
      await ignoringErrors(on.files.unlink(temporary));
      throw error;
    }
  });
}

/** @internal */
export async function readWhole(files: FileSystem, path: string): Promise<Uint8Array> {
  const file = await files.open(path, "r");
  return closing(file, async () => {
    const bytes = new Uint8Array((await file.stat()).size);
    let length = 0;
    while (length < bytes.length) {
      // Some systems read at most 2^31 - 1 bytes at once.
      const { bytesRead } = await file.read(bytes, length, Math.min(bytes.length - length, 1_073_741_824));
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  });
}

/**
 * Changes names in a folder and makes them durable. The folder is opened first: where that fails nothing has changed.
 * Windows has no such call, and some file systems no such promise.
 */
async function withFolder(on: Platform, folder: string, change: () => Promise<void>): Promise<void> {
  if (on.process.platform === "win32") return change();
  const handle = await on.files.open(folder, "r");
  await closing(handle, async () => {
    await change();
    try {
      await handle.sync();
    } catch (error) {
      if (codeOf(error) !== "EINVAL" && codeOf(error) !== "ENOTSUP") throw error;
    }
  });
}

/** Removes what other processes left for the same target; what cannot be looked at or removed stays. */
async function removeStrays(on: Platform, target: string): Promise<void> {
  const folder = on.paths.dirname(target);
  const prefix = strayPrefix(on, target);
  const names = (await ignoringErrors(on.files.readdir(folder))) ?? [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]+\.gatefold-tmp$/.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined) continue;
    const path = on.paths.join(folder, name);
    if (await isLeftOver(on, Number(pid), path)) await ignoringErrors(on.files.unlink(path));
  }
}

async function isLeftOver(on: Platform, pid: number, path: string): Promise<boolean> {
  if (isDead(on, pid)) return true;
  const written = (await ignoringErrors(on.files.stat(path)))?.mtimeMs ?? Infinity;
  // In a container the next process often has the same number. The two seconds are for clocks of file systems.
  const ownStart = Date.now() - on.process.uptime() * 1000 - 2000;
  return written < Date.now() - STALE_MS || (pid === on.process.pid && written < ownStart);
}

function isDead(on: Platform, pid: number): boolean {
  try {
    on.process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function strayPrefix(on: Platform, target: string): string {
  return `.${on.paths.basename(target)}.`;
}

/** Runs `body` and closes the file; of two errors, the first. */
async function closing<Result>(file: OpenFile, body: () => Promise<Result>): Promise<Result> {
  let result: Result;
  try {
    result = await body();
  } catch (error) {
    await ignoringErrors(file.close());
    throw error;
  }
  await file.close();
  return result;
}

async function ignoringErrors<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
