import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimeFormat } from "../../src/series/time-format.ts";
import { formatTime, parseTime, TimeReader } from "../../src/series/time-text.ts";

const utc = (year: number, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0): number =>
  Date.UTC(year, month - 1, day, hour, minute, second, ms);

const MONTHS = "January February March April May June July August September October November December".split(" ");

test.each<[string, number]>([
  ["2012-01-31", utc(2012, 1, 31)],
  ["2012-1-5", utc(2012, 1, 5)],
  ["2012-01-31T14:30", utc(2012, 1, 31, 14, 30)],
  ["2012-01-31 14:30:15", utc(2012, 1, 31, 14, 30, 15)],
  ["2012-01-31T14:30:15.25", utc(2012, 1, 31, 14, 30, 15, 250)],
  ["2012-01-31T14:30:15,123456Z", utc(2012, 1, 31, 14, 30, 15, 123)],
  ["2012-01-31T14:30Z", utc(2012, 1, 31, 14, 30)],
  ["2012-01-31T14:30+02:00", utc(2012, 1, 31, 12, 30)],
  ["2012-01-31T14:30:00-0530", utc(2012, 1, 31, 20)],
  ["2012-01-31 14:30:00 +02", utc(2012, 1, 31, 12, 30)],
  ["2012-01-31T24:00", utc(2012, 2, 1)],
  ["2012/01/31", utc(2012, 1, 31)],
  ["2012/1/31 9:05", utc(2012, 1, 31, 9, 5)],
  ["2012-07", utc(2012, 7)],
  ["2012", utc(2012)],
  ["2012-Q3", utc(2012, 7)],
  ["2012Q1", utc(2012)],
  ["20120131", utc(2012, 1, 31)],
  ["Jan 1 2000", utc(2000)],
  ["January 31, 2000", utc(2000, 1, 31)],
  ["1 Jan 2000", utc(2000)],
  ["31-Dec-1999", utc(1999, 12, 31)],
  ["1 sept 2000 10:00", utc(2000, 9, 1, 10)],
  ["January 2000", utc(2000)],
  ["feb 2000", utc(2000, 2)],
  ["31.01.2000", utc(2000, 1, 31)],
  ["1.2.2000 14:30", utc(2000, 2, 1, 14, 30)],
  ["31/01/2000", utc(2000, 1, 31)],
  ["01/31/2000", utc(2000, 1, 31)],
  ["1/31/2000 2:30 PM", utc(2000, 1, 31, 14, 30)],
  ["1/31/2000 12:05:10 am", utc(2000, 1, 31, 0, 5, 10)],
  ["1000000000", utc(2001, 9, 9, 1, 46, 40)],
  ["1000000000250", utc(2001, 9, 9, 1, 46, 40, 250)],
  ["0050-03-01", utc(450, 3, 1) - 146_097 * 86_400_000],
  [" 2012-01-31 ", utc(2012, 1, 31)],
])("%s", (text, time) => {
  expect(parseTime(text)).toBe(time);
});

test.each(
  "2000-02-30 2001-02-29 1900-02-29 2000-00-01 2000-13-01 2000-01-00 2000-01-32 31.04.2000 20000230 2000-01-01T24:01 2000-01-01T12:60 2000-01-01T12:00:60 2000-01-01T12:00+24:00 2000-01-01T13:00PM 2000-13 32/13/2000".split(
    " ",
  ),
)("%s is no day or hour", (text) => {
  expect(() => parseTime(text)).toThrow(/is no day or hour of the calendar/);
});

test.each([
  "soon",
  "",
  "2000-01-01T",
  "2000-01-01 12",
  "12:30",
  "Foo 1 2000!",
  "2000-Q5",
  "2000--01",
  "1.5",
  "01.02.03",
  "99-01-01",
  "2000-01-01x",
  "949321800",
  "Tue Jan 1 2000",
])("%j is no time", (text) => {
  expect(() => parseTime(text)).toThrow(/^"[^"]*" is no time that can be read: write times like 2000-01-31/);
});

test("a month that does not exist is none", () => {
  expect(() => parseTime("Foo 1 2000")).toThrow('"Foo 1 2000" is no day or hour of the calendar');
});

test("seconds and milliseconds of other lengths are read when they are asked for", () => {
  expect(parseTime("86400", "seconds")).toBe(86_400_000);
  expect(parseTime("-1", "milliseconds")).toBe(-1);
});

