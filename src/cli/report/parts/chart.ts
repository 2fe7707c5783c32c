/** The frame of a chart: its heading, legend and place are in the page before its script runs, so that nothing moves. */
import { type Content, html, type Markup } from "../html.ts";

/** How a series is drawn, which the legend shows. */
export type KeyKind = "line" | "dashed" | "band" | "dot" | "bar";

export interface LegendKey {
  /** What the script knows the series by. */
  readonly key: string;
  readonly label: string;
  readonly kind: KeyKind;
  /** The name of a colour in the style sheet; by default the key. */
  readonly colour?: string;
}

export interface Chart {
  readonly id: string;
  readonly heading: string;
  /** What the reader sees here, in a sentence. */
  readonly note: Content;
  readonly summary: string;
  readonly legend: readonly LegendKey[];
  /** Characters of the longest value and the longest time, for which the legend keeps room. */
  readonly valueWidth: number;
  readonly timeWidth: number;
  /** Below the plot: controls, a table. */
  readonly below?: Content;
}

export function chart({ id, heading, note, summary, legend, valueWidth, timeWidth, below }: Chart): Markup {
  const widthOf = (kind: KeyKind) => (kind === "dot" ? 0 : kind === "band" ? 2 * valueWidth + 1 : valueWidth);
  const keys = legend.map(({ key, label, kind, colour = key }) => {
    const swatch = html`<i class="swatch ${kind}" data-colour="${colour}" style="--colour:var(--${colour})"></i>`;
    const value = kind === "dot" ? null : html`<span class="value" style="min-width:${widthOf(kind)}ch"></span>`;
    return html`<li><button type="button" class="key" data-key="${key}" aria-pressed="true">${swatch}<span>${label}</span>${value}</button></li>`;
  });
  const widest = legend.reduce((most, { label, kind }) => Math.max(most, widthOf(kind), label.length + 4), 0);
  return html`<figure class="chart panel" id="${id}">
<figcaption><h3>${heading}</h3><p>${note}</p></figcaption>
<ul class="legend" style="--widest:${widest}ch"><li class="at"><span class="value" style="min-width:${timeWidth}ch"></span></li>${keys}</ul>
<div class="plot" role="img" aria-label="${summary}"></div>
${below}
</figure>`;
}

/** What belongs to a chart but not to its first sight. */
export function details(summary: string, content: Content): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}
