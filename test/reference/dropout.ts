import { at } from "./elements.ts";

const MULTIPLIERS = [0xd2511f53n, 0xcd9e8d57n] as const;
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85] as const;

type Four = readonly [number, number, number, number];

/** Philox 4x32-10 of Salmon et al. 2011: four random words for a counter and a key. */
export function philox(counter: Four, key: readonly [number, number]): Four {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const first = MULTIPLIERS[0] * BigInt(c0);
    const second = MULTIPLIERS[1] * BigInt(c2);
    [c0, c1, c2, c3] = [(high(second) ^ c1 ^ k0) >>> 0, low(second), (high(first) ^ c3 ^ k1) >>> 0, low(first)];
    [k0, k1] = [(k0 + KEY_STEPS[0]) >>> 0, (k1 + KEY_STEPS[1]) >>> 0];
  }
  return [c0, c1, c2, c3];
}

const low = (product: bigint) => Number(BigInt.asUintN(32, product));
const high = (product: bigint) => Number(product >> 32n);

export interface NoiseInputs {
  /** A row of noise for each id, any 32-bit number. */
  readonly ids: readonly number[];
  readonly F: number;
  readonly key: readonly [number, number];
}

/** Words [N, F]: feature f of row `id` has word f % 4 of counter (floor(f / 4), id, 0, 0). */
export function noiseWords({ ids, F, key }: NoiseInputs): Float64Array {
  const words = new Float64Array(ids.length * F);
  ids.forEach((id, n) => {
    for (let f = 0; f < F; f++) words[n * F + f] = at(philox([Math.floor(f / 4), id >>> 0, 0, 0], key), f % 4);
  });
  return words;
}

/** Noise [N, F]: 0 where the word is below rate * 2^32, else 1 / (1 - rate). */
export function dropoutNoise({ rate, ...inputs }: NoiseInputs & { readonly rate: number }): Float64Array {
  return noiseWords(inputs).map((word) => (word < rate * 2 ** 32 ? 0 : 1 / (1 - rate)));
}
