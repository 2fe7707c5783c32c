/** Draws the charts of the page from the data inside of it, and follows the reader: series, size, palette, paper. */
import type { PageData, SeriesData } from "../page-data.ts";
import { formatTime } from "../times.ts";
import { coverageByStep, errorByPeriod, errorByStep, lossByEpoch } from "./breakdown.ts";
import { type Content, Figure, find } from "./figure.ts";
import { nextSteps } from "./next-steps.ts";
import { Overview } from "./overview.ts";
import { rowsTable } from "./rows-table.ts";
import { readablePart, testSpan } from "./test-span.ts";

const data = JSON.parse(find(document, "#report").textContent ?? "") as PageData;
const figures = new Map(
  [...document.querySelectorAll<HTMLElement>("figure.chart")].map((element) => [element.id, new Figure(element)]),
);
const test = figures.get("chart-test");
const strip = document.querySelector<HTMLElement>(".overview");
const overview = strip && new Overview(strip, (from, to) => test?.show(from, to));

function drawSeries(index: number): void {
  const series = data.series[index];
  if (series === undefined) return;
  for (const element of document.querySelectorAll<HTMLElement>(".of-series")) {
    element.hidden = element.dataset.series !== String(index);
  }
  const next = figures.get("chart-next");
  next?.draw(nextSteps(series, data.style));
  next?.describe(series.summaries.next);
  test && drawTestSpan(test, series);
  test?.describe(series.summaries.test);
  fillRows(series);
}

function drawTestSpan(figure: Figure, series: SeriesData): void {
  const content = testSpan(series, data.style);
  if (overview === null) {
    figure.draw(content);
    return;
  }
  const { x, nameOf } = content;
  const line = find(figure.element, ".range span");
  const rows = data.style === "row" ? "rows " : "";
  const onRange = (from: number, to: number) => {
    overview.show(from, to);
    line.textContent = `Shown: ${rows}${formatTime(from, data.style)} to ${formatTime(to, data.style)}`;
  };
  const onDrawn = (left: number, width: number) => overview.place(left, width);
  find(figure.element, ".range button").onclick = () => figure.show(x[0] ?? 0, x.at(-1) ?? 0);
  overview.draw(x, series.test.actual, nameOf);
  figure.draw({ ...content, canZoom: true, onRange, onDrawn }, readablePart(x, figure.width));
}

/** The table of all rows is there only while it is open. */
function fillRows(series: SeriesData): void {
  if (test === undefined) return;
  const place = find(test.element, ".rows");
  const details = place.closest("details");
  const baseline = find(test.element, "[data-key=baseline] span").textContent ?? "";
  const fill = () => place.replaceChildren(...(details?.open ? [rowsTable(series, data.style, baseline)] : []));
  if (details) details.ontoggle = fill;
  fill();
}

function drawOnce(): void {
  const draw = (id: string, content: (figure: Figure) => Content | null) => {
    const figure = figures.get(id);
    const drawing = figure && content(figure);
    if (drawing) figure.draw(drawing);
  };
  draw("chart-horizon", ({ element }) => errorByStep(data, coloursOf(element)));
  draw("chart-coverage", () => coverageByStep(data.horizon));
  draw("chart-period", () => errorByPeriod(data));
  draw("chart-loss", () => lossByEpoch(data.training));
}

/** The colours of a legend by its keys. */
function coloursOf(figure: HTMLElement): ReadonlyMap<string, string> {
  const keys = [...figure.querySelectorAll<HTMLElement>("[data-key]")];
  return new Map(keys.map((key) => [key.dataset.key ?? "", find(key, ".swatch").dataset.colour ?? ""]));
}

/** On paper the page is light and as wide as `.printing` says, whatever the screen. */
function print(isPrinting: boolean): void {
  document.documentElement.classList.toggle("printing", isPrinting);
  for (const figure of figures.values()) figure.resize();
  recolour();
}

function recolour(): void {
  for (const figure of figures.values()) figure.recolour();
  overview?.recolour();
}

/** What scrolls is reached by keys, and has a name then. */
function reachable(scroll: HTMLElement): void {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = scroll;
  const scrolls = scrollWidth > clientWidth || scrollHeight > clientHeight;
  const attributes = { tabindex: "0", role: "region", "aria-label": find(scroll, "caption").textContent ?? "" };
  for (const [name, value] of Object.entries(attributes)) {
    if (scrolls) scroll.setAttribute(name, value);
    else scroll.removeAttribute(name);
  }
}

const selector = document.querySelector<HTMLSelectElement>("#series");
selector?.addEventListener("change", () => drawSeries(Number(selector.value)));
drawOnce();
drawSeries(0);
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
const scrolling = new ResizeObserver((entries) => {
  for (const { target } of entries) reachable(target as HTMLElement);
});
for (const scroll of document.querySelectorAll(".scroll")) scrolling.observe(scroll);
