/** A report with what all parts of its page need: how its times and numbers are written, which rows are drawn. */
import { type NumberFormat, numberFormat, spreadOf } from "./format.ts";
import { BASELINES } from "./names.ts";
import type { Report, ReportedSeries } from "./report.ts";
import { drawnRows, rowsAllowed } from "./thin.ts";
import { formatTime, parseTime, type TimeStyle, timeStyle } from "./times.ts";

export interface View {
  readonly report: Report;
  readonly style: TimeStyle;
  /** The name of the best baseline. */
  readonly best: string;
  /** "day", "hour": what a step is called; "row" without times. */
  readonly formatError: NumberFormat;
  formatTime(text: string): string;
  /** Times as numbers: milliseconds since 1970, or numbers of rows. */
  timesOf(texts: readonly string[]): readonly number[];
}

export function viewOf(report: Report): View {
  const read = report.data.time === null ? Number : parseTime;
  const timesOf = (texts: readonly string[]) => texts.map((text) => read(text));
  const style = styleOf(report, timesOf);
  return {
    report,
    style,
    best: BASELINES[report.verdict.bestBaseline],
    formatError: numberFormat(report.test.model.rmse),
    formatTime: (text) => formatTime(read(text), style),
    timesOf,
  };
}

/** What `numberFormat` needs for the values of a series: their spread; whole numbers get a digit less. */
export function valueScale({ test, history }: ReportedSeries): {
  readonly scale: number;
  readonly significant: number;
} {
  const known = test.actual.length > 0 ? test.actual : history.actual;
  return { scale: spreadOf(known), significant: known.every(Number.isInteger) ? 3 : 4 };
}

export function valueFormat(series: ReportedSeries): NumberFormat {
  const { scale, significant } = valueScale(series);
  return numberFormat(scale, significant);
}

/** Rows of the test span that are drawn, ascending. */
export function testRows({ report }: View, { test, anomalies }: ReportedSeries): readonly number[] {
  const marked = new Set(anomalies.map(({ time }) => time));
  const kept = test.times.flatMap((time, i) => (marked.has(time) ? [i] : []));
  return drawnRows(test.actual, kept, rowsAllowed(report.series.length));
}

/** How many of the last known values are drawn before the forecast: some seasons and some horizons. */
export function historyRows({ report }: View, { history }: ReportedSeries): number {
  const { byHorizon, data } = report;
  return Math.min(history.times.length, 2000, Math.max(56, 6 * byHorizon.length, 3 * data.season));
}

/** By the finest steps of its series. */
function styleOf(report: Report, timesOf: View["timesOf"]): TimeStyle {
  if (report.data.time === null) return "row";
  const styles = report.series.map(({ history, test, forecast }) => {
    const known = history.times.length > 0 ? history.times : test.times;
    return timeStyle(timesOf([...known, ...forecast.map(({ time }) => time)]));
  });
  const finestFirst: readonly TimeStyle[] = ["millisecond", "second", "minute", "day", "month", "quarter", "year"];
  return finestFirst.find((style) => styles.includes(style)) ?? "day";
}
