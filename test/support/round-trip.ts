/** What is saved and loaded is the same again. */
import { expect } from "vitest";
import * as gatefold from "../../src/index.ts";
import { load, type Tensor } from "../../src/index.ts";
import { expectSameBytes } from "./edited-file.ts";
import { expectSameBits } from "./layers.ts";
import { type AnyModel, only } from "./saved-models.ts";

export type Options = Readonly<Record<string, unknown>>;

export type Class<Kind> = new (options?: Options) => Kind;

/** Exported classes of a kind, by name. */
export function classesOf<Kind extends object>({
  prototype,
}: {
  readonly prototype: Kind;
}): ReadonlyMap<string, Class<Kind>> {
  const isOne = (value: unknown) =>
    typeof value === "function" && Object.prototype.isPrototypeOf.call(prototype, value.prototype as object);
  return new Map((Object.entries(gatefold) as [string, Class<Kind>][]).filter(([, value]) => isOne(value)));
}

/** What the constructor takes, as its error says. */
export function optionsOf(make: (options: Options) => unknown): readonly string[] {
  try {
    make({ "an option that nobody has, and that is like none": 1 });
  } catch (error) {
    return (/: it takes (.*)\.$/.exec((error as Error).message)?.[1] ?? "").split(", ");
  }
  return [];
}

/** Every option but those that stand for themselves. */
export function expectAllOptions(known: readonly string[], given: readonly Options[], except: readonly string[]): void {
  expect(known).not.toEqual([""]);
  const used = new Set(given.flatMap((options) => Object.keys(options)));
  expect(known.filter((option) => !used.has(option) && !except.includes(option))).toEqual([]);
}

/** One update over all rows. */
export function trainOnce(model: AnyModel, x: readonly Tensor[], y: readonly Tensor[]): void {
  model.trainOnBatch(only(x), only(y));
}

/** Saves and loads; both predict the same bits, and end in the same file after one more batch. */
export function expectRoundTrip(model: AnyModel, x: readonly Tensor[], y: readonly Tensor[]): AnyModel {
  const file = model.save({ optimizer: true });
  const again = load(file);
  expect(again.layers.map((layer) => [layer.kind, layer.config()])).toEqual(
    model.layers.map((layer) => [layer.kind, withoutSize(layer.config())]),
  );
  expectSameBytes(again.save({ optimizer: true }), file);
  const outputs = [model, again].map((one) => [one.predict(only(x))].flat() as readonly Tensor[]);
  for (const [i, output] of (outputs[0] ?? []).entries())
    expectSameBits(outputs[1]?.[i] as Tensor, output, `output ${i}`);
  for (const one of [model, again]) trainOnce(one, x, y);
  expectSameBytes(again.save({ optimizer: true }), model.save({ optimizer: true }));
  return again;
}

const withoutSize = ({ inputSize: _, ...config }: Options): Options => config;
