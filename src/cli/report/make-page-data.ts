/** From the report to what the page's script draws. */
import { decimalsFor, spreadOf } from "./format.ts";
import { baselinesOf } from "./names.ts";
import { encodeTimes, type IntervalColumns, type PageData, type SeriesData, type TestColumns } from "./page-data.ts";
import type { BaselineName, ErrorsByForecast, ReportedSeries } from "./report.ts";
import { nextSummary, testSummary } from "./summaries.ts";
import { historyRows, testRows, type View, valueScale } from "./view.ts";

/** Digits of a spread that are sent: a screen has a thousand steps, and a reader may zoom in. */
const SENT_DIGITS = 6;

export function makePageData(view: View): PageData {
  const { byHorizon, byPeriod, series, test, training, verdict } = view.report;
  const periods = byPeriod?.rows;
  return {
    style: view.style,
    errorScale: test.model.rmse,
    series: series.map((one) => seriesData(view, one)),
    horizon: {
      steps: byHorizon.map(({ step }) => step),
      model: rmseColumn(byHorizon, "model"),
      baselines: baselinesOf(test).map((key) => ({ key, rmse: rmseColumn(byHorizon, key) })),
      coverage80: rounded(byHorizon.map(({ coverage }) => coverage["80"])),
      coverage95: rounded(byHorizon.map(({ coverage }) => coverage["95"])),
    },
    period: periods
      ? {
          labels: periods.map(({ label }) => label),
          model: rmseColumn(periods, "model"),
          baseline: rmseColumn(periods, verdict.bestBaseline),
        }
      : null,
    training: {
      loss: rounded(training.loss),
      validationLoss: rounded(training.validationLoss),
      bestEpoch: training.bestEpoch,
    },
  };
}

function seriesData(view: View, series: ReportedSeries): SeriesData {
  const { forecast, history, name } = series;
  const last = history.times.length - historyRows(view, series);
  const column = (key: "value" | "lower80" | "upper80" | "lower95" | "upper95") =>
    rounded(forecast.map((row) => row[key]));
  const next: IntervalColumns = {
    times: encodeTimes(view.timesOf(forecast.map(({ time }) => time))),
    model: column("value"),
    lower80: column("lower80"),
    upper80: column("upper80"),
    lower95: column("lower95"),
    upper95: column("upper95"),
  };
  return {
    name,
    ...valueScale(series),
    test: testColumns(view, series),
    history: {
      times: encodeTimes(view.timesOf(history.times.slice(last))),
      actual: rounded(history.actual.slice(last)),
    },
    forecast: next,
    summaries: { next: nextSummary(view, series), test: testSummary(view, series) },
  };
}

function testColumns(view: View, series: ReportedSeries): TestColumns {
  const { test, anomalies } = series;
  const rows = testRows(view, series);
  const times = rows.map((row) => test.times[row] ?? "");
  const column = (values: readonly number[]) => rounded(rows.map((row) => values[row] ?? Number.NaN));
  const marked = new Set(anomalies.map(({ time }) => time));
  return {
    times: encodeTimes(view.timesOf(times)),
    actual: column(test.actual),
    model: column(test.model),
    lower80: column(test.lower80),
    upper80: column(test.upper80),
    lower95: column(test.lower95),
    upper95: column(test.upper95),
    baseline: column(test.bestBaseline),
    anomalies: times.flatMap((time, i) => (marked.has(time) ? [i] : [])),
  };
}

function rmseColumn(rows: readonly ErrorsByForecast[], key: "model" | BaselineName): readonly number[] {
  return rounded(rows.map((row) => row[key]?.rmse ?? Number.NaN));
}

/** A column with the digits that its spread needs; numbers that are not finite become null in JSON. */
function rounded(values: readonly number[]): readonly number[] {
  const decimals = decimalsFor(spreadOf(values), SENT_DIGITS);
  return decimals > 20 ? values : values.map((value) => Number(value.toFixed(decimals)));
}
