import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { load, Random } from "../../src/index.ts";
import { bundle, NODE_FLAGS } from "../support/child.ts";
import { expectSameBytes } from "../support/edited-file.ts";
import { FIT_OPTIONS, makeModel, X, Y } from "../support/kill-training.ts";
import { loadCore } from "../support/layers.ts";

/** Once is enough: what is killed here are files, not kernels. */
const isChosen = process.env.GATEFOLD_VARIANT === "simd";
const KILLS = process.env.GATEFOLD_LONG === "1" ? 200 : 20;
const folder = mkdtempSync(join(tmpdir(), "gatefold-kill-"));
const program = join(folder, "kill-child.mjs");
const last = join(folder, "last.safetensors");
const epochs = join(folder, "epochs");

beforeAll(async () => {
  await loadCore();
  mkdirSync(epochs);
  await bundle("kill-child.ts", program);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the training and kills it `delay` ms after its first acknowledgement, or of its start; the steps it acknowledged. */
async function killed(delay: number, isFromStart: boolean): Promise<readonly number[]> {
  const process_ = spawn(process.execPath, [...NODE_FLAGS, program, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const killLater = () => setTimeout(() => process_.kill("SIGKILL"), delay);
  if (isFromStart) killLater();
  process_.stdout.on("data", (chunk) => {
    if (output === "" && !isFromStart) killLater();
    output += chunk;
  });
  const signal = await new Promise((resolve) => process_.once("close", (_, name) => resolve(name)));
  expect(signal).toBe("SIGKILL");
  return output.split("\n").slice(0, -1).map(Number);
}

/** Steps of the checkpoint at `path`, which must be whole. */
function stepsIn(path: string): number {
  const model = load(new Uint8Array(readFileSync(path)));
  const { iterations } = model.optimizer;
  model.dispose();
  return iterations;
}

test.skipIf(!isChosen)(
  `kill -9 at ${KILLS} random moments of a training: every checkpoint loads, none is lost that was acknowledged, and the training goes on as if nothing had been`,
  async () => {
    const random = new Random(2);
    let done = 0;
    let acknowledged = 0;
    for (let i = 0; i < KILLS; i++) {
      const isFromStart = i % 5 === 4;
      const steps = await killed(random.uniform(0, isFromStart ? 200 : 60), isFromStart);
      acknowledged += steps.length;
      // It went on from the step that was on the disk.
      if (steps.length > 0) expect(steps[0]).toBe(done + 1);
      if (existsSync(last)) {
        const found = stepsIn(last);
        expect(found).toBeGreaterThanOrEqual(steps.at(-1) ?? done);
        expect(found).toBeLessThanOrEqual((steps.at(-1) ?? done) + 1);
        done = found;
      }
      for (const name of readdirSync(epochs).filter((path) => path.endsWith(".safetensors"))) {
        expect(stepsIn(join(epochs, name))).toBe(4 * Number.parseInt(name, 10));
      }
      expect(readdirSync(epochs).filter((path) => path.endsWith(".safetensors")).length).toBeGreaterThanOrEqual(
        Math.min(1, Math.floor(done / 5)),
      );
    }
    expect(acknowledged).toBeGreaterThan(KILLS);
    expectSameBytes(readFileSync(last), await uninterrupted(done));
  },
  3_600_000,
);

/** The checkpoint after so many steps of a training that nobody has killed. */
async function uninterrupted(steps: number): Promise<Uint8Array> {
  const model = makeModel();
  let file = new Uint8Array();
  const onStepEnd = () => {
    if (model.optimizer.iterations === steps) file = new Uint8Array(model.save({ optimizer: true }));
  };
  await model.fit(X, Y, { ...FIT_OPTIONS, epochs: Math.ceil(steps / 4), callbacks: [{ onStepEnd }] });
  model.dispose();
  return file;
}
