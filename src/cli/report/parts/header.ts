/** The top of the page: what was forecast, from which file, and how well. */
import { formatCount, formatPercent, formatShare, plural } from "../format.ts";
import { type Content, html, type Markup } from "../html.ts";
import { formatMoment } from "../times.ts";
import type { View } from "../view.ts";

export function header(view: View): Markup {
  const { created, data, series, split } = view.report;
  const first = split.train.start;
  const last = split.test.end;
  const hasSpan = data.time !== null && first !== undefined && last !== undefined;
  const facts: readonly (readonly [string, Content])[] = [
    ["File", html`<bdi>${data.file}</bdi>`],
    ["Frequency", data.frequency],
    ["Span", hasSpan ? `${view.formatTime(first)} to ${view.formatTime(last)}` : plural(data.rows, "row")],
    ["Series", series.length > 1 ? formatCount(series.length) : null],
    ["Further inputs", data.features.length > 0 ? html`<bdi>${data.features.join(", ")}</bdi>` : null],
    ["Made", html`<time datetime="${created}">${formatMoment(created)}</time>`],
  ];
  const shown = facts.filter(([, content]) => content !== null);
  return html`<header>
<p class="mark">gatefold <span>forecast report</span></p>
<h1>Forecast of <bdi>${data.target}</bdi></h1>
<dl class="facts">${shown.map(([name, content]) => html`<div><dt>${name}</dt><dd>${content}</dd></div>`)}</dl>
</header>`;
}

/** One sentence, and the four numbers it rests on. */
export function verdict(view: View): Markup {
  const { coverage, data, series, split, test, verdict } = view.report;
  const beats = verdict.ratio !== null && verdict.ratio < 1;
  const best = test[verdict.bestBaseline];
  const figures: readonly (readonly [string, string, Content])[] = [
    ["RMSE, one step ahead", view.formatError(test.model.rmse), meanErrors(view)],
    [
      "of the best baseline’s RMSE",
      formatShare(verdict.ratio),
      html`${view.best} has ${view.formatError(best?.rmse)}${beats ? "" : "; below 100 % is better"}`,
    ],
    [
      "inside the 95 % interval",
      formatShare(coverage["95"]),
      html`${formatShare(coverage["80"])} inside the 80 % interval`,
    ],
    [
      data.rows === 1 ? "row of data" : "rows of data",
      formatCount(data.rows),
      html`${series.length > 1 ? `in ${plural(series.length, "series", "series")}, ` : ""}${formatCount(split.test.rows)} held back for the test`,
    ],
  ];
  return html`<section class="verdict ${beats ? "better" : "worse"}" aria-labelledby="verdict">
<h2 id="verdict" class="heard">Verdict</h2>
<p class="sentence">${verdict.sentence}</p>
<dl class="figures">${figures.map(
    ([name, value, note]) => html`<div><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>
</section>`;
}

function meanErrors({ formatError, report }: View): Content {
  const { mae, mape } = report.test.model;
  return html`MAE ${formatError(mae)}${mape === null ? "" : html`, MAPE ${formatPercent(mape)}`}`;
}
