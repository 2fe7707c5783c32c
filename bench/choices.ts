/**
 * Choices inside of gatefold, each beside what it was chosen over, in whole layers and training steps. `npm run bench:choices`
 * prints the table; with `--write` it also replaces this engine's table in docs/kernels.md.
 */
import { readFile, writeFile } from "node:fs/promises";
import { requireCore } from "../src/core/context.ts";
import { TILE_2X16, TILE_4X8, tileName } from "../src/core/tiles.ts";
import { Adam, Dense, Embedding, init, LSTM, Sequential, tensor } from "../src/index.ts";
import { Recurrent } from "../src/layers/recurrent.ts";
import { type Contestant, compare, header, type Result } from "./harness.ts";
import { withPart } from "./parts.ts";
import { block, type Core } from "./variants.ts";

interface Choice {
  /** What is decided. */
  readonly what: string;
  /** The form in use first. */
  readonly forms: readonly Contestant[];
}

const VOCABULARY = 65;
const info = await init({ numerics: process.argv.includes("--strict") ? "strict" : "fast" });
const core = requireCore();
const bench: Core = { ...core, variant: info.variant === "relaxed" ? "relaxed" : "simd" };

const noise = (length: number, scale: number) =>
  Float32Array.from({ length }, (_, i) => (((i * 2654435761) % 1024) / 512 - 1) * scale);
const tokens = (rows: number, steps: number) =>
  tensor(
    Int32Array.from({ length: rows * steps }, (_, i) => ((i * 2654435761) >>> 8) % VOCABULARY),
    [rows, steps],
  );

/** An Adam step of Embedding, two LSTMs and Dense, as in bench/versus. */
function characters(n: number, width: number, B: number, T: number): () => void {
  const recurrent = () => new LSTM({ units: n, returnSequences: true });
  const layers = [
    new Embedding({ inputDim: VOCABULARY, outputDim: width }),
    recurrent(),
    recurrent(),
    new Dense({ units: VOCABULARY }),
  ];
  const model = new Sequential(layers, { seed: 1 });
  model.compile({ optimizer: new Adam(), loss: "sparseCategoricalCrossentropy" });
  const [x, y] = [tokens(B, T), tokens(B, T)];
  return () => void model.trainOnBatch(x, y);
}

/** Runs with the tile, or with another answer to whether embeddings are looked up. */
function withTile(tile: number, run: () => void): () => void {
  return () => {
    const chosen = core.tile;
    core.tile = tile;
    run();
    core.tile = chosen;
  };
}

/** Of a model of its own: where its values stand is planned with its first batch. */
function multiplied(run: () => void): () => void {
  const { looksUp } = Recurrent.prototype;
  return () => {
    Recurrent.prototype.looksUp = () => false;
    run();
    Recurrent.prototype.looksUp = looksUp;
  };
}

/** Forward and backward of an LSTM alone, the gradient coming from every step or from the last. */
function layer(I: number, H: number, B: number, T: number, returnSequences = true): () => void {
  const lstm = new LSTM({ units: H, inputSize: I, returnSequences, seed: 1 });
  const x = tensor(noise(B * T * I, 1), [B, T, I]);
  const output = returnSequences ? tensor(noise(B * T * H, 1), [B, T, H]) : tensor(noise(B * H, 1), [B, H]);
  return () => {
    lstm.forward(x, { training: true });
    lstm.backward({ output });
    lstm.zeroGradients();
  };
}

/** An Adam step of an LSTM whose characters are one-hot rows, or ids of an Embedding that is as wide. */
function oneHot(hasIds: boolean): () => void {
  const [B, T, H] = [50, 50, 128];
  const ids = tokens(B, T);
  const rows = new Float32Array(B * T * VOCABULARY);
  for (const [n, id] of ids.data.entries()) rows[n * VOCABULARY + id] = 1;
  const layers = [new LSTM({ units: H }), new Dense({ units: VOCABULARY })];
  const table = new Embedding({ inputDim: VOCABULARY, outputDim: VOCABULARY });
  const model = new Sequential(hasIds ? [table, ...layers] : layers, {
    seed: 1,
    ...(hasIds ? {} : { inputShape: [null, VOCABULARY] }),
  });
  model.compile({ optimizer: new Adam(), loss: "sparseCategoricalCrossentropy" });
  const x = hasIds ? ids : tensor(rows, [B, T, VOCABULARY]);
  const y = tensor(ids.data.slice(0, B), [B]);
  return () => void model.trainOnBatch(x, y);
}

