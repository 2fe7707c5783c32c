/** Names and seeds of the layers of one model. */
import { OptionError } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import { Random } from "../random.ts";

/**
 * Numbers the layers that have no name of their own, lstm, lstm_1, and gives those without a seed one that the model's
 * seed and their name decide. Throws OptionError for two layers of one name.
 */
export function nameLayers(owner: string, layers: readonly Layer[], seed: number): void {
  const taken = new Set<string>();
  for (const layer of layers.filter(({ isNamed }) => isNamed)) {
    if (taken.has(layer.name)) {
      throw new OptionError(`${owner} has two layers called "${layer.name}": give each a name of its own.`);
    }
    taken.add(layer.name);
  }
  const random = new Random(seed).fork("layers");
  for (const layer of layers) {
    if (!layer.isNamed) {
      const base = layer.name;
      let name = base;
      for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
      taken.add(name);
      layer.rename(name);
    }
    layer.suggestSeed(random.fork(layer.name).uint32());
  }
}
