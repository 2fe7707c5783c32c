/** The test span one step ahead, with the best baseline, the intervals and the anomalies. */
import { numberFormat } from "../format.ts";
import { decodeTimes, type SeriesData } from "../page-data.ts";
import { nameOfTime, type TimeStyle } from "../times.ts";
import type { Content } from "./figure.ts";
import { timeTicks } from "./time-ticks.ts";

export function testSpan({ test, scale, significant }: SeriesData, style: TimeStyle): Content {
  const x = decodeTimes(test.times);
  const marked = new Set(test.anomalies);
  return {
    x,
    hasTwoLines: style !== "row" && style !== "year",
    margin: x.length > 1 ? 0 : 1,
    layers: [
      { kind: "band", key: "band95", colour: "band95", lower: test.lower95, upper: test.upper95 },
      { kind: "band", key: "band80", colour: "band80", lower: test.lower80, upper: test.upper80 },
      { kind: "dashed", key: "baseline", colour: "baseline", values: test.baseline, width: 1.25 },
      { kind: "line", key: "model", colour: "model", values: test.model },
      { kind: "line", key: "actual", colour: "actual", values: test.actual },
      {
        kind: "dot",
        key: "anomaly",
        colour: "anomaly",
        values: test.actual.map((value, i) => (marked.has(i) ? value : null)),
      },
    ],
    ticks: (from, to, width) => timeTicks(from, to, width, style),
    format: numberFormat(scale, significant),
    nameOf: (row) => nameOfTime(x[row], style),
  };
}

/** Room in units of the page that a row needs to be told from the next. */
const ROW_WIDTH = 7;

/** The last rows that are readable in a plot of this width; all when they nearly are. */
export function readablePart(x: readonly number[], width: number): readonly [number, number] {
  const rows = Math.max(24, Math.round(width / ROW_WIDTH));
  const first = x.length <= rows * 1.5 ? 0 : x.length - rows;
  return [x[first] ?? 0, x.at(-1) ?? 0];
}
