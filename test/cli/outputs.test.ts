import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileError } from "../../src/cli/file-error.ts";
import { requireWritable, writeFiles } from "../../src/cli/outputs.ts";
import { folderOfTests } from "../support/folder.ts";

const root = folderOfTests();
const contents = { model: new Uint8Array([1, 2]), forecast: "f", report: "{}", page: "<!doctype html>" };

describe("writeFiles", () => {
  test("makes folders, and replaces files that are there", async () => {
    const folder = join(root, "a b", "größe");
    writeFileSync(join(root, "untouched"), "");
    await writeFiles(folder, { ...contents, forecast: "old" });
    const files = await writeFiles(folder, contents);
    expect(readdirSync(folder).sort()).toEqual(["forecast.csv", "model.safetensors", "report.html", "report.json"]);
    expect(readFileSync(files.forecast, "utf8")).toBe("f");
    expect(process.listenerCount("SIGINT")).toBe(0);
  });

  test("leaves nothing of its own where it fails", async () => {
    const folder = join(root, "blocked");
    mkdirSync(join(folder, "model.safetensors", "something"), { recursive: true });
    await expect(writeFiles(folder, contents)).rejects.toThrow(FileError);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  test("removes the folders that it made where it fails", async () => {
    const broken = { ...contents, page: Symbol() as unknown as string };
    await expect(writeFiles(join(root, "new", "folder"), broken)).rejects.toThrow(TypeError);
    expect(existsSync(join(root, "new"))).toBe(false);
  });
});

describe("requireWritable", () => {
  test("takes a folder that is there or can be made, and makes none", async () => {
    await requireWritable(root);
    await requireWritable(join(root, "x", "y", "z"));
    expect(existsSync(join(root, "x"))).toBe(false);
  });

  test.each([
    ["a file", "file", /file is a file: give a folder with --out\.$/],
    ["something in a file", join("file", "x", "y"), /is a file, or lies in one: set --out to a folder\.$/],
  ])("refuses %s", async (_, path, message) => {
    writeFileSync(join(root, "file"), "");
    await expect(requireWritable(join(root, path))).rejects.toThrow(message);
    await expect(requireWritable(join(root, path))).rejects.toThrow(FileError);
  });
});
