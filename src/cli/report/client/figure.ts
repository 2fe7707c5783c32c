/** A chart in its frame on the page: the plot, and the legend that shows the values under the cursor. */
import { type Drawing, type Layer, plot } from "./plot.ts";

export interface Content extends Drawing {
  /** The time or step of a row as the legend shows it. */
  readonly nameOf: (row: number) => string;
  readonly format: (value: number | null | undefined) => string;
  /** The row whose values show while the cursor is elsewhere; by default the last that is shown. */
  readonly rest?: number;
  readonly onRange?: (from: number, to: number) => void;
  readonly onDrawn?: (left: number, width: number) => void;
}

/** A chart that may get another content, size or palette. */
export class Figure {
  readonly #figure: HTMLElement;
  readonly #place: HTMLElement;
  readonly #hidden = new Set<string>();
  #content: Content | undefined;
  #plot: ReturnType<typeof plot> | undefined;
  #range: readonly [number, number] = [0, 0];

  constructor(figure: HTMLElement) {
    this.#figure = figure;
    this.#place = find(figure, ".plot");
    for (const button of figure.querySelectorAll<HTMLButtonElement>("[data-key]")) {
      button.addEventListener("click", () => this.#toggle(button));
    }
    new ResizeObserver(() => this.resize()).observe(this.#place);
  }

  get element(): HTMLElement {
    return this.#figure;
  }

  get width(): number {
    return this.#place.clientWidth;
  }

  /** What is told to those who do not see the chart. */
  describe(summary: string): void {
    this.#place.setAttribute("aria-label", summary);
  }

  /** Draws; `range` is the part of x to begin with, by default all of it. */
  draw(content: Content, range?: readonly [number, number]): void {
    this.#plot?.destroy();
    this.#content = content;
    this.#plot = plot(this.#place, content, this.#hidden, {
      cursor: (row) => this.#showValues(row),
      range: (from, to) => {
        this.#range = [from, to];
        content.onRange?.(from, to);
        this.#showValues(null);
      },
      drawn: (left, width) => content.onDrawn?.(left, width),
    });
    if (range !== undefined) this.show(...range);
  }

  /** Shows a part of x. */
  show(from: number, to: number): void {
    this.#plot?.setScale("x", { min: from, max: to });
  }

  /** Takes the size that its place has now. */
  resize(): void {
    const { clientWidth, clientHeight } = this.#place;
    if (clientWidth > 0) this.#plot?.setSize({ width: clientWidth, height: clientHeight });
  }

  /** Draws again in the colours that hold now. */
  recolour(): void {
    // Without the axes uPlot would forget a size that it was just given.
    this.#plot?.redraw(false, true);
  }

  #toggle(button: HTMLButtonElement): void {
    const { key = "" } = button.dataset;
    const isHidden = !this.#hidden.delete(key);
    if (isHidden) this.#hidden.add(key);
    button.setAttribute("aria-pressed", String(!isHidden));
    let series = 1;
    for (const layer of this.#content?.layers ?? []) {
      const columns = layer.kind === "band" ? 2 : 1;
      if (layer.key === key) for (let i = 0; i < columns; i++) this.#plot?.setSeries(series + i, { show: !isHidden });
      series += columns;
    }
  }

  /** The values of a row; without one those of the last row that is shown. */
  #showValues(row: number | null): void {
    const content = this.#content;
    if (content === undefined) return;
    const at = row ?? content.rest ?? lastRow(content.x, this.#range[1]);
    find(this.#figure, ".at .value").textContent = content.nameOf(at);
    for (const layer of content.layers) {
      const value = this.#figure.querySelector(`[data-key="${layer.key}"] .value`);
      if (value) value.textContent = valueText(layer, at, content.format);
    }
  }
}

/** The only element of its kind; the page is made to have it. */
export function find(parent: ParentNode, selector: string): HTMLElement {
  const element = parent.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`The page lacks ${selector}.`);
  return element;
}

function valueText(layer: Layer, row: number, format: Content["format"]): string {
  if (layer.kind !== "band") return format(layer.values[row]);
  return layer.lower[row] === null ? "–" : `${format(layer.lower[row])} – ${format(layer.upper[row])}`;
}

function lastRow(x: readonly number[], to: number): number {
  let row = x.length - 1;
  while (row > 0 && (x[row] ?? 0) > to) row--;
  return row;
}
