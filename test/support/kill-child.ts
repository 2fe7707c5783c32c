/**
 * Trains for ever in a folder, from its last checkpoint if there is one, with a checkpoint after each step and after each
 * epoch, and acknowledges each step on its standard output once its checkpoint is on the disk. Argument: the folder.
 */
import { existsSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { init, load, modelCheckpoint } from "../../src/index.ts";
import { FIT_OPTIONS, makeModel, X, Y } from "./kill-training.ts";

const folder = argv[2] ?? "";
const last = join(folder, "last.safetensors");
await init();
const model = existsSync(last) ? load(new Uint8Array(readFileSync(last))) : makeModel();
const { optimizer } = model;
await model.fit(X, Y, {
  ...FIT_OPTIONS,
  initialEpoch: model.epoch,
  epochs: 1_000_000,
  callbacks: [
    modelCheckpoint({ path: last, saveFrequency: 1 }),
    modelCheckpoint({ path: join(folder, "epochs/{epoch:05d}.safetensors"), keep: 2 }),
    { onStepEnd: () => void writeSync(1, `${optimizer.iterations}\n`) },
  ],
});
