/** A file system that fails. */
import type { FileSystem, OpenFile, Platform } from "../../src/io/files.ts";

/** What a failing call throws. */
export class Fault extends Error {
  readonly code: string;

  constructor(code: string, call: string) {
    super(`${code}: ${call}`);
    this.code = code;
  }
}

/** The names of the calls so far; `fails(i)` says whether call i, counted from 0, fails. */
export interface Faulty {
  readonly platform: Platform;
  readonly calls: string[];
}

/**
 * A platform that does what `real` does, but fails at some calls. A failing write leaves half of the bytes; a failing
 * close closes all the same, as the kernel does; a call that fails otherwise does nothing.
 */
export function faulty(real: Platform, fails: (call: number) => boolean, code: string = "EIO"): Faulty {
  const calls: string[] = [];
  const attempt = async <Result>(name: string, call: () => Promise<Result>, anyway?: () => Promise<unknown>) => {
    calls.push(name);
    if (!fails(calls.length - 1)) return call();
    await anyway?.();
    throw new Fault(code, name);
  };
  const wrap = (file: OpenFile, name: string): OpenFile => ({
    read: (buffer, offset, length) => attempt(`read ${name}`, () => file.read(buffer, offset, length)),
    writeFile: (bytes) => {
      const half = bytes.subarray(0, bytes.length / 2);
      return attempt(
        `write ${name}`,
        () => file.writeFile(bytes),
        () => file.writeFile(half),
      );
    },
    stat: () => attempt(`stat ${name}`, () => file.stat()),
    sync: () => attempt(`sync ${name}`, () => file.sync()),
    close: () =>
      attempt(
        `close ${name}`,
        () => file.close(),
        () => file.close(),
      ),
  });
  const nameOf = (path: string) => {
    const name = real.paths.basename(path);
    if (name.endsWith(".gatefold-tmp")) return name.includes(`.${real.process.pid}-`) ? "temporary" : "stray";
    return name.includes(".") ? "file" : "folder";
  };
  const files: FileSystem = {
    open: (path, flags) =>
      attempt(`open ${nameOf(path)}`, async () => wrap(await real.files.open(path, flags), nameOf(path))),
    rename: (from, to) => attempt("rename", () => real.files.rename(from, to)),
    unlink: (path) => attempt(`unlink ${nameOf(path)}`, () => real.files.unlink(path)),
    readdir: (path) => attempt("readdir", () => real.files.readdir(path)),
    stat: (path) => attempt(`stat ${nameOf(path)}`, () => real.files.stat(path)),
  };
  return { platform: { ...real, files }, calls };
}