describe("columns", () => {
  function read(texts: readonly string[], format?: TimeFormat): readonly number[] | string {
    const reader = new TimeReader(format);
    const times = Float64Array.from(texts, (text) => reader.read(text));
    if (times.some((time) => Number.isNaN(time))) return reader.fault;
    reader.mend(times);
    return reader.isAmbiguous ? "ambiguous" : [...times];
  }

  test("a day above 12 decides for all days before, in either place and with offsets", () => {
    const days = [utc(2000, 2, 1), utc(2000, 2, 12), utc(2000, 2, 13), utc(2000, 3, 1)];
    expect(read(["01/02/2000", "12/02/2000", "13/02/2000", "01/03/2000"])).toEqual(days);
    expect(read(["02/01/2000", "02/12/2000", "02/13/2000", "03/01/2000"])).toEqual(days);
    const late = ["01/02/2000 00:30+01:00", "13/02/2000 00:30+01:00"];
    expect(read(late)).toEqual([utc(2000, 1, 31, 23, 30), utc(2000, 2, 12, 23, 30)]);
  });

  test("without one nothing decides but the format", () => {
    expect(read(["01/02/2000", "03/02/2000"])).toBe("ambiguous");
    expect(read(["01/02/2000"], "dd/mm/yyyy")).toEqual([utc(2000, 2, 1)]);
    expect(read(["01/02/2000"], "mm/dd/yyyy")).toEqual([utc(2000, 1, 2)]);
    expect(read(["01/13/2000"], "dd/mm/yyyy")).toBe("impossible");
  });

  test.each([
    [["2000-01-01", "2000/01/02"], "different"],
    [["2000-01-01", "2000-01-02T00:00"], "different"],
    [["2000-01-01T00:00Z", "2000-01-02T00:00"], "different"],
    [["2000", "2001-01"], "different"],
    [["2000-01-01", "2000-02-30"], "impossible"],
    [["01/02/2000", "13/13/2000"], "impossible"],
  ])("%o: %s", (texts, fault) => {
    expect(read(texts)).toBe(fault);
  });

  test("seconds may be left out where they are 0, and offsets may change", () => {
    const texts = ["2000-01-01T00:00+01:00", "2000-01-01T00:00:30.5+02:00"];
    expect(read(texts)).toEqual([utc(1999, 12, 31, 23), utc(1999, 12, 31, 22, 0, 30, 500)]);
  });
});

describe("any time comes back", () => {
  const times = fc.integer({ min: utc(1000), max: utc(9999, 12, 31) });
  const pad = (value: number, length = 2): string => String(value).padStart(length, "0");

  test("as toISOString() and formatTime() write it", () => {
    fc.assert(
      fc.property(times, (time) => {
        expect(parseTime(new Date(time).toISOString())).toBe(time);
        expect(parseTime(formatTime(time))).toBe(time);
      }),
    );
  });

  test("in every format of days", () => {
    const run = (time: number): void => {
      const date = new Date(time);
      const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
      const name = MONTHS[m - 1] ?? "";
      const day = utc(y, m, d);
      const written: readonly (readonly [TimeFormat, string])[] = [
        ["yyyy-mm-dd", `${y}-${pad(m)}-${pad(d)}`],
        ["yyyy/mm/dd", `${y}/${m}/${d}`],
        ["yyyymmdd", `${y}${pad(m)}${pad(d)}`],
        ["dd.mm.yyyy", `${pad(d)}.${pad(m)}.${y}`],
        ["dd/mm/yyyy", `${d}/${m}/${y}`],
        ["mm/dd/yyyy", `${pad(m)}/${pad(d)}/${y}`],
        ["mmm d yyyy", `${name.slice(0, 3)} ${d} ${y}`],
        ["d mmm yyyy", `${d} ${name} ${y}`],
      ];
      for (const [format, text] of written) {
        expect(parseTime(text, format), text).toBe(day);
        if (!text.includes("/") || format === "yyyy/mm/dd") expect(parseTime(text), text).toBe(day);
      }
    };
    fc.assert(fc.property(times, run));
  });
});

test("messages show no more of a time than there is", () => {
  expect([0, 60_000, 1000, 1].map(formatTime)).toEqual([
    "1970-01-01",
    "1970-01-01 00:01",
    "1970-01-01 00:00:01",
    "1970-01-01 00:00:00.001",
  ]);
});
