/**
 * Writes checkpoints to a path for ever, each of another content, and acknowledges each on its standard output once it
 * is durable. Arguments: path, number of the first checkpoint.
 */
import { writeSync } from "node:fs";
import { argv } from "node:process";
import { writeFileAtomically } from "../../src/io/files.ts";
import { writeSafetensors } from "../../src/io/safetensors.ts";

const [path = "", first = "0"] = argv.slice(2);

for (let count = Number(first); ; count++) {
  const size = 50_000 + (count % 7) * 20_000;
  const data = new Float32Array(size).fill(count);
  await writeFileAtomically(path, writeSafetensors([{ name: "state", shape: [size], data }], { count: `${count}` }));
  writeSync(1, `${count}\n`);
}
