import { describe, expect, test } from "vitest";
import { numberLabels, powerTicks } from "../../src/cli/report/client/number-ticks.ts";
import { countTicks, timeTicks } from "../../src/cli/report/client/time-ticks.ts";
import { fixed, formatSeconds, formatShare, numberFormat } from "../../src/cli/report/format.ts";
import { html, json } from "../../src/cli/report/html.ts";
import { formatTime, parseTime, timeStyle } from "../../src/cli/report/times.ts";

describe("numbers", () => {
  test.each([
    [239.2471, 239.2471, "239.2"],
    [239.2471, 2164.04, "2,164.0"],
    [0.0491234, 0.0491234, "0.04912"],
    [41234.5, 41234.5, "41,235"],
    [1e-9, 1.23456e-9, "1.235e-9"],
    [1e15, 1.23456e15, "1.235e+15"],
    [0, 0, "0.000"],
    [100, -0, "0.0"],
    [100, Number.NaN, "–"],
    [100, null, "–"],
  ])("of the size of %d: %d is %s", (scale, value, text) => {
    expect(numberFormat(scale)(value)).toBe(text);
  });

  test("shares, seconds and fixed digits", () => {
    expect(formatShare(0.38412)).toBe("38.4\u00a0%");
    expect([0.24, 74.2, 3601, 90_000].map(formatSeconds)).toEqual(["0.2 s", "1 min 14 s", "1 h 0 min", "25 h 0 min"]);
    expect(fixed(2)(-1234.567)).toBe("-1,234.57");
  });
});

describe("times", () => {
  const every = (count: number, next: (i: number) => number) => Array.from({ length: count }, (_, i) => next(i));

  test.each([
    ["year", every(5, (i) => Date.UTC(2000 + i, 0)), "2004"],
    ["quarter", every(5, (i) => Date.UTC(2013, 3 * i)), "Q1 2014"],
    ["quarter", every(5, (i) => Date.UTC(2013, 3 * i + 3, 0)), "Q1 2014"],
    ["month", every(24, (i) => Date.UTC(2013, i)), "Dec 2014"],
    ["month", every(24, (i) => Date.UTC(2013, i + 1, 0)), "Dec 2014"],
    ["day", every(5, (i) => Date.UTC(2014, 11, 27 + i)), "2014-12-31"],
    ["minute", every(15, (i) => Date.UTC(2014, 11, 31, i)), "2014-12-31 14:00"],
    ["second", every(5, (i) => Date.UTC(2014, 11, 31, 14, 0, i)), "2014-12-31 14:00:04"],
    ["millisecond", every(5, (i) => Date.UTC(2014, 11, 31, 14, 0, 0, i)), "2014-12-31 14:00:00.004"],
  ] as const)("a step of one %s", (style, times, last) => {
    expect(timeStyle(times)).toBe(style);
    expect(formatTime(times.at(-1) ?? 0, style)).toBe(last);
  });

  test("without zone are in UTC", () => {
    expect(parseTime("2014-12-31T14:00")).toBe(Date.UTC(2014, 11, 31, 14));
    expect(parseTime("2014-12-31 14:00:00")).toBe(Date.UTC(2014, 11, 31, 14));
    expect(parseTime("2014-12-31T14:00:00.000Z")).toBe(Date.UTC(2014, 11, 31, 14));
  });
});

describe("ticks", () => {
  const day = (text: string) => Date.parse(text);

  test("of days begin with Mondays, and name a year once", () => {
    const { labels } = timeTicks(day("2014-12-10"), day("2015-01-20"), 500, "day");
    expect(labels).toEqual(["Dec 15\n2014", "Dec 22", "Dec 29", "Jan 5\n2015", "Jan 12", "Jan 19"]);
  });

  test("of hours name a day once", () => {
    const { labels } = timeTicks(day("2024-07-28T20:00Z"), day("2024-07-29T13:00Z"), 250, "minute");
    expect(labels).toEqual(["00:00\nJul 29 2024", "06:00", "12:00"]);
  });

  test("of months and years", () => {
    expect(timeTicks(day("2013-02-01"), day("2014-12-01"), 500, "month").labels).toEqual([
      ...["Apr\n2013", "Jul", "Oct", "Jan\n2014", "Apr", "Jul", "Oct"],
    ]);
    expect(timeTicks(day("1960-01-01"), day("2020-01-01"), 300, "year").labels).toEqual([
      "1960",
      "1980",
      "2000",
      "2020",
    ]);
  });

  test("are never finer than rows, and at whole numbers", () => {
    expect(timeTicks(day("2014-12-30"), day("2015-01-01"), 2000, "day").at).toHaveLength(3);
    expect(countTicks(1, 7, 400).at).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(countTicks(0, 1000, 300).at).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(timeTicks(1, 1, 300, "row").at).toEqual([1]);
  });

  test("of values have the digits they need", () => {
    expect(numberLabels([0, 2000, 4000])).toEqual(["0", "2,000", "4,000"]);
    expect(numberLabels([0.25, 0.5, 0.75])).toEqual(["0.25", "0.50", "0.75"]);
    expect(numberLabels([1_000_000, 1_250_000])).toEqual(["1.00M", "1.25M"]);
    expect(numberLabels([0, 5e-8])).toEqual(["0", "5e-8"]);
    expect(powerTicks(0.03, 2)).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2]);
    expect(powerTicks(0.0003, 20)).toEqual([0.001, 0.01, 0.1, 1, 10]);
  });
});

describe("markup", () => {
  test("escapes what is between tags and in attributes, joins lists, leaves out null and false", () => {
    const text = `<b>"'&`;
    const { text: made } = html`<a title="${text}">${text}${[1, html`<i></i>`]}${null}${false}</a>`;
    expect(made).toBe('<a title="&lt;b&gt;&quot;&#39;&amp;">&lt;b&gt;&quot;&#39;&amp;1<i></i></a>');
  });

  test("of data has no < in it", () => {
    expect(json({ name: "</script>" }).text).toBe('{"name":"\\u003c/script>"}');
  });
});
