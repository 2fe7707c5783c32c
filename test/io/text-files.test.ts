import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendText, makeFolderOf, readText } from "../../src/io/text-files.ts";
import { temporaryFolder } from "../support/folder.ts";

test("appendText adds to what is there and creates nothing", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "log");
  expect(await appendText(path, "a")).toBe(false);
  expect(await readdir(folder)).toEqual([]);
  await writeFile(path, "\uFEFFä");
  expect(await appendText(path, "ö\n")).toBe(true);
  expect(await readText(path)).toBe("\uFEFFäö\n");
});

test("readText of no file is undefined; other errors come as they are", async () => {
  const folder = await temporaryFolder();
  expect(await readText(join(folder, "none"))).toBeUndefined();
  await expect(readText(folder)).rejects.toThrow("EISDIR");
  await expect(appendText(folder, "a")).rejects.toThrow("EISDIR");
});

test("makeFolderOf makes all folders above a path, and minds none that is there", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a", "b", "c.csv");
  for (let i = 0; i < 2; i++) await makeFolderOf(path);
  expect((await stat(join(folder, "a", "b"))).isDirectory()).toBe(true);
  expect(await readdir(join(folder, "a", "b"))).toEqual([]);
  await writeFile(path, "");
  await expect(makeFolderOf(join(path, "d"))).rejects.toThrow(/EEXIST|ENOTDIR/);
});
