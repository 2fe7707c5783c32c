/**
 * No option is accepted and ignored: for every documented one, another value shows, and the documented default is what
 * leaving it out does. The list of options is read from the sources, so that a new one must come with its row.
 */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { loadCore } from "./support/layers.ts";
import { CALLBACK_ROWS } from "./support/walk-callbacks.ts";
import { FIT_ROWS } from "./support/walk-fit.ts";
import { INIT_ROWS } from "./support/walk-init.ts";
import { LAYER_ROWS } from "./support/walk-layers.ts";
import { MODEL_ROWS } from "./support/walk-models.ts";
import { OPTIMIZER_ROWS } from "./support/walk-optimizers.ts";
import { DOCUMENTED, unusedInterfaces } from "./support/walk-options.ts";
import type { Row } from "./support/walk-row.ts";
import { SCORE_ROWS } from "./support/walk-scores.ts";

const ROWS: readonly Row[] = [
  ...LAYER_ROWS,
  ...OPTIMIZER_ROWS,
  ...SCORE_ROWS,
  ...MODEL_ROWS,
  ...FIT_ROWS,
  ...CALLBACK_ROWS,
  ...INIT_ROWS,
];

const keyOf = ({ owner, option }: Pick<Row, "owner" | "option">) => `${owner} ${option}`;
const known = new Map(DOCUMENTED.map((documented) => [keyOf(documented), documented]));

beforeAll(async () => {
  await loadCore();
  // What is drawn when no seed is given.
  vi.spyOn(Math, "random").mockReturnValue(0.25);
});

describe("the table is complete", () => {
  test("every option of every public call has a row", () => {
    const covered = new Set(ROWS.map(keyOf));
    expect([...known.keys()].filter((key) => !covered.has(key))).toEqual([]);
  });

  test("every row is of an option that there is", () => {
    expect(ROWS.map(keyOf).filter((key) => !known.has(key))).toEqual([]);
  });

  test("every interface of options belongs to a public call", () => {
    expect(unusedInterfaces()).toEqual([]);
  });

  test("comments name the default of most optional ones, which is that of the row", () => {
    const optional = ROWS.filter((row) => known.get(keyOf(row))?.isOptional);
    const documented = optional.filter((row) => (known.get(keyOf(row))?.defaults.length ?? 0) > 0);
    for (const row of documented) {
      const { defaults } = known.get(keyOf(row)) ?? { defaults: [] };
      const expected = defaults[row.preset === "pytorch" ? 1 : 0];
      // One for each output, where there are several.
      const value = Array.isArray(row.value) ? row.value[0] : row.value;
      expect(value, keyOf(row)).toBe(expected);
    }
    expect(documented.length).toBeGreaterThan(optional.length / 2);
  });
});

describe.each([...new Set(ROWS.map(({ owner }) => owner))])("%s", (owner) => {
  const own = ROWS.filter((row) => row.owner === owner);
  test.each(own.map((row, n) => ({ ...row, n })))("$option ($n): $value or $other shows", async (row) => {
    const { option, value, other, observe } = row;
    const seen = await observe({ [option]: value });
    expect(await observe({ [option]: other })).not.toEqual(seen);
    if (known.get(keyOf(row))?.isOptional) expect(await observe({}), "left out").toEqual(seen);
  });
});
