/** How the model did where the truth is known. */
import { fixed, formatCount, plural } from "../format.ts";
import { type Content, html, type Markup } from "../html.ts";
import type { ReportedSeries } from "../report.ts";
import { insideOf95, testSummary } from "../summaries.ts";
import { testRows, type View, valueFormat } from "../view.ts";
import { chart, details } from "./chart.ts";
import { bySeries, comparison } from "./comparison.ts";
import { legendWidths, ofEach, ofName, timeLabel } from "./each.ts";
import { table } from "./table.ts";

const SHOWN_ANOMALIES = 8;
/** Spans of fewer rows need no zoom. */
const FEWEST_TO_ZOOM = 24;
const score = fixed(2);

export function testSpan(view: View): Markup {
  const [first] = view.report.series;
  return html`<section aria-labelledby="test">
<h2 id="test">How good it is</h2>
${first && spanChart(view, first)}
<div class="pair tables">
${comparison(view)}
<div>${ofEach(view, (series) => anomalies(view, series))}</div>
</div>
${bySeries(view)}
</section>`;
}

function spanChart(view: View, series: ReportedSeries): Markup {
  const canZoom = view.report.series.some(({ test }) => test.times.length >= FEWEST_TO_ZOOM);
  const hints = html`<span class="hint mouse">Drag over the chart to zoom in, double-click for the whole span.</span><span class="hint touch">Touch the chart for its values; the strip beneath chooses the part.</span>`;
  const strip = html`<div class="overview"></div>
<p class="range"><span></span> <button type="button">Whole span</button></p>`;
  return chart({
    id: "chart-test",
    heading: "Test span, one step ahead",
    note: html`Rows held back from training. ${canZoom && hints} ${view.report.series.map((one, i) => thinned(view, one, i))}`,
    summary: testSummary(view, series),
    legend: [
      { key: "actual", label: "Actual", kind: "line" },
      { key: "model", label: "Forecast", kind: "line" },
      { key: "baseline", label: view.best, kind: "dashed" },
      { key: "band80", label: "80 %", kind: "band" },
      { key: "band95", label: "95 %", kind: "band" },
      { key: "anomaly", label: "Anomaly", kind: "dot" },
    ],
    ...legendWidths(view),
    below: html`${canZoom && strip}${details("Rows as a table", html`<div class="rows"></div>`)}`,
  });
}

function thinned(view: View, series: ReportedSeries, index: number): Content {
  const drawn = testRows(view, series).length;
  const all = series.test.times.length;
  if (drawn === all) return null;
  return html`<span class="of-series" data-series="${index}">Drawn are ${formatCount(drawn)} of ${formatCount(all)} rows: the smallest and the largest of each stretch, and every anomaly; report.json has all.</span>`;
}

function anomalies(view: View, series: ReportedSeries): Content {
  const format = valueFormat(series);
  const all = series.test.times.length;
  const outside = all - insideOf95(series);
  const heading = html`<h3>Anomalies</h3>`;
  if (series.anomalies.length === 0) {
    return html`${heading}<p class="note">${outside === 0 ? "No row of the test span is" : `${plural(outside, "row")} of ${formatCount(all)}`} outside the 95 % interval.</p>`;
  }
  const rows = series.anomalies.map((row) => [
    view.formatTime(row.time),
    format(row.actual),
    format(row.forecast),
    format(row.actual - row.forecast),
    score(row.score),
  ]);
  const labels = ["Actual", "Forecast", "Difference", "Score"];
  const part = (from: number, to?: number) =>
    table({
      caption: `Anomalies${ofName(series)}`,
      columns: [{ label: timeLabel(view), isText: true }, ...labels.map((label) => ({ label }))],
      rows: rows.slice(from, to),
    });
  const more = rows.length - SHOWN_ANOMALIES;
  return html`${heading}
<p class="note">${plural(outside, "row")} of ${formatCount(all)} outside the 95 % interval, the most surprising first. Score: distance from the forecast over the half width of the interval.</p>
${part(0, SHOWN_ANOMALIES)}${more > 0 ? details(`${formatCount(more)} more`, part(SHOWN_ANOMALIES)) : null}`;
}
