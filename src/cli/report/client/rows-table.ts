/** All rows of the test span as a table, made when a reader opens it: most never do. */
import { numberFormat } from "../format.ts";
import { decodeTimes, type SeriesData } from "../page-data.ts";
import { formatTime, type TimeStyle } from "../times.ts";

export function rowsTable({ test, scale, significant }: SeriesData, style: TimeStyle, baseline: string): HTMLElement {
  const format = numberFormat(scale, significant);
  const columns: readonly (readonly [string, (row: number) => string])[] = [
    ["Actual", (row) => format(test.actual[row])],
    ["Forecast", (row) => format(test.model[row])],
    [baseline, (row) => format(test.baseline[row])],
    ["80 %", (row) => `${format(test.lower80[row])} to ${format(test.upper80[row])}`],
    ["95 %", (row) => `${format(test.lower95[row])} to ${format(test.upper95[row])}`],
  ];
  const table = document.createElement("table");
  table.createCaption().textContent = "The test span, one step ahead";
  table.caption?.classList.add("heard");
  const head = table.createTHead().insertRow();
  head.append(
    header("col", style === "row" ? "Row" : "Time"),
    ...columns.map(([name]) => header("col", name, "number")),
  );
  const body = table.createTBody();
  for (const [row, time] of decodeTimes(test.times).entries()) {
    const line = body.insertRow();
    line.append(header("row", formatTime(time, style)));
    for (const [, text] of columns) line.insertCell().textContent = text(row);
  }
  const scroll = document.createElement("div");
  scroll.className = "scroll tall";
  scroll.tabIndex = 0;
  scroll.append(table);
  return scroll;
}

function header(scope: "col" | "row", text: string, kind: "number" | "" = ""): HTMLElement {
  const cell = document.createElement("th");
  cell.scope = scope;
  cell.className = kind;
  cell.textContent = text;
  return cell;
}
