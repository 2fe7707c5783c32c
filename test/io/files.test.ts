import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildResult, build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  platform,
  readFileBytes,
  readWhole,
  removeFile,
  replaceFile,
  writeFileAtomically,
} from "../../src/io/files.ts";
import { Fault, type Faulty, faulty } from "../support/faulty-files.ts";

const here = dirname(fileURLToPath(import.meta.url));
const OLD = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const NEW = Uint8Array.from({ length: 5000 }, (_, i) => i % 241);

let folder = "";
const path = () => join(folder, "model.safetensors");
const names = () => readdirSync(folder).sort();
const content = () => new Uint8Array(readFileSync(path()));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatefold-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The number of a process that has ended. */
const dead = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));

const temporary = (pid: number, name: string = "model.safetensors") => join(folder, `.${name}.${pid}-1f.gatefold-tmp`);

describe("writeFileAtomically and readFileBytes", () => {
  test("create and replace a file, and leave nothing beside it", async () => {
    for (const bytes of [OLD, NEW, new Uint8Array(0), Buffer.from(OLD), NEW.subarray(3, 77)]) {
      await writeFileAtomically(path(), bytes);
      expect(await readFileBytes(path())).toEqual(new Uint8Array(bytes));
      expect(names()).toEqual(["model.safetensors"]);
    }
  });

  test("what is read starts at a multiple of eight and is no Buffer", async () => {
    await writeFileAtomically(path(), NEW);
    const bytes = await readFileBytes(path());
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes.byteOffset % 8).toBe(0);
  });

  test("the bytes are on the disk before the name is, and the name before the promise resolves", async () => {
    const { platform: on, calls } = faulty(await platform("test"), () => false);
    await replaceFile(on, path(), NEW);
    expect(calls).toEqual([
      "open folder",
      "readdir",
      "open temporary",
      "write temporary",
      "sync temporary",
      "close temporary",
      "rename",
      "sync folder",
      "close folder",
    ]);
  });

  test("50 writers at the same time leave one whole file", async () => {
    const contents = Array.from({ length: 50 }, (_, i) => new Uint8Array(10_000 + i).fill(i));
    await Promise.all(contents.map((bytes) => writeFileAtomically(path(), bytes)));
    const found = content();
    expect(found).toEqual(contents[found.length - 10_000]);
    expect(names()).toEqual(["model.safetensors"]);
  });

  test("a relative path is taken from the current folder", async () => {
    const before = process.cwd();
    try {
      process.chdir(folder);
      await writeFileAtomically("model.safetensors", NEW);
    } finally {
      process.chdir(before);
    }
    expect(content()).toEqual(NEW);
  });

  test("a symbolic link is replaced, what it showed to stays", async () => {
    writeFileSync(join(folder, "other"), OLD);
    symlinkSync(join(folder, "other"), path());
    await writeFileAtomically(path(), NEW);
    expect(content()).toEqual(NEW);
    expect(new Uint8Array(readFileSync(join(folder, "other")))).toEqual(OLD);
  });

  test("errors come as they are: a missing folder, a folder in the place of the file, a file in that of a folder", async () => {
    await expect(writeFileAtomically(join(folder, "none", "a"), NEW)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(readFileBytes(path())).rejects.toMatchObject({ code: "ENOENT" });
    mkdirSync(path());
    await expect(writeFileAtomically(path(), NEW)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(readFileBytes(path())).rejects.toMatchObject({ code: "EISDIR" });
    expect(names()).toEqual(["model.safetensors"]);
    writeFileSync(join(folder, "file"), OLD);
    await expect(writeFileAtomically(join(folder, "file", "a"), NEW)).rejects.toMatchObject({ code: "ENOTDIR" });
  });
});

describe("temporary files that are left over", () => {
  test("are removed when their process is dead, it was this number in an earlier life, or they are a day old", async () => {
    for (const pid of [dead, process.pid, process.ppid]) writeFileSync(temporary(pid), OLD);
    const day = Date.now() / 1000 - 25 * 60 * 60;
    utimesSync(temporary(process.ppid), day, day);
    const beforeStart = Date.now() / 1000 - process.uptime() - 60;
    utimesSync(temporary(process.pid), beforeStart, beforeStart);
    await writeFileAtomically(path(), NEW);
    expect(names()).toEqual(["model.safetensors"]);
  });

  test("stay when their process lives, they are another file's, or they are none of ours", async () => {
    const others = [
      temporary(process.pid),
      temporary(process.ppid),
      temporary(dead, "model.safetensors.old"),
      temporary(dead, "model"),
      join(folder, `.model.safetensors.${dead}-1f.tmp`),
      join(folder, `.model.safetensors.${dead}.gatefold-tmp`),
      join(folder, `.model.safetensors.x${dead}-1f.gatefold-tmp`),
      join(folder, `model.safetensors.${dead}-1f.gatefold-tmp`),
    ];
    for (const other of others) writeFileSync(other, OLD);
    await writeFileAtomically(path(), NEW);
    await removeFile(path());
    expect(names()).toEqual(others.map((other) => other.slice(folder.length + 1)).sort());
  });
});

describe("removeFile", () => {
  test("removes the file and what is left over of it, and nothing is no error", async () => {
    await writeFileAtomically(path(), NEW);
    writeFileSync(temporary(dead), OLD);
    await removeFile(path());
    expect(names()).toEqual([]);
    await removeFile(path());
  });

  test("a folder is an error", async () => {
    mkdirSync(path());
    await expect(removeFile(path())).rejects.toHaveProperty("code", expect.stringMatching(/EISDIR|EPERM/));
  });
});

describe("a failing file system", () => {
  const CODES = ["EIO", "ENOSPC", "EACCES"];

  /** What is in the folder is the old file or the new one, whole. */
  function expectWhole(): "old" | "new" {
    const found = content();
    const isNew = found.length === NEW.length;
    expect(found).toEqual(isNew ? NEW : OLD);
    return isNew ? "new" : "old";
  }

  async function attempt({ platform: on }: Faulty): Promise<unknown> {
    return replaceFile(on, path(), NEW).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  test.each(
    CODES,
  )("%s once at the k-th call, for every k: the original error, an old or a new file, nothing else", async (code) => {
    const real = await platform("test");
    const outcomes: string[] = [];
    for (let k = 0; ; k++) {
      for (const name of names()) rmSync(join(folder, name));
      writeFileSync(path(), OLD);
      writeFileSync(temporary(dead), OLD);
      const disk = faulty(real, (call) => call === k, code);
      const error = await attempt(disk);
      if (k >= disk.calls.length) break;
      const isFree = disk.calls[k] === "unlink stray" || disk.calls[k] === "readdir";
      if (isFree) expect(error).toBeUndefined();
      else expect(error).toEqual(new Fault(code, disk.calls[k] ?? ""));
      outcomes.push(`${disk.calls[k]}: ${expectWhole()}`);
      if (!isFree && k > 0) expect(names()).toEqual(["model.safetensors"]);
    }
    expect(outcomes).toEqual([
      "open folder: old",
      "readdir: new",
      "unlink stray: new",
      "open temporary: old",
      "write temporary: old",
      "sync temporary: old",
      "close temporary: old",
      "rename: old",
      "sync folder: new",
      "close folder: new",
    ]);
  });

  test("every call from the k-th on, as if the disk were gone: an old or a new file, and the next write tidies up", async () => {
    const real = await platform("test");
    const killed = { ...real, process: { ...real.process, pid: dead, uptime: () => 0, kill: () => true } };
    for (let k = 0; k < 9; k++) {
      writeFileSync(path(), OLD);
      const disk = faulty(killed, (call) => call >= k);
      expect(await attempt(disk)).toBeInstanceOf(Fault);
      expect(expectWhole()).toBe(k > 6 ? "new" : "old");
      await writeFileAtomically(path(), NEW);
      expect(names()).toEqual(["model.safetensors"]);
    }
  });

  test("a folder that cannot be synced is no error, as on some network file systems", async () => {
    const real = await platform("test");
    for (const code of ["EINVAL", "ENOTSUP"]) {
      const disk = faulty(real, (call) => call === 7, code);
      expect(await attempt(disk)).toBeUndefined();
      expect(disk.calls[7]).toBe("sync folder");
    }
  });

  test("reading: every call's error comes as it is, the file is closed, and short reads are put together", async () => {
    const real = await platform("test");
    writeFileSync(path(), NEW);
    for (let k = 0; k < 4; k++) {
      const disk = faulty(real, (call) => call === k);
      const error = await readWhole(disk.platform.files, path()).catch((error: unknown) => error);
      expect(error).toEqual(new Fault("EIO", ["open file", "stat file", "read file", "close file"][k] ?? ""));
      if (k > 0) expect(disk.calls.at(-1)).toBe("close file");
    }
    const { files } = real;
    const few = async (name: string, flags: string) => {
      const file = await files.open(name, flags);
      return {
        read: (buffer: Uint8Array, offset: number, length: number) => file.read(buffer, offset, Math.min(7, length)),
        writeFile: (bytes: Uint8Array) => file.writeFile(bytes),
        stat: () => file.stat(),
        sync: () => file.sync(),
        close: () => file.close(),
      };
    };
    expect(await readWhole({ ...files, open: few }, path())).toEqual(NEW);
  });
});

describe("without a file system", () => {
  const bundled = (target: "browser" | "neutral"): Promise<BuildResult<{ write: false }>> =>
    build({
      entryPoints: [join(here, "../../src/io/files.ts")],
      bundle: true,
      format: "esm",
      platform: target,
      write: false,
      logLevel: "silent",
    });

  test.each([
    "browser",
    "neutral",
  ] as const)("a bundle for %s keeps the imports late, without a warning", async (target) => {
    const { outputFiles, warnings } = await bundled(target);
    expect(warnings).toEqual([]);
    const code = outputFiles[0]?.text ?? "";
    expect(code).not.toMatch(/from "node:|^import "/m);
    expect([...code.matchAll(/import\([^)]*"(node:[^"]+)"/g)].map((match) => match[1])).toEqual([
      "node:fs/promises",
      "node:path",
      "node:process",
    ]);
  });

  test.each([
    ["modules that are not there", "nowhere:"],
    ["empty modules of a bundler", "data:text/javascript,export default {};//"],
  ])("%s are an UnsupportedError", async (_, replacement) => {
    const code = (await bundled("browser")).outputFiles[0]?.text.replaceAll('"node:', `"${replacement}`) ?? "";
    const file = join(folder, "files.mjs");
    writeFileSync(file, code);
    const files = (await import(/* @vite-ignore */ file)) as { writeFileAtomically: typeof writeFileAtomically };
    await expect(files.writeFileAtomically("a", NEW)).rejects.toMatchObject({
      name: "UnsupportedError",
      message:
        "writeFileAtomically() needs the file system of Node, Deno or Bun, got none: store the bytes by other means.",
    });
  });
});
