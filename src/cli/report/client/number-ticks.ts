/** Labels of a number axis: as many digits as its ticks need, millions and more in short. */
import { exponentOf, fixed } from "../format.ts";

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
];

export function numberLabels(ticks: readonly number[]): readonly string[] {
  const largest = ticks.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0);
  if (largest !== 0 && (largest >= 1e15 || largest < 1e-6)) {
    return ticks.map((tick) => (tick === 0 ? "0" : Number(tick.toPrecision(4)).toExponential()));
  }
  const [unit, suffix] = UNITS.find(([size]) => largest >= size) ?? [1, ""];
  const format = fixed(decimalsOf(ticks.map((tick) => tick / unit)));
  return ticks.map((tick) => (tick === 0 ? "0" : format(tick / unit) + suffix));
}

/** Ticks of a logarithmic axis: powers of ten, and 2 and 5 times these where there are few. */
export function powerTicks(from: number, to: number): readonly number[] {
  const first = exponentOf(from);
  const last = exponentOf(to);
  const factors = last - first > 2 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const all = powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)));
  return all.filter((tick) => tick >= from && tick <= to);
}

/** Digits after the point that tell the ticks apart. */
function decimalsOf(ticks: readonly number[]): number {
  const longest = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0));
  const finest = Math.max(0, 2 - exponentOf(longest));
  for (let decimals = 0; decimals < finest; decimals++) {
    const isExact = (tick: number) => Math.abs(Number(tick.toFixed(decimals)) - tick) <= longest / 1000;
    if (ticks.every(isExact)) return decimals;
  }
  return finest;
}
