/** The forecast itself. */
import { formatCount, plural } from "../format.ts";
import { type Content, html, type Markup } from "../html.ts";
import type { ReportedSeries } from "../report.ts";
import { nextSummary } from "../summaries.ts";
import { type View, valueFormat } from "../view.ts";
import { chart, details } from "./chart.ts";
import { interval, legendWidths, ofEach, ofName, timeLabel } from "./each.ts";
import { table } from "./table.ts";

const SHOWN_STEPS = 14;

export function nextSteps(view: View): Markup {
  const { byHorizon, series } = view.report;
  const [first] = series;
  return html`<section aria-labelledby="next">
<h2 id="next">What comes next</h2>
${
  first &&
  chart({
    id: "chart-next",
    heading: byHorizon.length === 1 ? "The next step" : `The next ${plural(byHorizon.length, "step")}`,
    note: "The last known values, the forecast, and the ranges in which the value will lie with 80 and 95 %.",
    summary: nextSummary(view, first),
    legend: [
      { key: "actual", label: "Known", kind: "line" },
      { key: "model", label: "Forecast", kind: "line" },
      { key: "band80", label: "80 %", kind: "band" },
      { key: "band95", label: "95 %", kind: "band" },
    ],
    ...legendWidths(view),
  })
}
${ofEach(view, (one) => values(view, one))}
</section>`;
}

function values(view: View, series: ReportedSeries): Content {
  const format = valueFormat(series);
  const rows = series.forecast.map((row) => [
    view.formatTime(row.time),
    html`<strong>${format(row.value)}</strong>`,
    interval(format(row.lower80), format(row.upper80)),
    interval(format(row.lower95), format(row.upper95)),
  ]);
  const content = table({
    caption: `Forecast values${ofName(series)}`,
    columns: [{ label: timeLabel(view), isText: true }, { label: "Forecast" }, { label: "80 %" }, { label: "95 %" }],
    rows,
  });
  const heading = html`<h3>Forecast values</h3>`;
  if (rows.length <= SHOWN_STEPS) return html`${heading}${content}`;
  return html`${heading}${details(`All ${formatCount(rows.length)} steps`, content)}`;
}
