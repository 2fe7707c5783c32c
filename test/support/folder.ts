/** A folder of its own for each test that writes files. */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

/** Its path; it is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatefold-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The same for all tests of a file: it is removed after them. */
export function folderOfTests(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatefold-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
