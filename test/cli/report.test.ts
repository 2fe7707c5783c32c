import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { reportAssets } from "../../src/cli/report/assets.ts";
import { reportPage } from "../../src/cli/report/page.ts";
import type { PageData } from "../../src/cli/report/page-data.ts";
import type { Report } from "../../src/cli/report/report.ts";
import { birthsReport, hourlyReport, rowsReport, tinyReport } from "../support/report-example.ts";

const assets = await reportAssets();
const births = birthsReport();
const page = reportPage(births, assets);

/** The page without its script, its style and its data. */
function markupOf(text: string): string {
  return text.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, "");
}

/** The page's words, as a reader sees them. */
function wordsOf(text: string): string {
  return markupOf(text)
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/[\s\u00a0]+/g, " ");
}

function dataOf(text: string): PageData {
  return JSON.parse(/<script type="application\/json" id="report">(.*?)<\/script>/s.exec(text)?.[1] ?? "");
}

describe("every text of a report", () => {
  const evil = `</script><img src=x onerror="alert(1)" '&`;
  const series = births.series[0];
  const poisoned: Report = {
    ...births,
    gatefold: evil,
    created: evil,
    engine: { variant: evil, name: evil, seed: 1 },
    data: { ...births.data, file: evil, target: evil, features: [evil], frequency: evil, repairs: [evil] },
    options: { [evil]: evil, list: [evil], nested: { [evil]: evil } },
    verdict: { ...births.verdict, sentence: evil },
    byPeriod: births.byPeriod && {
      ...births.byPeriod,
      rows: births.byPeriod.rows.map((row) => ({ ...row, label: evil })),
    },
    series: series
      ? [
          { ...series, name: evil },
          { ...series, name: evil },
        ]
      : [],
  };
  const text = reportPage(poisoned, assets);

  test("is escaped in markup: no element and no attribute comes of it", () => {
    const tags = (markupOf(text).match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'));
    expect(tags.filter((tag) => /^<img|onerror|alert/.test(tag))).toEqual([]);
    expect(wordsOf(text)).toContain("alert(1)");
  });

  test("cannot end the element of the data, and arrives in it unchanged", () => {
    expect(text.match(/<\/script/g)).toHaveLength(2);
    expect(dataOf(text).series[0]?.name).toBe(evil);
  });

  test("cannot run: the policy allows the page's own script alone, by its hash, and no request", () => {
    const hash = createHash("sha256").update(assets.script).digest("base64");
    expect(text).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${hash}&#39;`,
    );
  });
});

