/** The last known values, and what comes next. */
import { numberFormat } from "../format.ts";
import { decodeTimes, type SeriesData } from "../page-data.ts";
import { nameOfTime, type TimeStyle } from "../times.ts";
import type { Content } from "./figure.ts";
import { timeTicks } from "./time-ticks.ts";

export function nextSteps({ history, forecast, scale, significant }: SeriesData, style: TimeStyle): Content {
  const known = decodeTimes(history.times);
  const x = [...known, ...decodeTimes(forecast.times)];
  const last = known.at(-1);
  // Line and bands grow out of the last known value.
  const joined = (values: readonly number[]) => [
    ...known.map((_, i) => (i === known.length - 1 ? (history.actual[i] ?? null) : null)),
    ...values,
  ];
  return {
    x,
    rest: known.length,
    hasTwoLines: style !== "row" && style !== "year",
    margin: x.length > 1 ? ((x.at(-1) ?? 0) - (x[0] ?? 0)) / 80 : 1,
    layers: [
      {
        kind: "band",
        key: "band95",
        colour: "band95",
        lower: joined(forecast.lower95),
        upper: joined(forecast.upper95),
      },
      {
        kind: "band",
        key: "band80",
        colour: "band80",
        lower: joined(forecast.lower80),
        upper: joined(forecast.upper80),
      },
      {
        kind: "line",
        key: "actual",
        colour: "actual",
        values: [...history.actual, ...forecast.model.map(() => null)],
      },
      { kind: "line", key: "model", colour: "model", values: joined(forecast.model), width: 2 },
    ],
    marks: last === undefined ? [] : [{ axis: "x", at: last, label: "end of data" }],
    ticks: (from, to, width) => timeTicks(from, to, width, style),
    format: numberFormat(scale, significant),
    nameOf: (row) => nameOfTime(x[row], style),
  };
}
