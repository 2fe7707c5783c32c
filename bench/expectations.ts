/** What `npm run bench:quick` compares with: committed shares of peak and ratios to the twins, and what has fallen. */

/** By the name of what was measured; shares of peak are fractions, ratios how many times as fast as the tiled twin. */
export interface Expected {
  readonly shares: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
  /** Of the measurement. */
  readonly date?: string | undefined;
}

/** By `keyOf`; "any" stands for machines that have no entry, with ratios only, which are lower ones. */
export type Expectations = Readonly<Record<string, Expected>>;

export interface Comparison {
  readonly name: string;
  readonly kind: "share" | "ratio";
  readonly now: number;
  /** Undefined for what is new. */
  readonly expected: number | undefined;
  readonly hasFallen: boolean;
}

/** Noise of a shared machine stays within it. */
export const FALL = 0.15;

export function keyOf(processor: string, nodeVersion: string, variant: string): string {
  return `${processor}, Node ${Number.parseInt(nodeVersion.replace(/^v/, ""), 10)}, ${variant}`;
}

export function compareWith(expectations: Expectations, key: string, measured: Expected): readonly Comparison[] {
  const expected = expectations[key] ?? expectations.any;
  const compared = (kind: "share" | "ratio", now: Expected["shares"], then: Expected["shares"] = {}) =>
    Object.entries(now).map(([name, value]): Comparison => {
      const before = then[name];
      return {
        name,
        kind,
        now: value,
        expected: before,
        hasFallen: before !== undefined && value < before * (1 - FALL),
      };
    });
  return [
    ...compared("share", measured.shares, expected?.shares),
    ...compared("ratio", measured.ratios, expected?.ratios),
  ];
}

/** A line each, then what has fallen. */
export function formatComparisons(comparisons: readonly Comparison[]): string {
  const value = (kind: "share" | "ratio", number: number | undefined) => {
    if (number === undefined) return "-";
    return kind === "share" ? `${(number * 100).toFixed(0)} %` : `${number.toFixed(2)}x`;
  };
  const width = Math.max(...comparisons.map(({ name }) => name.length));
  const lines = comparisons.map(({ name, kind, now, expected, hasFallen }) => {
    const cells = [name.padEnd(width), value(kind, now).padStart(8), value(kind, expected).padStart(8)];
    return `${cells.join("  ")}${hasFallen ? "  FELL" : ""}`;
  });
  const fallen = comparisons.filter(({ hasFallen }) => hasFallen).map(({ name }) => name);
  const verdict =
    fallen.length === 0
      ? "Nothing fell by more than 15 %."
      : `Fell by more than 15 %: ${fallen.join("; ")}. Measure again on a quiet machine before you believe it.`;
  return `${"".padEnd(width)}       now  expected\n${lines.join("\n")}\n${verdict}`;
}
