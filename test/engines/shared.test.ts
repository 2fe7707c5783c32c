import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { bundle, NODE_FLAGS } from "../support/child.ts";
import { folderOfTests } from "../support/folder.ts";

const program = join(folderOfTests(), "shared.mjs");
const worker = fileURLToPath(new URL("../../build/worker.js", import.meta.url));

describe("a program that trains and calls nothing to end", () => {
  test("ends within a second, with 1, 2 and 3 threads, and has the same bits", async () => {
    await bundle("../engines/shared.ts", program);
    const { GATEFOLD_VARIANT: _, GATEFOLD_THREADS: __, ...env } = process.env;
    const hashes = new Set<string>();
    for (const threads of ["1", "2", "3"]) {
      const args = [...NODE_FLAGS, program, threads, worker];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 });
      const ended = Date.now();
      const [hash = "", started, trained] = stdout.split(" ");
      expect(stderr).toBe("");
      expect(started).toBe(threads);
      expect(ended - Number(trained)).toBeLessThan(1000);
      hashes.add(hash);
    }
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
  });
});
