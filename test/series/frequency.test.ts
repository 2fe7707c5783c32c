import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addSteps,
  describeFrequency,
  type Frequency,
  type FrequencyUnit,
  inferFrequency,
  seasonOf,
  stepsBetween,
  timesAfter,
  toFrequency,
} from "../../src/series/frequency.ts";
import { formatTime, parseTime } from "../../src/series/time-text.ts";

const of = (...texts: readonly string[]): number[] => texts.map((text) => parseTime(text));
const frequency = (unit: FrequencyUnit, count = 1): Frequency => ({ unit, count });
const UNITS: readonly FrequencyUnit[] = [
  "row",
  "millisecond",
  "second",
  "minute",
  "hour",
  "day",
  "businessDay",
  "week",
  "month",
  "quarter",
  "year",
];

describe("inferFrequency", () => {
  test.each<[string, readonly string[], Frequency]>([
    ["days", ["2000-01-01", "2000-01-02", "2000-01-03"], frequency("day")],
    ["days with a gap", ["2000-01-01", "2000-01-02", "2000-01-03", "2000-01-07"], frequency("day")],
    ["days of one working week", ["2000-01-03", "2000-01-04", "2000-01-05"], frequency("day")],
    ["working days", ["2000-01-06", "2000-01-07", "2000-01-10", "2000-01-11"], frequency("businessDay")],
    ["working days and a Saturday", ["2000-01-06", "2000-01-07", "2000-01-08", "2000-01-10"], frequency("day")],
    ["weeks", ["2000-01-01", "2000-01-08", "2000-01-15"], frequency("week")],
    ["four weeks", ["2001-01-29", "2001-02-26", "2001-03-26"], frequency("week", 4)],
    ["first days of months", ["2001-01-01", "2001-02-01", "2001-03-01"], frequency("month")],
    ["one February", ["2001-02-01", "2001-03-01"], frequency("month")],
    ["ends of months", ["2001-01-31", "2001-02-28", "2001-03-31", "2001-04-30"], frequency("month")],
    ["30ths", ["2001-01-30", "2001-02-28", "2001-03-30"], frequency("month")],
    ["last working days", ["2001-01-31", "2001-02-28", "2001-03-30", "2001-04-30"], frequency("month")],
    ["quarters", ["2001-01-01", "2001-04-01", "2001-07-01", "2001-10-01"], frequency("quarter")],
    ["ends of quarters", ["2001-03-31", "2001-06-30", "2001-09-30"], frequency("quarter")],
    ["half years", ["2001-01-01", "2001-07-01", "2002-01-01"], frequency("month", 6)],
    ["years", ["2000-01-01", "2001-01-01", "2002-01-01"], frequency("year")],
    ["decades", ["1900-01-01", "1910-01-01", "1920-01-01"], frequency("year", 10)],
    ["hours", ["2000-01-01T00:00", "2000-01-01T01:00"], frequency("hour")],
    ["15 minutes", ["2000-01-01T00:00", "2000-01-01T00:15", "2000-01-01T00:30"], frequency("minute", 15)],
    ["12 hours", ["2000-01-01T00:00", "2000-01-01T12:00"], frequency("hour", 12)],
    ["90 minutes", ["2000-01-01T00:00", "2000-01-01T01:30"], frequency("minute", 90)],
    ["250 milliseconds", ["2000-01-01T00:00:00", "2000-01-01T00:00:00.250"], frequency("millisecond", 250)],
  ])("%s", (_, texts, expected) => {
    expect(inferFrequency(of(...texts))).toEqual(expected);
  });

  test.each([[[]], [[0]], [[5, 5]], [[2, 1]]])("%o has none", (times) => {
    expect(() => inferFrequency(times)).toThrow(
      /^A frequency is inferred from at least two ascending times, got .*: set frequency\.$/,
    );
  });
});

