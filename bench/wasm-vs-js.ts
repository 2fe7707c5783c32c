/**
 * One LSTM layer through the public API against two twins in plain TypeScript on Float32Arrays, one with loops ordered for
 * the cache and one tiled 4x4 in registers: forward, and forward + backward with all gradients. `npm run bench`.
 */
import { init, LSTM, tensor } from "../src/index.ts";
import { compare, header, printTable } from "./harness.ts";
import type { LstmTwin } from "./twins/lstm.ts";
import { plainTwin } from "./twins/lstm-plain.ts";
import { tiledTwin } from "./twins/lstm-tiled.ts";

const shapes = [
  { I: 128, H: 128, B: 32, T: 50 },
  { I: 50, H: 50, B: 64, T: 30 },
  { I: 1, H: 50, B: 64, T: 30 },
];

const noise = (length: number, scale: number) =>
  Float32Array.from({ length }, (_, i) => (((i * 2654435761) % 1024) / 512 - 1) * scale);

function fill(twin: LstmTwin, H: number): LstmTwin {
  for (const array of [twin.weight_ih, twin.weight_hh, twin.bias]) array.set(noise(array.length, 1 / Math.sqrt(H)));
  for (const array of [twin.x, twin.dOutput]) array.set(noise(array.length, 1));
  return twin;
}

const info = await init();
console.log(`${header({ variant: info.variant, threads: 1 })}\n`);
for (const shape of shapes) {
  const { I, H, B, T } = shape;
  const twins = { "plain TypeScript": fill(plainTwin(shape), H), "tiled TypeScript": fill(tiledTwin(shape), H) };
  const lstm = new LSTM({ units: H, inputSize: I, returnSequences: true, seed: 1 });
  const x = tensor(noise(B * T * I, 1), [B, T, I]);
  const dOutput = tensor(noise(B * T * H, 1), [B, T, H]);
  const flop = 2 * T * B * 4 * H * (I + H);
  const name = `LSTM I${I} H${H} B${B} T${T}`;
  const options = { cycles: 7, minCycleMs: 100, warmupMs: 1500 };
  const forward = Object.entries(twins).map(([twin, layer]) => ({ name: twin, run: () => layer.forward(), flop }));
  const gatefold = { name: "gatefold", run: () => void lstm.forward(x), flop };
  printTable(compare(`${name}, forward`, [...forward, gatefold], options));
  const step = Object.entries(twins).map(([twin, layer]) => ({
    name: twin,
    run: () => {
      layer.forward();
      layer.backward();
    },
    flop: 3 * flop,
  }));
  const training = {
    name: "gatefold",
    run: () => {
      lstm.forward(x, { training: true });
      lstm.backward({ output: dOutput });
      lstm.zeroGradients();
    },
    flop: 3 * flop,
  };
  printTable(compare(`${name}, forward + backward`, [...step, training], options));
  lstm.dispose();
}
