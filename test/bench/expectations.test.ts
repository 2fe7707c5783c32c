import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compareWith, type Expectations, formatComparisons, keyOf } from "../../bench/expectations.ts";

const expectations: Expectations = {
  any: { shares: {}, ratios: { twin: 6 } },
  "Some CPU, Node 24, relaxed": { shares: { gemm: 0.9, layer: 0.8 }, ratios: { twin: 12 } },
};

test("an entry is of a processor, a major version of Node and a binary", () => {
  expect(keyOf("Some CPU", "v24.21.0", "relaxed")).toBe("Some CPU, Node 24, relaxed");
});

test("falling by more than 15 % is said, by 15 % and less is not", () => {
  const measured = { shares: { gemm: 0.766, layer: 0.67 }, ratios: { twin: 10 } };
  const comparisons = compareWith(expectations, "Some CPU, Node 24, relaxed", measured);
  expect(comparisons.map(({ name, hasFallen }) => [name, hasFallen])).toEqual([
    ["gemm", false],
    ["layer", true],
    ["twin", true],
  ]);
  expect(formatComparisons(comparisons)).toBe(
    [
      "            now  expected",
      "gemm       77 %      90 %",
      "layer      67 %      80 %  FELL",
      "twin     10.00x    12.00x  FELL",
      "Fell by more than 15 %: layer; twin. Measure again on a quiet machine before you believe it.",
    ].join("\n"),
  );
});

test("a machine without an entry has its ratios compared with those for any machine, its shares with none", () => {
  const comparisons = compareWith(expectations, "Other CPU, Node 24, simd", {
    shares: { gemm: 0.1 },
    ratios: { twin: 5 },
  });
  expect(comparisons.map(({ expected, hasFallen }) => [expected, hasFallen])).toEqual([
    [undefined, false],
    [6, true],
  ]);
  expect(formatComparisons(comparisons.slice(0, 1))).toContain("Nothing fell by more than 15 %.");
});

test("the committed expectations have an entry for any machine, with ratios alone", () => {
  const committed: Expectations = JSON.parse(
    readFileSync(new URL("../../bench/expectations.json", import.meta.url), "utf8"),
  );
  expect(committed.any?.shares).toEqual({});
  expect(Object.keys(committed.any?.ratios ?? {}).length).toBeGreaterThan(0);
});
