/** Tables that scroll on narrow screens, with a name, and a header for every row and column. */
import { type Content, html, type Markup } from "../html.ts";

export interface Column {
  readonly label: Content;
  /** Text stands left, numbers right; by default numbers. */
  readonly isText?: boolean;
}

export interface Table {
  readonly caption: string;
  /** Whether the caption is only for those who hear the page, because a heading says the same. By default true. */
  readonly isCaptionHidden?: boolean;
  /** Whether a long table has a window of its own to scroll in; on paper all of it shows. */
  readonly isTall?: boolean;
  readonly columns: readonly Column[];
  /** The first cell of each row is its header. */
  readonly rows: readonly (readonly Content[])[];
}

export function table({ caption, columns, rows, isCaptionHidden = true, isTall = false }: Table): Markup {
  const isText = (i: number) => columns[i]?.isText === true;
  const head = columns.map(
    ({ label }, i) => html`<th scope="col"${isText(i) ? "" : html` class="number"`}>${label}</th>`,
  );
  const cellOf = (cell: Content, i: number) => {
    if (i === 0) return html`<th scope="row">${cell}</th>`;
    return isText(i) ? html`<td class="text">${cell}</td>` : html`<td>${cell}</td>`;
  };
  const body = rows.map((cells) => html`<tr>${cells.map(cellOf)}</tr>`);
  return html`<div class="scroll${isTall ? " tall" : ""}"><table>
<caption${isCaptionHidden ? html` class="heard"` : ""}>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>`;
}

/** "12,305 to 13,076": on narrow screens in two lines, never within a number or a time. */
export function range(from: string, to: string): Markup {
  return html`<span class="whole">${from} to</span> <span class="whole">${to}</span>`;
}
