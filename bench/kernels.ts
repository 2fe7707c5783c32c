/**
 * Kernels against the arithmetic peak of the same run: matrix products with packed weights, then whole LSTM layers. Shares
 * count executed matmul FLOP. `npm run bench:kernels`, a variant's name as argument limits it to that.
 */
import { compare, header, printTable, withShares } from "./harness.ts";
import { type LayerShape, layer, product } from "./kernel-works.ts";
import { withPeak } from "./peak.ts";
import { loadCore, runnableVariants } from "./variants.ts";

const products: readonly (readonly [number, number, number])[] = [
  [256, 256, 256],
  [1600, 128, 512],
  [32, 128, 512],
  [32, 512, 128],
  [1, 128, 512],
];
const layers: readonly LayerShape[] = [
  { I: 128, H: 128, B: 32, T: 50 },
  { I: 50, H: 50, B: 64, T: 30 },
  { I: 1, H: 50, B: 64, T: 30 },
  { I: 256, H: 256, B: 32, T: 50 },
  { I: 128, H: 128, B: 1, T: 50 },
];

const wanted = runnableVariants().filter((variant) => !process.argv[2] || process.argv[2] === variant);
if (wanted.length === 0) console.log(`NOT MEASURED: this engine cannot run the variant ${process.argv[2]}.`);
for (const variant of wanted) {
  const core = await loadCore(variant);
  const contestants = [
    ...products.map((shape) => product(core, shape)),
    ...layers.flatMap((shape) => layer(core, shape)),
  ];
  const { peak, result } = await withPeak(variant, () => compare(`${variant} kernels`, contestants));
  console.log(header({ variant, threads: 1, peak }));
  printTable(withShares(result, peak), "peak");
}
