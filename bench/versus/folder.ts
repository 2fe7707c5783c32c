/** The files of a work: data for all contestants, the model for ONNX Runtime. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contestant } from "./contestants.ts";
import { dataOf } from "./data.ts";
import { isTraining, type Work } from "./works.ts";

/** Gives their folder. */
export async function prepareFolder(work: Work, contestants: readonly Contestant[]): Promise<string> {
  const folder = fileURLToPath(new URL(`build/data/${work.id}`, import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/data.safetensors`, dataOf(work));
  const isRead = contestants.some(({ name, missing }) => name.startsWith("onnxruntime") && missing === undefined);
  if (isRead && !isTraining(work)) {
    const script = fileURLToPath(new URL("build/onnx.js", import.meta.url));
    await promisify(execFile)(process.execPath, [script, folder, JSON.stringify(work)]);
  }
  return folder;
}
