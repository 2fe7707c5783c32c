/** What there is once for each series. Charts are there once; the script draws the chosen series into them. */
import { type Content, html } from "../html.ts";
import type { ReportedSeries } from "../report.ts";
import { type View, valueFormat } from "../view.ts";

/** The selector, where there are several series; useless without the script, and hidden then. */
export function seriesSelector({ report }: View): Content {
  if (report.series.length < 2) return null;
  const options = report.series.map(({ name }, i) => html`<option value="${i}">${name}</option>`);
  return html`<p class="selector"><label for="series">Series</label> <select id="series" autocomplete="off">${options}</select></p>`;
}

/** Content for every series; without the script all of it shows, under the series' names. */
export function ofEach({ report }: View, content: (series: ReportedSeries) => Content): Content {
  return report.series.map((one, i) => {
    const name = report.series.length > 1 ? html`<p class="series-name"><bdi>${one.name}</bdi></p>` : null;
    return html`<div class="of-series panel" data-series="${i}">${name}${content(one)}</div>`;
  });
}

/** " of north", for captions. */
export function ofName({ name }: ReportedSeries): string {
  return name === "" ? "" : ` of ${name}`;
}

/** The header of columns of times. */
export function timeLabel({ style }: View): string {
  return style === "row" ? "Row" : "Time";
}

/** Characters for which the legends of values keep room. */
export function legendWidths(view: View): { readonly valueWidth: number; readonly timeWidth: number } {
  const longest = (texts: readonly string[]) => texts.reduce((most, text) => Math.max(most, text.length), 0);
  const values = view.report.series.flatMap((series) => {
    const format = valueFormat(series);
    const { test, forecast } = series;
    const ends = [...test.lower95, ...test.upper95, ...forecast.flatMap((row) => [row.lower95, row.upper95])];
    const low = ends.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const high = ends.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return [format(low), format(high)];
  });
  const times = view.report.series.flatMap(({ test, forecast }) =>
    [test.times.at(-1), forecast.at(-1)?.time].map(
      (time) => `${view.style === "row" ? "Row " : ""}${view.formatTime(time ?? "")}`,
    ),
  );
  return { valueWidth: longest(values), timeWidth: longest(times) };
}
