/** Draws the charts of the page from the data inside of it, and follows the reader: series, size, palette, paper. */
import type { PageData } from "../page-data.ts";
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
const overview = test && new Overview(find(test.element, ".overview"), (from, to) => test.show(from, to));

function drawSeries(index: number): void {
  const series = data.series[index];
  if (series === undefined) return;
  for (const element of document.querySelectorAll<HTMLElement>(".of-series")) {
    element.hidden = element.dataset.series !== String(index);
  }
  const next = figures.get("chart-next");
  next?.draw(nextSteps(series, data.style));
  next && describe(next, series.summaries.next);
  if (test === undefined || overview === undefined) return;
  const content = testSpan(series, data.style);
  overview.draw(content.x, series.test.actual, content.nameOf);
  const onRange = (from: number, to: number) => {
    overview.show(from, to);
    const text = (time: number) => formatTime(time, data.style);
    find(test.element, ".range span").textContent = `Shown: ${text(from)} to ${text(to)}`;
  };
  const whole = () => test.show(content.x[0] ?? 0, content.x.at(-1) ?? 0);
  find(test.element, ".range button").onclick = whole;
  const { clientWidth } = find(test.element, ".plot");
  test.draw({ ...content, onRange }, readablePart(content.x, clientWidth));
  describe(test, series.summaries.test);
  fillRows(index);
}

function describe(figure: Figure, summary: string): void {
  find(figure.element, ".plot").setAttribute("aria-label", summary);
}

/** The table of all rows is there only while it is open. */
function fillRows(index: number): void {
  const series = data.series[index];
  if (test === undefined || series === undefined) return;
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
  draw("chart-horizon", ({ element }) => errorByStep(data.horizon, coloursOf(element)));
  draw("chart-coverage", () => coverageByStep(data.horizon));
  draw("chart-period", () => data.period && errorByPeriod(data.period));
  draw("chart-loss", () => lossByEpoch(data.training));
}

/** The colours of a legend by its keys. */
function coloursOf(figure: HTMLElement): ReadonlyMap<string, string> {
  const keys = [...figure.querySelectorAll<HTMLElement>("[data-key]")];
  return new Map(keys.map((key) => [key.dataset.key ?? "", find(key, ".swatch").dataset.colour ?? ""]));
}

function refresh(change: (figure: Figure) => void): void {
  for (const figure of figures.values()) change(figure);
  if (test !== undefined) overview?.place(test.span.left, test.span.width);
}

/** On paper the page is light and as wide as `.printing` says, whatever the screen. */
function print(isPrinting: boolean): void {
  document.documentElement.classList.toggle("printing", isPrinting);
  refresh((figure) => {
    figure.resize();
    figure.recolour();
  });
}

const selector = document.querySelector<HTMLSelectElement>("#series");
if (selector) {
  find(document, ".selector").hidden = false;
  selector.addEventListener("change", () => drawSeries(Number(selector.value)));
}
drawOnce();
drawSeries(0);
refresh(() => {});
addEventListener("resize", () => refresh((figure) => figure.resize()));
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => refresh((figure) => figure.recolour()));
matchMedia("print").addEventListener("change", ({ matches }) => print(matches));
for (const scroll of document.querySelectorAll<HTMLElement>(".scroll")) {
  // What scrolls must be reachable by keys.
  if (scroll.scrollWidth > scroll.clientWidth) scroll.tabIndex = 0;
}