describe("the page", () => {
  test("asks for nothing: no address in src, href or url(), no import, no fetch", () => {
    for (const report of [births, hourlyReport(), rowsReport(), tinyReport()]) {
      const text = reportPage(report, assets);
      expect(text).not.toMatch(/(src|href|action|srcset)\s*=\s*["']?(https?:)?\/\//i);
      expect(text).not.toMatch(/url\(|@import|\bfetch\(|XMLHttpRequest|importScripts|WebSocket/);
      expect(markupOf(text).match(/(src|href)="[^"]*"/g)).toEqual(['href="data:,"']);
    }
  });

  test("is the same for the same report", () => {
    expect(reportPage(birthsReport(), assets)).toBe(page);
  });

  test("weighs below 115 kB beside the data; 822 rows of seven columns below 60 kB", () => {
    const data = JSON.stringify(dataOf(page)).length;
    expect(page.length - data).toBeLessThan(115_000);
    expect(data).toBeLessThan(60_000);
  });

  test("keeps uPlot's licence, and ends neither script nor style by itself", () => {
    expect(page).toContain("Copyright (c) 2022 Leon Sorokin");
    expect(assets.script).not.toMatch(/<\/script|<!--/i);
    expect(assets.style).not.toMatch(/<\/style/i);
  });

  test("says without JavaScript that charts need it", () => {
    expect(page).toMatch(/<noscript><style>[^<]*\.plot,[^<]*\{display:none\}<\/style><\/noscript>/);
    expect(wordsOf(page)).toContain("The charts of this page need JavaScript; its tables do not.");
  });

  test("has one h1, headings without a step left out, a name for every chart and a header for every row", () => {
    const levels = [...markupOf(page).matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    expect(page.match(/<figure /g)).toHaveLength(6);
    expect(page.match(/<div class="plot" role="img" aria-label="[^"]{40,}">/g)).toHaveLength(6);
    expect(page.match(/<tr><td/g)).toBeNull();
    expect(page.match(/<table>/g)).toHaveLength(page.match(/<caption/g)?.length ?? 0);
  });
});

describe("figures of the report in its tables", () => {
  const words = wordsOf(page);
  const one = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

  test("the errors of the model and of all baselines", () => {
    for (const errors of Object.values(births.test)) {
      expect(words).toContain(` ${one.format(errors.rmse)} `);
      expect(words).toContain(` ${one.format(errors.mae)} `);
      expect(words).toContain(` ${one.format(errors.mape ?? 0)} % `);
    }
  });

  test("errors and coverage by step, and errors by weekday", () => {
    for (const { step, model, seasonalNaive, coverage } of births.byHorizon) {
      expect(words).toContain(` ${step} ${one.format(model.rmse)} `);
      expect(words).toContain(` ${one.format(seasonalNaive?.rmse ?? 0)} `);
      expect(words).toContain(` ${one.format(100 * coverage["80"])} % ${one.format(100 * coverage["95"])} % `);
    }
    for (const { label, rows, model } of births.byPeriod?.rows ?? []) {
      expect(words).toContain(` ${label} ${rows} ${one.format(model.rmse)} `);
    }
  });

  test("every forecast value with its intervals, every anomaly", () => {
    for (const { time, value, lower80, upper80, lower95, upper95 } of births.series[0]?.forecast ?? []) {
      const [a, b, c, d, e] = [value, lower80, upper80, lower95, upper95].map((x) => whole.format(x));
      expect(words).toContain(` ${time} ${a} ${b} to ${c} ${d} to ${e} `);
    }
    for (const { time, actual, score } of births.series[0]?.anomalies ?? []) {
      expect(words).toMatch(new RegExp(` ${time} ${whole.format(actual)} .*? ${score.toFixed(2)} `));
    }
  });

  test("split, repairs, options, provenance", () => {
    for (const { rows, start, end } of Object.values(births.split)) {
      expect(words).toMatch(new RegExp(` ${whole.format(rows)} [\\d.]+ % ${start} to ${end} `));
    }
    for (const text of [
      ...births.data.repairs,
      ...Object.keys(births.options),
      "50, 50",
      "30,651",
      "3,791",
      "1 min 14 s",
    ]) {
      expect(words).toContain(text);
    }
  });

  test("the model that does not beat the best baseline is said not to", () => {
    const report = rowsReport();
    expect(report.verdict.ratio).toBeGreaterThan(1);
    expect(wordsOf(reportPage(report, assets))).toMatch(
      /The model does not beat the best baseline, [\w ]+, in RMSE, MAE and MAPE\./,
    );
    expect(words).toContain("The model has the smallest error in every column.");
  });

  test("of several series: a selector, and tables of each", () => {
    const text = reportPage(hourlyReport(), assets);
    expect(text).toContain('<option value="1">Süd &amp; Ost</option>');
    expect(text.match(/<caption[^>]*>Forecast values of /g)).toHaveLength(2);
    expect(wordsOf(text)).toContain(" 2024-07-30 00:00 ");
  });

  test("the least report has a page: no sections of steps and weekdays", () => {
    const text = reportPage(tinyReport(), assets);
    expect(text.match(/<figure /g)).toHaveLength(3);
    expect(wordsOf(text)).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});

describe("data of the page", () => {
  test("has what the report has, to a millionth of its spread", () => {
    const [series] = dataOf(page).series;
    const [given] = births.series;
    expect(series?.test.times).toEqual({ start: Date.UTC(2012, 9, 1), step: 86_400_000, count: 822 });
    expect(series?.test.actual).toEqual(given?.test.actual);
    const distance = (series?.test.model ?? []).map((value, i) => Math.abs(value - (given?.test.model[i] ?? 0)));
    expect(Math.max(...distance)).toBeLessThan(0.05);
  });

  test("more than 5,000 rows are thinned out, which the page says; peaks and anomalies stay", () => {
    const [given] = births.series;
    if (given === undefined) throw new Error("No series.");
    const times = Array.from({ length: 20_000 }, (_, i) =>
      new Date(Date.UTC(2000, 0, 1) + i * 3_600_000).toISOString(),
    );
    const values = times.map((_, i) => (i === 12_345 ? 1000 : i % 24));
    const anomaly = { time: times[777] ?? "", actual: 9, forecast: 1, score: 3 };
    const columns = {
      actual: values,
      model: values,
      lower80: values,
      upper80: values,
      lower95: values,
      upper95: values,
      bestBaseline: values,
    };
    const text = reportPage(
      { ...births, series: [{ ...given, test: { times, ...columns }, anomalies: [anomaly] }] },
      assets,
    );
    const drawn = dataOf(text).series[0]?.test;
    expect(drawn?.actual.length).toBeLessThanOrEqual(5000);
    expect(drawn?.actual.length).toBeGreaterThan(4000);
    expect(Math.max(...(drawn?.actual ?? []))).toBe(1000);
    expect((drawn?.times as readonly number[])[drawn?.anomalies[0] ?? -1]).toBe(Date.parse(anomaly.time));
    expect(wordsOf(text)).toMatch(/Drawn are 4,\d+ of 20,000 rows/);
  });
});