describe("addSteps", () => {
  const times = fc.integer({ min: parseTime("1000-01-01"), max: parseTime("3000-01-01") });
  const frequencies = fc.record({ unit: fc.constantFrom(...UNITS), count: fc.integer({ min: 1, max: 40 }) });

  test("stepsBetween is its inverse for all units", () => {
    fc.assert(
      fc.property(times, frequencies, fc.integer({ min: -500, max: 500 }), (time, every, steps) => {
        expect(stepsBetween(time, addSteps(time, every, steps), every)).toBe(steps);
      }),
      { numRuns: 1000 },
    );
  });

  test("inferFrequency finds what made the times, for units that are always equally long", () => {
    const units = fc.constantFrom<FrequencyUnit>("second", "minute", "hour", "day", "week");
    fc.assert(
      fc.property(times, units, fc.integer({ min: 1, max: 4 }), (time, unit, count) => {
        fc.pre(!(unit === "week" && count === 4));
        const all = Array.from({ length: 8 }, (_, i) => addSteps(time, { unit, count }, i));
        expect(inferFrequency(all)).toEqual({ unit, count });
      }),
    );
  });

  test.each<[string, Frequency, number, number | undefined, string]>([
    ["2001-01-31", frequency("month"), 1, undefined, "2001-02-28"],
    ["2000-01-31", frequency("month"), 1, undefined, "2000-02-29"],
    ["2001-01-31", frequency("month"), 2, undefined, "2001-03-31"],
    ["2001-02-28", frequency("month"), 1, undefined, "2001-03-28"],
    ["2001-02-28", frequency("month"), 1, 31, "2001-03-31"],
    ["2001-02-28", frequency("month"), 1, 30, "2001-03-30"],
    ["2001-01-15 10:30", frequency("month"), -13, undefined, "1999-12-15 10:30"],
    ["2001-11-30", frequency("quarter"), 1, undefined, "2002-02-28"],
    ["2004-02-29", frequency("year"), 1, undefined, "2005-02-28"],
    ["2001-01-05", frequency("businessDay"), 1, undefined, "2001-01-08"],
    ["2001-01-08 16:00", frequency("businessDay"), -1, undefined, "2001-01-05 16:00"],
    ["2001-01-06", frequency("businessDay"), 1, undefined, "2001-01-08"],
    ["2001-01-05", frequency("businessDay"), 10, undefined, "2001-01-19"],
    ["2001-01-05", frequency("week", 2), 1, undefined, "2001-01-19"],
    ["2001-12-31 23:45", frequency("minute", 15), 1, undefined, "2002-01-01"],
  ])("%s and %o, %i times, on day %s, is %s", (from, every, steps, day, to) => {
    expect(formatTime(addSteps(parseTime(from), every, steps, day))).toBe(to);
  });

  test.each([
    [
      ["2000-12-31", "2001-01-31", "2001-02-28"],
      ["2001-03-31", "2001-04-30"],
    ],
    [
      ["2000-12-30", "2001-01-30", "2001-02-28"],
      ["2001-03-30", "2001-04-30"],
    ],
    [
      ["2000-12-28", "2001-01-28", "2001-02-28"],
      ["2001-03-28", "2001-04-28"],
    ],
  ])("months %o go on with %o", (before, after) => {
    expect([...timesAfter(of(...before), frequency("month"), 2)].map(formatTime)).toEqual(after);
  });
});

test.each<[Frequency, string, number]>([
  [frequency("row"), "row", 1],
  [frequency("second"), "second", 60],
  [frequency("second", 7), "7 seconds", 1],
  [frequency("minute"), "minute", 60],
  [frequency("minute", 2), "2 minutes", 30],
  [frequency("minute", 5), "5 minutes", 288],
  [frequency("minute", 15), "15 minutes", 96],
  [frequency("minute", 7), "7 minutes", 1],
  [frequency("hour"), "hour", 24],
  [frequency("hour", 6), "6 hours", 4],
  [frequency("day"), "day", 7],
  [frequency("day", 2), "2 days", 1],
  [frequency("businessDay"), "business day", 5],
  [frequency("week"), "week", 52],
  [frequency("month"), "month", 12],
  [frequency("month", 6), "6 months", 2],
  [frequency("quarter"), "quarter", 4],
  [frequency("year"), "year", 1],
])("%o is called %s and has a season of %i", (every, text, season) => {
  expect(describeFrequency(every)).toBe(text);
  expect(seasonOf(every)).toBe(season);
  expect(toFrequency("toSeries", text)).toEqual(every);
  expect(toFrequency("toSeries", every)).toEqual(every);
});

test.each([
  "fortnight",
  "0 days",
  "",
  5,
  null,
  { unit: "day" },
  { unit: "eon", count: 1 },
])("%o is no frequency", (value) => {
  expect(() => toFrequency("toSeries", value)).toThrow(/^toSeries needs frequency to be like "day", "15 minutes"/);
});
