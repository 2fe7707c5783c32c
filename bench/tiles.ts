/**
 * Matmul tiles of every size that was considered, K = 256 in the first-level cache, against the peak of the same run.
 * `npm run bench:tiles` prints the table; with `--write` it also replaces this engine's table in docs/kernels.md.
 * `node --experimental-wasm-revectorize --import tsx bench/tiles.ts` does the same for turbo.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { asc } from "../scripts/asc.ts";
import { compare, header, type Result, withShares } from "./harness.ts";
import { withPart } from "./parts.ts";
import { withPeak } from "./peak.ts";
import { SECOND_PANEL, type TileForm, tileName, tileSource } from "./tiles/source.ts";
import { isTurbo, runnableVariants } from "./variants.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const K = 256;
const ROWS = 24;
type Size = readonly [rows: number, columns: number];
const narrow: readonly Size[] = [
  [1, 32],
  [2, 16],
  [2, 20],
  [2, 24],
  [3, 16],
  [4, 8],
  [5, 8],
  [6, 8],
];
/** Those that have enough registers where two vectors are one. */
const wide: readonly Size[] = [
  [1, 64],
  [2, 16],
  [2, 32],
  [3, 16],
  [4, 16],
  [5, 16],
  [6, 16],
];
const sizes = isTurbo ? wide : narrow;
const turns = [
  { unroll: 1, isFixed: false },
  { unroll: 4, isFixed: false },
  { unroll: 8, isFixed: false },
  { unroll: 4, isFixed: true },
  { unroll: 8, isFixed: true },
];
const forms: TileForm[] = sizes.flatMap(([rows, columns]) => turns.map((turn) => ({ rows, columns, ...turn })));
const USED = isTurbo
  ? { simd: ["tile6x16_8_fixed"], relaxed: ["tile6x16_8_fixed"] }
  : { simd: ["tile2x16_1"], relaxed: ["tile6x8_8_fixed", "tile2x16_4", "tile4x8_1"] };

type Tile = (...args: number[]) => void;

/** Compiles all forms into build/bench/tiles.<variant>.wasm, with the vocabulary of the core. */
async function compile(variant: "simd" | "relaxed"): Promise<WebAssembly.Exports> {
  const folder = join(root, "build/bench");
  const [source, binary] = [join(folder, "tiles.ts"), join(folder, `tiles.${variant}.wasm`)];
  await mkdir(folder, { recursive: true });
  await writeFile(source, `import { madd } from "../../assembly/simd/f32x4";\n${forms.map(tileSource).join("\n")}\n`);
  const features = ["--enable", variant === "relaxed" ? "simd,relaxed-simd" : "simd"];
  const flags = ["--config", "none", "--runtime", "stub", "--importMemory", "--noExportMemory", "--noAssert", "-O2"];
  await asc(source, "-o", binary, ...flags, ...features);
  const memory = new WebAssembly.Memory({ initial: 16 });
  new Float32Array(memory.buffer).fill(0.5);
  return (await WebAssembly.instantiate(await readFile(binary), { env: { memory } })).instance.exports;
}

function measure(variant: "simd" | "relaxed", exports: WebAssembly.Exports): Result[] {
  const contestants = forms.map((form) => {
    const tile = exports[tileName(form)] as Tile;
    const blocks = Math.floor(ROWS / form.rows);
    const [c, a, w] = [65536, 2 * 65536, 6 * 65536];
    const row = (K + 16) * 4;
    const run = () => {
      for (let call = 0; call < 50; call++) tile(c, 128, c, 128, a, row, 4, w, K, blocks);
    };
    return { name: tileName(form), run, flop: 100 * blocks * form.rows * form.columns * K };
  });
  if (SECOND_PANEL < K * 64) throw new Error("The panels overlap.");
  return compare(variant, contestants, { cycles: 25, minCycleMs: 5, warmupMs: 100 });
}

/** A row a tile, a column for each number of k steps a turn: share of the peak, median / best; used ones in bold. */
function table(variant: "simd" | "relaxed", results: readonly Result[]): string {
  const cell = (form: TileForm) => {
    const share = results.find(({ name }) => name === tileName(form))?.share;
    const text = share ? `${(share.median * 100).toFixed(0)} / ${(share.best * 100).toFixed(0)} %` : "";
    return USED[variant].includes(tileName(form)) ? `**${text}**` : text;
  };
  const lines = sizes.map(([rows, columns]) => {
    const cells = turns.map((turn) => cell({ rows, columns, ...turn }));
    return `| ${rows} x ${columns} | ${cells.join(" | ")} |`;
  });
  const head = ["| tile | 1 k a turn | 4 | 8 | 4, fixed distances | 8, fixed distances |", "|---|---|---|---|---|---|"];
  return [...head, ...lines].join("\n");
}

async function write(key: string, text: string): Promise<void> {
  const file = join(root, "docs/kernels.md");
  await writeFile(file, withPart(await readFile(file, "utf8"), `tiles ${key}`, text));
}

for (const variant of runnableVariants()) {
  const binary = await compile(variant);
  const { peak, result } = await withPeak(variant, () => measure(variant, binary));
  const name = isTurbo ? `${variant} turbo` : variant;
  const caption = header({ variant: name, threads: 1, peak });
  const text = `${caption.replaceAll("|", "·")}\n\n${table(variant, withShares(result, peak))}`;
  console.log(`${text}\n`);
  if (process.argv.includes("--write")) await write(`${process.version.split(".")[0]} ${name}`, text);
}
