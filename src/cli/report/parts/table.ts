/** Tables that scroll on narrow screens, with a name, and a header for every row and column. */
import { type Content, html, type Markup } from "../html.ts";

/** Rows that a page of paper has room for: such tables are not cut. */
const SHORT = 25;

export interface Column {
  readonly label: Content;
  /** Text stands left, numbers right; by default numbers. */
  readonly isText?: boolean;
}

export interface Table {
  readonly caption: string;
  /** Whether the caption is only for those who hear the page, because a heading says the same. By default true. */
  readonly isCaptionHidden?: boolean;
  readonly columns: readonly Column[];
  /** The first cell of each row is its header. */
  readonly rows: readonly (readonly Content[])[];
}

export function table({ caption, columns, rows, isCaptionHidden = true }: Table): Markup {
  const kind = (i: number) => (columns[i]?.isText ? "text" : "number");
  const head = columns.map(({ label }, i) => html`<th scope="col" class="${kind(i)}">${label}</th>`);
  const body = rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, i) =>
        i === 0 ? html`<th scope="row" class="${kind(i)}">${cell}</th>` : html`<td class="${kind(i)}">${cell}</td>`,
      )}</tr>`,
  );
  return html`<div class="scroll${rows.length <= SHORT ? " short" : ""}"><table>
<caption${isCaptionHidden ? html` class="heard"` : ""}>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>`;
}
