/** The forecast itself. */
import { plural } from "../format.ts";
import { type Content, html, type Markup } from "../html.ts";
import type { ReportedSeries } from "../report.ts";
import { nextSummary } from "../summaries.ts";
import { type View, valueFormat } from "../view.ts";
import { chart } from "./chart.ts";
import { legendWidths, ofEach, ofName, timeLabel } from "./each.ts";
import { range, table } from "./table.ts";

/** Steps that are shown at once; more scroll in a window of their own. */
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
    range(format(row.lower80), format(row.upper80)),
    range(format(row.lower95), format(row.upper95)),
  ]);
  const content = table({
    caption: `Forecast values${ofName(series)}`,
    columns: [
      { label: timeLabel(view), isText: true },
      { label: "Forecast" },
      { label: "80 % interval" },
      { label: "95 % interval" },
    ],
    rows,
    isTall: rows.length > SHOWN_STEPS,
  });
  return html`<h3>Forecast values</h3>${content}`;
}
