/** Charts in words: what a screen reader says instead of them. */
import { formatCount, formatShare, plural } from "./format.ts";
import type { ReportedSeries } from "./report.ts";
import { historyRows, type View, valueFormat } from "./view.ts";

const ofName = ({ name }: ReportedSeries) => (name === "" ? "" : ` of ${name}`);

export function nextSummary(view: View, series: ReportedSeries): string {
  const { forecast } = series;
  const format = valueFormat(series);
  const first = forecast[0];
  const last = forecast.at(-1);
  const known = plural(historyRows(view, series), "known value");
  const head = `Line chart${ofName(series)}: the last ${known} and ${plural(forecast.length, "forecast value")}`;
  if (first === undefined || last === undefined) return `${head}.`;
  const at = (row: typeof first) =>
    `${view.formatTime(row.time)}: ${format(row.value)}, with 95 % between ${format(row.lower95)} and ${format(row.upper95)}`;
  return first === last ? `${head}, ${at(first)}.` : `${head}, from ${at(first)}, to ${at(last)}.`;
}

export function testSummary(view: View, series: ReportedSeries): string {
  const { test } = series;
  const format = valueFormat(series);
  const span = `${view.formatTime(test.times[0] ?? "")} to ${view.formatTime(test.times.at(-1) ?? "")}`;
  const low = format(test.actual.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY));
  const high = format(test.actual.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY));
  return (
    `Line chart${ofName(series)}: ${plural(test.times.length, "row")} of the test span, ${span}. Actual values from ` +
    `${low} to ${high}, the forecast one step ahead with its intervals, and ${view.best}. ` +
    `${formatCount(insideOf95(series))} of the actual values are inside the 95 % interval.`
  );
}

/** How many of a series' test rows are inside the 95 % interval. */
export function insideOf95({ test }: ReportedSeries): number {
  return test.actual.filter(
    (value, i) => value >= (test.lower95[i] ?? Number.NaN) && value <= (test.upper95[i] ?? Number.NaN),
  ).length;
}

/** "Line chart of the RMSE by step: the model's from 412.1 at step 1 to 520.9 at step 7." */
export function horizonSummary(view: View): string {
  const { byHorizon } = view.report;
  const at = (row: (typeof byHorizon)[number] | undefined) =>
    row === undefined ? "" : `${view.formatError(row.model.rmse)} at step ${row.step}`;
  return `Line chart of the RMSE by step: the model's is ${at(byHorizon[0])} and ${at(byHorizon.at(-1))}.`;
}

export function coverageSummary(view: View): string {
  const shares = (level: "80" | "95") => {
    const all = view.report.byHorizon.map(({ coverage }) => coverage[level]);
    return `${formatShare(Math.min(...all))} to ${formatShare(Math.max(...all))}`;
  };
  return `Line chart of the share of actual values inside the intervals by step: ${shares("80")} inside those of 80 %, ${shares("95")} inside those of 95 %.`;
}

export function periodSummary(view: View): string {
  const rows = [...(view.report.byPeriod?.rows ?? [])].sort((a, b) => b.model.rmse - a.model.rmse);
  const [worst] = rows;
  const bestRow = rows.at(-1);
  const at = (row: typeof worst) => (row === undefined ? "" : `${view.formatError(row.model.rmse)} for ${row.label}`);
  return `Bar chart of the RMSE by ${view.report.byPeriod?.period ?? "period"}: the model's is largest with ${at(worst)} and smallest with ${at(bestRow)}.`;
}

export function lossSummary({ report }: View): string {
  const { loss, validationLoss, bestEpoch } = report.training;
  const digits = (value: number | undefined) => (value ?? Number.NaN).toPrecision(3);
  return (
    `Line chart of the loss over ${plural(loss.length, "epoch")}: in training from ${digits(loss[0])} to ` +
    `${digits(loss.at(-1))}, in validation from ${digits(validationLoss[0])} to ${digits(validationLoss.at(-1))}, ` +
    `best at epoch ${bestEpoch + 1}.`
  );
}
