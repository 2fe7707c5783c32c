/** Numbers as text, the same on every machine: en-US whatever the reader's locale, digits chosen once for a column. */

/** A number as text; "–" for what is no number. */
export type NumberFormat = (value: number | null | undefined) => string;

const NONE = "–";
/** Above and below these powers of ten digits are no longer counted with the eye. */
const LARGEST_EXPONENT = 12;
const SMALLEST_EXPONENT = -7;

/** The power of ten of the first digit of `value`: 2 of 432, -3 of 0.0049; 0 of 0. */
export function exponentOf(value: number): number {
  return Number.isFinite(value) && value !== 0 ? Number(value.toExponential().split("e")[1]) : 0;
}

/** How many digits after the point show `scale` with `significant` digits. */
export function decimalsFor(scale: number, significant: number): number {
  return Math.max(0, significant - 1 - exponentOf(scale));
}

/**
 * The format of a column: values the size of `scale` get `significant` digits, by default 4, the others as many after
 * the point as those, whole numbers none. Very large and very small scales are written as 1.234e-9.
 */
export function numberFormat(scale: number, significant: number = 4): NumberFormat {
  const exponent = exponentOf(scale);
  const isPlain = exponent <= LARGEST_EXPONENT && exponent >= SMALLEST_EXPONENT;
  if (!isPlain) return ofNumbers((value) => value.toExponential(significant - 1));
  return fixed(decimalsFor(scale, significant));
}

/** The format with `decimals` digits after the point and commas between thousands. */
export function fixed(decimals: number): NumberFormat {
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const format = new Intl.NumberFormat("en-US", options);
  return ofNumbers((value) => format.format(value === 0 ? 0 : value));
}

/** Counts of rows, steps and parameters. */
export const formatCount: NumberFormat = fixed(0);

const tenths = fixed(1);

/** 0.4412 as "44.1 %". */
export function formatShare(share: number | null | undefined): string {
  return formatPercent(typeof share === "number" ? share * 100 : share);
}

/** 44.12 as "44.1 %". */
export function formatPercent(percent: number | null | undefined): string {
  const text = tenths(percent);
  return text === NONE ? NONE : `${text}\u00a0%`;
}

/** The difference of the largest and the smallest number; where all are the same, their size. */
export function spreadOf(values: readonly number[]): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return 0;
  return high > low ? high - low : Math.abs(high);
}

/** 95.3 as "1 min 35 s". */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  if (seconds < 10) return `${fixed(1)(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** "1 row", "822 rows". */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function ofNumbers(format: (value: number) => string): NumberFormat {
  return (value) => (typeof value === "number" && Number.isFinite(value) ? format(value) : NONE);
}
