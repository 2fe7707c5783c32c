/** Charts of errors by step and by weekday, hour or month, and of the loss by epoch. */
import { formatShare, numberFormat } from "../format.ts";
import type { HorizonData, PageData } from "../page-data.ts";
import type { Content } from "./figure.ts";
import { numberLabels } from "./number-ticks.ts";
import type { Layer, Line } from "./plot.ts";
import { countTicks } from "./time-ticks.ts";

const fromZero = (_: number, high: number): readonly [number, number] => [0, high > 0 ? high * 1.08 : 1];

/** There is no step and no epoch 0. */
const fromOne: Content["ticks"] = (from, to, width) => countTicks(Math.max(1, from), to, width);

/** `colours` are those of the legend, by key. */
export function errorByStep({ horizon, errorScale }: PageData, colours: ReadonlyMap<string, string>): Content {
  const { steps, model, baselines } = horizon;
  const lines = baselines.map(
    ({ key, rmse }): Line => ({ kind: "dashed", key, colour: colours.get(key) ?? "muted", values: rmse }),
  );
  return {
    ...bySteps(steps),
    layers: [...lines, { kind: "line", key: "model", colour: "model", values: model, width: 2.5 }],
    range: fromZero,
    format: numberFormat(errorScale),
  };
}

export function coverageByStep({ steps, coverage80, coverage95 }: HorizonData): Content {
  return {
    ...bySteps(steps),
    layers: [
      { kind: "line", key: "coverage80", colour: "second", values: coverage80, width: 2.5 },
      { kind: "line", key: "coverage95", colour: "model", values: coverage95, width: 2.5 },
    ],
    marks: [
      { axis: "y", at: 0.8, colour: "second" },
      { axis: "y", at: 0.95, colour: "model" },
    ],
    range: (low) => [Math.max(0, Math.min(0.7, Math.floor(low * 20 - 0.5) / 20)), 1],
    labels: (ticks) => numberLabels(ticks.map((tick) => tick * 100)).map((text) => `${text}\u00a0%`),
    format: formatShare,
  };
}

function bySteps(steps: readonly number[]): Pick<Content, "x" | "margin" | "ticks" | "nameOf"> {
  return {
    x: steps,
    margin: (steps.length - 1) * 0.03 + 0.1,
    ticks: fromOne,
    nameOf: (row) => `Step ${steps[row] ?? ""}`,
  };
}

export function errorByPeriod({ period, errorScale }: PageData): Content | null {
  if (period === null) return null;
  const { labels, model, baseline } = period;
  const layers: readonly Layer[] = [
    { kind: "bar", key: "model", colour: "model", values: model, side: -1 },
    { kind: "bar", key: "baseline", colour: "baseline", fill: "baseline-soft", values: baseline, side: 1 },
  ];
  const short = labels.map(shortened);
  const longest = short.reduce((most, label) => Math.max(most, label.length), 0);
  return {
    x: labels.map((_, i) => i),
    margin: 0.6,
    layers,
    range: fromZero,
    ticks: (_from, _to, width) => {
      const step = evenStep(labels.length, ((longest * 7 + 10) * labels.length) / width);
      const at = labels.map((_, i) => i).filter((i) => i % step === 0);
      return { at, labels: at.map((i) => short[i] ?? "") };
    },
    nameOf: (row) => labels[row] ?? "",
    format: numberFormat(errorScale),
  };
}

/** "Mon" of "Monday"; hours as they are. */
function shortened(label: string): string {
  return /^[A-Z][a-z]+$/.test(label) ? label.slice(0, 3) : label;
}

/** The smallest step, not below `least`, that divides the hours of a day, a week or a year. */
function evenStep(length: number, least: number): number {
  return Array.from({ length }, (_, i) => i + 1).find((step) => step >= least && length % step === 0) ?? length;
}

/** Losses that fall by more than this are drawn on a logarithmic axis. */
const LARGEST_FALL = 20;

export function lossByEpoch({ loss, validationLoss, bestEpoch }: PageData["training"]): Content {
  const x = loss.map((_, epoch) => epoch + 1);
  const all = [...loss, ...validationLoss].filter((value) => Number.isFinite(value) && value !== null);
  const low = Math.min(...all);
  return {
    x,
    margin: loss.length > 1 ? (loss.length - 1) * 0.02 : 0.5,
    layers: [
      { kind: "dashed", key: "loss", colour: "second", values: loss, width: 2 },
      { kind: "line", key: "validation", colour: "model", values: validationLoss, width: 2 },
    ],
    rest: bestEpoch,
    marks: [{ axis: "x", at: bestEpoch + 1, label: "best" }],
    isLogarithmic: low > 0 && Math.max(...all) / low > LARGEST_FALL,
    ticks: fromOne,
    nameOf: (row) => `Epoch ${x[row] ?? ""}`,
    format: (value) => (typeof value === "number" ? value.toPrecision(4) : "–"),
  };
}
