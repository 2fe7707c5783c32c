/** The model beside forecasts that cost nothing: over the test span, by step, by weekday, hour or month, by series. */
import { formatPercent, formatShare, numberFormat } from "../format.ts";
import { type Content, html, type Markup } from "../html.ts";
import { BASELINE_NOTES, BASELINES, baselinesOf } from "../names.ts";
import type { BaselineName, ErrorsByForecast, ReportedSeries } from "../report.ts";
import { insideOf95 } from "../summaries.ts";
import type { View } from "../view.ts";
import { table } from "./table.ts";

type Measure = "rmse" | "mae" | "mape";
const MEASURES: readonly Measure[] = ["rmse", "mae", "mape"];
const MEASURE_NAMES: Readonly<Record<Measure, string>> = { rmse: "RMSE", mae: "MAE", mape: "MAPE" };

export function comparison(view: View): Markup {
  const { test } = view.report;
  const names = [
    "model" as const,
    ...[...baselinesOf(test)].sort((a, b) => (test[a]?.rmse ?? 0) - (test[b]?.rmse ?? 0)),
  ];
  const best = bestOf(test, names);
  const rows = names.map((name) => [
    name === "model"
      ? html`<strong>Model</strong>`
      : html`<span class="whole">${BASELINES[name]}</span> <small>${BASELINE_NOTES[name]}</small>`,
    ...MEASURES.map((measure) => {
      const value = test[name]?.[measure];
      const text = measure === "mape" ? formatPercent(value) : view.formatError(value);
      return typeof value === "number" && value === best[measure] ? marked(text) : text;
    }),
  ]);
  return html`<div class="panel">
<h3>Beside the baselines</h3>
<p class="note">${comparedInWords(view, names)}</p>
${table({
  caption: "Errors one step ahead over the test span",
  columns: [{ label: "Forecast", isText: true }, ...MEASURES.map((measure) => ({ label: MEASURE_NAMES[measure] }))],
  rows,
})}
</div>`;
}

/** How sentences speak of the rows of a breakdown: "at every step", "on any weekday". */
export interface Wording {
  readonly at: "at" | "on" | "in";
  readonly one: string;
}

type Named = ErrorsByForecast & { readonly name: string };

/** More than these are counted instead of named. */
const MOST_NAMED = 4;

/** For which rows of a breakdown the best baseline is as good as the model, in a sentence. */
export function whereBeaten(view: View, rows: readonly Named[], { at, one }: Wording): string {
  const { bestBaseline } = view.report.verdict;
  const best = lower(view.best);
  const lost = rows.filter((row) => row.model.rmse >= (row[bestBaseline]?.rmse ?? Number.POSITIVE_INFINITY));
  if (lost.length === 0) return `The model’s error is below that of ${best} ${at} every ${one}.`;
  if (lost.length === rows.length) return `The model does not beat ${best} ${at} any ${one}.`;
  const where =
    lost.length > MOST_NAMED ? `${lost.length} of ${rows.length} ${one}s` : list(lost.map(({ name }) => name));
  return `The model does not beat ${best} ${at} ${where}.`;
}

/** "a", "a and b", "a, b and c". */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A name inside of a sentence. */
export function lower(name: string): string {
  return name === name.toUpperCase() ? name : name.toLowerCase();
}

function marked(text: string): Markup {
  return html`<span class="best"><span class="heard">smallest: </span>${text}</span>`;
}

function bestOf(errors: ErrorsByForecast, names: readonly ("model" | BaselineName)[]): Record<Measure, number> {
  const least = (measure: Measure) =>
    names.reduce((low, name) => Math.min(low, errors[name]?.[measure] ?? low), Number.POSITIVE_INFINITY);
  return { rmse: least("rmse"), mae: least("mae"), mape: least("mape") };
}

function comparedInWords(view: View, names: readonly ("model" | BaselineName)[]): string {
  const { test, verdict } = view.report;
  const best = test[verdict.bestBaseline];
  const lost = MEASURES.filter(
    (measure) => (test.model[measure] ?? 0) >= (best?.[measure] ?? Number.POSITIVE_INFINITY),
  );
  const baseline = `the best baseline, ${lower(view.best)},`;
  if (lost.length > 0)
    return `The model does not beat ${baseline} in ${list(lost.map((name) => MEASURE_NAMES[name]))}.`;
  const least = bestOf(test, names);
  const isFirst = MEASURES.every((measure) => (test.model[measure] ?? 0) <= least[measure]);
  return isFirst
    ? "The model has the smallest error in every column."
    : `The model beats ${baseline} in every column; the smallest error of each is marked.`;
}

export function bySeries(view: View): Content {
  const { series } = view.report;
  if (series.length < 2) return null;
  const rows = series.map((one) => {
    const model = rmse(one.test.actual, one.test.model);
    const baseline = rmse(one.test.actual, one.test.bestBaseline);
    const format = numberFormat(model);
    return [
      html`<bdi>${one.name}</bdi>`,
      format(model),
      format(baseline),
      formatShare(model / baseline),
      coverageOf(one),
    ];
  });
  return html`<div class="panel"><h3>By series</h3>${table({
    caption: "Errors one step ahead by series",
    columns: [
      { label: "Series", isText: true },
      { label: "RMSE" },
      { label: `${view.best}, RMSE` },
      { label: "Share" },
      { label: "Inside 95 %" },
    ],
    rows,
  })}</div>`;
}

const coverageOf = (series: ReportedSeries) => formatShare(insideOf95(series) / series.test.times.length);

function rmse(actual: readonly number[], forecast: readonly number[]): number {
  const sum = actual.reduce((total, value, i) => {
    const difference = value - (forecast[i] ?? Number.NaN);
    return total + difference * difference;
  }, 0);
  return Math.sqrt(sum / actual.length);
}
