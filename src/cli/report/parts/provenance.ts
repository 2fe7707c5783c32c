/** What the numbers rest on: how the data was split and mended, with which options and which program. */
import { formatCount, formatSeconds, formatShare } from "../format.ts";
import { type Content, html, type Markup } from "../html.ts";
import type { Part, Report } from "../report.ts";
import { formatMoment } from "../times.ts";
import type { View } from "../view.ts";
import { range, table } from "./table.ts";

const PARTS: readonly (readonly [keyof Report["split"], string, string])[] = [
  ["train", "Training", "sets the weights and the scale"],
  ["validation", "Validation", "chooses the epoch to stop at"],
  ["calibration", "Calibration", "sets the width of the intervals"],
  ["test", "Test", "seen only for this report"],
];

export function split(view: View): Markup {
  const parts = PARTS.map(([key, name, use]) => ({ key, name, use, part: view.report.split[key] }));
  const all = parts.reduce((sum, { part }) => sum + part.rows, 0);
  const hasTimes = parts.some(({ part }) => part.start !== undefined);
  const share = (part: Part) => (all === 0 ? 0 : part.rows / all);
  const bar = parts.map(({ key, part }) => html`<i class="${key}" style="flex-grow:${part.rows}"></i>`);
  return html`<section aria-labelledby="split">
<h2 id="split">Split of the data</h2>
<div class="panel">
<div class="split" aria-hidden="true">${bar}</div>
${table({
  caption: "Split of the data",
  columns: [
    { label: "Part", isText: true },
    { label: "Rows" },
    { label: "Share" },
    ...(hasTimes ? [{ label: "Span" }] : []),
  ],
  rows: parts.map(({ key, name, use, part }) => [
    html`<i class="part ${key}"></i>${name} <small>${use}</small>`,
    formatCount(part.rows),
    formatShare(share(part)),
    ...(hasTimes ? [spanOf(view, part)] : []),
  ]),
})}
${repairs(view.report)}
</div>
</section>`;
}

export function provenance({ report }: View): Markup {
  const { created, engine, gatefold, training } = report;
  const facts: readonly (readonly [string, Content])[] = [
    ["gatefold", gatefold],
    ["Binary", engine.variant],
    ["Engine", engine.name],
    ["Seed", String(engine.seed)],
    ["Parameters", formatCount(training.parameters)],
    ["Training windows", formatCount(training.windows)],
    ["Epochs", `${formatCount(training.loss.length)}, the best is ${formatCount(training.bestEpoch + 1)}`],
    ["Training time", formatSeconds(training.seconds)],
    ["Made", formatMoment(created)],
  ];
  const options = Object.entries(report.options).filter(([, value]) => value !== undefined);
  const inCode = (text: string) => html`<code>${text}</code>`;
  return html`<section aria-labelledby="provenance">
<h2 id="provenance">How it was made</h2>
<div class="pair">
<div class="panel"><h3>Provenance</h3>${table({
    caption: "Provenance",
    columns: [
      { label: "What", isText: true },
      { label: "Value", isText: true },
    ],
    rows: facts.map(([name, value]) => [name, value]),
  })}</div>
<div class="panel"><h3>Options</h3>${
    options.length === 0
      ? html`<p>None were given.</p>`
      : table({
          caption: "Options",
          columns: [
            { label: "Option", isText: true },
            { label: "Value", isText: true },
          ],
          rows: options.map(([name, value]) => [inCode(name), inCode(optionText(value))]),
        })
  }</div>
</div>
</section>`;
}

function spanOf(view: View, { start, end }: Part): Content {
  return start === undefined || end === undefined ? "–" : range(view.formatTime(start), view.formatTime(end));
}

function repairs({ data }: Report): Content {
  if (data.repairs.length === 0) return html`<h3>Repairs</h3><p>None: the rows were used as they are in the file.</p>`;
  return html`<h3>Repairs</h3><ul class="repairs">${data.repairs.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function optionText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.join(", ");
  return JSON.stringify(value) ?? String(value);
}
