/**
 * A regression guard in under a minute: shares of peak of kernels and of a training step, and ratios to the tiled twin, beside
 * what bench/expectations.json has for this processor, Node and binary. It never fails. `npm run bench:quick`; with `--write`
 * it renews the entry of this machine.
 */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { Adam, Dense, init, LSTM, Sequential, tensor } from "../src/index.ts";
import { compareWith, type Expectations, type Expected, formatComparisons, keyOf } from "./expectations.ts";
import { type Contestant, compare, header, withShares } from "./harness.ts";
import { layer, product } from "./kernel-works.ts";
import { withPeak } from "./peak.ts";
import { tiledTwin } from "./twins/lstm-tiled.ts";
import { loadCore } from "./variants.ts";
import { flopOf, WORKS } from "./versus/works.ts";

const file = new URL("expectations.json", import.meta.url);
const info = await init();
const variant = info.variant === "relaxed" ? "relaxed" : "simd";

const noise = (length: number, scale: number) =>
  Float32Array.from({ length }, (_, i) => (((i * 2654435761) % 1024) / 512 - 1) * scale);

/** One Adam step of the forecast model of bench/versus, through the public API. */
function trainingStep(): Contestant {
  const work = WORKS.find(({ kind }) => kind === "forecast");
  if (work === undefined) throw new Error("bench/versus/works.ts has no forecast.");
  const { I, H, T, B } = work;
  const layers = [new LSTM({ units: H, returnSequences: true }), new LSTM({ units: H }), new Dense({ units: 1 })];
  const model = new Sequential(layers, { inputShape: [null, I], seed: 1 });
  model.compile({ optimizer: new Adam(), loss: "meanSquaredError" });
  const [x, y] = [tensor(noise(B * T * I, 1), [B, T, I]), tensor(noise(B, 1), [B, 1])];
  return { name: `training 2xLSTM${H} B${B} T${T}`, run: () => void model.trainOnBatch(x, y), flop: flopOf(work) };
}

/** The public API against the twin: forward, forward + backward. */
function ratios(): Record<string, number> {
  const shape = { I: 50, H: 50, B: 64, T: 30 };
  const { I, H, B, T } = shape;
  const twin = tiledTwin(shape);
  for (const array of [twin.weight_ih, twin.weight_hh, twin.bias]) array.set(noise(array.length, 1 / Math.sqrt(H)));
  for (const array of [twin.x, twin.dOutput]) array.set(noise(array.length, 1));
  const lstm = new LSTM({ units: H, inputSize: I, returnSequences: true, seed: 1 });
  const [x, output] = [tensor(noise(B * T * I, 1), [B, T, I]), tensor(noise(B * T * H, 1), [B, T, H])];
  const both = {
    twin: () => {
      twin.forward();
      twin.backward();
    },
    gatefold: () => {
      lstm.forward(x, { training: true });
      lstm.backward({ output });
      lstm.zeroGradients();
    },
  };
  const name = `LSTM I${I} H${H} B${B} T${T}`;
  return {
    [`${name} forward, to the tiled twin`]: ratio(
      () => twin.forward(),
      () => void lstm.forward(x),
    ),
    [`${name} forward + backward, to the tiled twin`]: ratio(both.twin, both.gatefold),
  };
}

function ratio(twin: () => void, gatefold: () => void): number {
  const contestants = [
    { name: "twin", run: twin },
    { name: "gatefold", run: gatefold },
  ];
  return compare("", contestants, { cycles: 7, minCycleMs: 100, warmupMs: 600 })[1]?.ratio ?? Number.NaN;
}

async function measured(): Promise<{ readonly peak: number; readonly expected: Expected }> {
  const core = await loadCore(variant);
  const contestants = [
    product(core, [256, 256, 256]),
    product(core, [32, 128, 512]),
    ...layer(core, { I: 128, H: 128, B: 32, T: 50 }),
    ...layer(core, { I: 128, H: 128, B: 1, T: 50 }),
    trainingStep(),
  ];
  const { peak, result } = await withPeak(variant, () => compare(variant, contestants, { cycles: 20 }));
  const shares = withShares(result, peak).map(({ name, share }) => [name, share?.median ?? Number.NaN]);
  return { peak, expected: { shares: Object.fromEntries(shares), ratios: ratios() } };
}

async function main(): Promise<void> {
  const expectations: Expectations = JSON.parse(await readFile(file, "utf8"));
  const key = keyOf(cpus()[0]?.model ?? "unknown processor", process.version, variant);
  const { peak, expected } = await measured();
  console.log(`${header({ variant, threads: info.threads, peak })}\n`);
  if (expectations[key] === undefined)
    console.log(`No entry "${key}": ratios are compared with those for any machine.\n`);
  console.log(formatComparisons(compareWith(expectations, key, expected)));
  if (process.argv.includes("--write")) await write({ ...expectations, [key]: rounded(expected) });
}

async function write(expectations: Expectations): Promise<void> {
  await writeFile(file, `${JSON.stringify(expectations, null, 2)}\n`);
}

function rounded({ shares, ratios }: Expected): Expected {
  const threeDigits = (values: Expected["shares"]) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(3))]));
  return { date: new Date().toISOString().slice(0, 10), shares: threeDigits(shares), ratios: threeDigits(ratios) };
}

await main().catch((error) => console.log(`NOT MEASURED: ${error}`));
