/** Sweeps over shapes: every pair of values of any two axes, instead of every combination. */
import { at } from "../reference/elements.ts";

type Axes = Readonly<Record<string, readonly unknown[]>>;
type Case<A extends Axes> = { readonly [Name in keyof A]: A[Name][number] };

/** Cases that together hold every pair of values of every two axes, greedily few; always the same ones. */
export function pairwise<const A extends Axes>(axes: A): readonly Case<A>[] {
  const names = Object.keys(axes);
  const values = names.map((name) => axes[name] ?? []);
  const open = allPairs(values.map(({ length }) => length));
  const cases: Case<A>[] = [];
  for (const first of open) {
    const chosen = complete(first, values, open, cases.length);
    for (const pair of pairsOf(chosen)) open.delete(pair);
    cases.push(Object.fromEntries(names.map((name, axis) => [name, values[axis]?.[at(chosen, axis)]])) as Case<A>);
  }
  return cases;
}

/** Axes and indices of two values. */
function pair(axis: number, index: number, otherAxis: number, otherIndex: number): string {
  return axis < otherAxis
    ? `${axis} ${index} ${otherAxis} ${otherIndex}`
    : `${otherAxis} ${otherIndex} ${axis} ${index}`;
}

function allPairs(lengths: readonly number[]): Set<string> {
  const pairs = new Set<string>();
  lengths.forEach((length, axis) => {
    for (let other = axis + 1; other < lengths.length; other++) {
      for (let i = 0; i < length; i++) for (let j = 0; j < at(lengths, other); j++) pairs.add(pair(axis, i, other, j));
    }
  });
  return pairs;
}

function pairsOf(chosen: readonly number[]): string[] {
  return chosen.flatMap((index, axis) => chosen.slice(axis + 1).map((j, n) => pair(axis, index, axis + 1 + n, j)));
}

/** The index on every axis: two from the open pair, the others such that the case closes many open pairs. */
function complete(first: string, values: readonly (readonly unknown[])[], open: Set<string>, turn: number): number[] {
  const [axis = 0, index = 0, otherAxis = 0, otherIndex = 0] = first.split(" ").map(Number);
  const chosen = new Map([
    [axis, index],
    [otherAxis, otherIndex],
  ]);
  values.forEach(({ length }, next) => {
    if (chosen.has(next)) return;
    const closed = (candidate: number) => [...chosen].filter(([a, i]) => open.has(pair(a, i, next, candidate))).length;
    // Starting at another index each turn spreads the values that no pair decides.
    const candidates = Array.from({ length }, (_, n) => (n + turn) % length);
    chosen.set(
      next,
      candidates.reduce((best, candidate) => (closed(candidate) > closed(best) ? candidate : best)),
    );
  });
  return values.map((_, next) => chosen.get(next) ?? 0);
}
