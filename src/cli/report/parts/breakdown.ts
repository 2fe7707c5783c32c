/** Where the errors are: by step ahead, and by weekday, hour or month. */
import { formatShare, plural } from "../format.ts";
import { type Content, html } from "../html.ts";
import { BASELINES, baselinesOf } from "../names.ts";
import { coverageSummary, horizonSummary, periodSummary } from "../summaries.ts";
import type { View } from "../view.ts";
import { chart, details, type LegendKey } from "./chart.ts";
import { whereBeaten } from "./comparison.ts";
import { table } from "./table.ts";

const AT = { hour: "at", weekday: "on", month: "in" } as const;

/** A section of its own for forecasts of several steps; of one step the table of errors says all. */
export function byHorizon(view: View): Content {
  const rows = view.report.byHorizon;
  if (rows.length < 2) return null;
  const steps = rows.map((row) => ({ ...row, name: `step ${row.step}` }));
  return html`<section aria-labelledby="horizon">
<h2 id="horizon">Further ahead</h2>
<div class="pair">
${chart({
  id: "chart-horizon",
  heading: "Error by step",
  note: html`RMSE of ${plural(rows.length, "step")} ahead. ${whereBeaten(view, steps, { at: "at", one: "step" })}`,
  summary: horizonSummary(view),
  legend: horizonKeys(view),
  valueWidth: errorWidth(view),
  timeWidth: 7,
})}
${chart({
  id: "chart-coverage",
  heading: "Coverage by step",
  note: html`Share of actual values inside the intervals; dashed is what was promised.`,
  summary: coverageSummary(view),
  legend: [
    { key: "coverage80", label: "80 %", kind: "line", colour: "second" },
    { key: "coverage95", label: "95 %", kind: "line", colour: "model" },
  ],
  valueWidth: 7,
  timeWidth: 7,
})}
</div>
${details("Errors and coverage by step as a table", horizonTable(view))}
</section>`;
}

export function byPeriod(view: View): Content {
  const { byPeriod: periods } = view.report;
  if (periods === null || periods.rows.length === 0) return null;
  const name = periods.period;
  const key = view.report.verdict.bestBaseline;
  const rows = periods.rows.map((row) => ({ ...row, name: row.label }));
  const content = table({
    caption: `Errors one step ahead by ${name}`,
    columns: [
      { label: capital(name), isText: true },
      { label: "Rows" },
      { label: "Model, RMSE" },
      { label: `${view.best}, RMSE` },
    ],
    rows: periods.rows.map((row) => [
      row.label,
      String(row.rows),
      view.formatError(row.model.rmse),
      view.formatError(row[key]?.rmse),
    ]),
  });
  return html`${chart({
    id: "chart-period",
    heading: `Error by ${name}`,
    note: html`RMSE one step ahead. ${whereBeaten(view, rows, { at: AT[name], one: name })}`,
    summary: periodSummary(view),
    legend: [
      { key: "model", label: "Model", kind: "bar" },
      { key: "baseline", label: view.best, kind: "bar" },
    ],
    valueWidth: errorWidth(view),
    timeWidth: periods.rows.reduce((most, { label }) => Math.max(most, label.length), 0),
    below: details("As a table", content),
  })}`;
}

/** The model, the best baseline in its colour, and the others in colours of their own. */
function horizonKeys(view: View): readonly LegendKey[] {
  const best = view.report.verdict.bestBaseline;
  const others = baselinesOf(view.report.test).filter((name) => name !== best);
  return [
    { key: "model", label: "Model", kind: "line" },
    { key: best, label: BASELINES[best], kind: "dashed", colour: "baseline" },
    ...others.map((key, i) => ({ key, label: BASELINES[key], kind: "dashed" as const, colour: `other${i}` })),
  ];
}

function horizonTable(view: View): Content {
  const names = baselinesOf(view.report.test);
  return table({
    caption: "RMSE and coverage by step",
    columns: [
      { label: "Step", isText: true },
      { label: "Model" },
      ...names.map((name) => ({ label: BASELINES[name] })),
      { label: "Inside 80 %" },
      { label: "Inside 95 %" },
    ],
    rows: view.report.byHorizon.map((row) => [
      String(row.step),
      view.formatError(row.model.rmse),
      ...names.map((name) => view.formatError(row[name]?.rmse)),
      formatShare(row.coverage["80"]),
      formatShare(row.coverage["95"]),
    ]),
  });
}

function errorWidth(view: View): number {
  const names = baselinesOf(view.report.test);
  const all = [...view.report.byHorizon, ...(view.report.byPeriod?.rows ?? [])];
  const texts = all.flatMap((row) =>
    [row.model, ...names.map((name) => row[name])].map((one) => view.formatError(one?.rmse)),
  );
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