/** One row by the panels of a layer of 128 units, two panels at a time or one. */
function oneRow(atOnce: 1 | 2): () => void {
  const { kernels } = core;
  const [K, N] = [256, 512];
  const [a, w, c] = [block(bench, K, 1), block(bench, K * N, 0.1), block(bench, N)];
  const panel = K * 64;
  return () => {
    for (let n = 0; n < N / 16; n += atOnce) {
      const [to, from] = [c + n * 64, w + n * panel];
      if (atOnce === 2) kernels.row32(to, to, 64, a, 4, from, panel, K);
      else kernels.row16(to, to, a, 4, from, K);
    }
  };
}

const small = characters(128, 65, 50, 50);
const large = characters(256, 256, 64, 64);
const CHOICES: readonly Choice[] = [
  {
    what: "tile, characters n 128 B50 T50, training",
    forms: [
      { name: tileName(core.tile), run: small },
      { name: "2x16", run: withTile(TILE_2X16, small) },
      { name: "4x8", run: withTile(TILE_4X8, small) },
    ],
  },
  {
    what: "embedding of width 65, V 65, n 128 B50 T50, training",
    forms: [
      { name: "looked up in b + E W", run: small },
      { name: "multiplied row by row", run: multiplied(characters(128, 65, 50, 50)) },
    ],
  },
  {
    what: "embedding of width 256, V 65, n 256 B64 T64, training",
    forms: [
      { name: "looked up in b + E W", run: large },
      { name: "multiplied row by row", run: multiplied(characters(256, 256, 64, 64)) },
    ],
  },
  {
    what: "one-hot characters, LSTM(128) B50 T50, training",
    forms: [
      { name: "ids of a trained Embedding", run: oneHot(true) },
      { name: "rows of 65 numbers", run: oneHot(false) },
    ],
  },
  {
    what: "one row [1 x 256] x [256 x 512]",
    forms: [
      { name: "two panels at a time", run: oneRow(2) },
      { name: "one panel", run: oneRow(1) },
    ],
  },
  {
    what: "hidden units, LSTM I50 B64 T30, forward + backward",
    forms: [48, 50, 52, 64].map((H) => ({ name: `${H}`, run: layer(50, H, 64, 30) })),
  },
  {
    what: "gradient of LSTM I8 H32 B8 T2000, forward + backward",
    forms: [
      { name: "of every step", run: layer(8, 32, 8, 2000) },
      { name: "of the last step, which vanishes on the way", run: layer(8, 32, 8, 2000, false) },
    ],
  },
];

function rows(what: string, results: readonly Result[]): string[] {
  return results.map(({ name, medianMs, minMs, ratio, verdict }, n) => {
    const time = (ms: number) => (ms < 0.1 ? `${(ms * 1000).toPrecision(3)} us` : `${ms.toPrecision(3)} ms`);
    const against = n === 0 ? "" : `${(1 / ratio).toFixed(2)}${verdict === "same" ? " (same)" : ""}`;
    return `| ${n === 0 ? what : ""} | ${name} | ${time(medianMs)} | ${time(minMs)} | ${against} |`;
  });
}

const lines = ["| choice | form, the one in use first | median | minimum | times the first |", "|---|---|---|---|---|"];
for (const { what, forms } of CHOICES) {
  lines.push(...rows(what, compare(what, forms, { cycles: 11, minCycleMs: 40, warmupMs: 600 })));
}
const text = `${header({ variant: info.variant }).replaceAll("|", "·")}\n\n${lines.join("\n")}`;
console.log(text);
if (process.argv.includes("--write")) {
  const file = new URL("../docs/kernels.md", import.meta.url);
  const name = `choices ${process.version.split(".")[0]} ${info.variant}`;
  await writeFile(file, withPart(await readFile(file, "utf8"), name, text));
}
