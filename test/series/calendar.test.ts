import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/errors.ts";
import { type CalendarPart, calendarFeatures, calendarPartsOf } from "../../src/series/calendar.ts";
import type { FrequencyUnit } from "../../src/series/frequency.ts";
import { holidayDays } from "../../src/series/holidays.ts";

const PARTS: readonly CalendarPart[] = [
  "hour",
  "weekday",
  "weekdayOneHot",
  "weekend",
  "dayOfMonth",
  "month",
  "dayOfYear",
  "holiday",
];

/** The features of one time by name. */
function featuresOf(time: string, parts: readonly CalendarPart[], holidays: readonly string[] = []) {
  const { names, data } = calendarFeatures([Date.parse(time)], parts, { holidays });
  return Object.fromEntries(names.map((name, n) => [name, data[n] ?? NaN]));
}

function expectCycle(features: Readonly<Record<string, number>>, name: string, share: number): void {
  expect(features[`${name}.sin`]).toBeCloseTo(Math.sin(2 * Math.PI * share), 6);
  expect(features[`${name}.cos`]).toBeCloseTo(Math.cos(2 * Math.PI * share), 6);
}

describe("calendarFeatures", () => {
  test("2014-12-25 18:45, a Thursday in UTC", () => {
    const features = featuresOf("2014-12-25T18:45:00Z", PARTS, ["2014-12-25"]);
    expectCycle(features, "hour", 18.75 / 24);
    expectCycle(features, "weekday", 3 / 7);
    expectCycle(features, "dayOfMonth", 24 / 31);
    expectCycle(features, "month", 11 / 12);
    expectCycle(features, "dayOfYear", 358 / 365);
    expect(features).toMatchObject({
      "weekday.wednesday": 0,
      "weekday.thursday": 1,
      "weekday.sunday": 0,
      weekend: 0,
      holiday: 1,
      "holiday.before": 0,
      "holiday.after": 0,
    });
  });

  test("the days around a holiday, with the hour as it may be", () => {
    const parts = ["holiday"] as const;
    expect(Object.values(featuresOf("2014-12-24T23:59:59Z", parts, ["2014-12-25"]))).toEqual([0, 1, 0]);
    expect(Object.values(featuresOf("2014-12-26T00:00:00Z", parts, ["2014-12-25"]))).toEqual([0, 0, 1]);
    expect(Object.values(featuresOf("2014-12-25", parts, ["2014-12-24", "2014-12-25", "2014-12-26"]))).toEqual([
      1, 1, 1,
    ]);
    expect(calendarFeatures([0], parts, { holidays: holidayDays(["1970-01-02"]) }).data).toEqual(
      Float32Array.of(0, 1, 0),
    );
  });

  test("a leap year has 366 days, February then 29; days before 1970 count as others", () => {
    expectCycle(featuresOf("2000-12-31", ["dayOfYear"]), "dayOfYear", 365 / 366);
    expectCycle(featuresOf("2000-02-29", ["dayOfMonth"]), "dayOfMonth", 28 / 29);
    // A Tuesday.
    const features = featuresOf("1899-12-26T06:00Z", ["hour", "weekdayOneHot", "weekend"]);
    expectCycle(features, "hour", 0.25);
    expect(features["weekday.tuesday"]).toBe(1);
  });

  test("every day: parts agree with Date, cycles have length 1, one weekday is 1", () => {
    const time = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(time, (ms) => {
        const { names, data } = calendarFeatures([ms], PARTS, { holidays: [] });
        const date = new Date(ms);
        const days = data.subarray(names.indexOf("weekday.monday"), names.indexOf("weekday.sunday") + 1);
        expect(days.indexOf(1)).toBe((date.getUTCDay() + 6) % 7);
        expect(days.reduce((sum, value) => sum + value)).toBe(1);
        expect(data[names.indexOf("weekend")]).toBe(Number([0, 6].includes(date.getUTCDay())));
        for (const [n, name] of names.entries()) {
          if (name.endsWith(".sin")) expect((data[n] ?? 0) ** 2 + (data[n + 1] ?? 0) ** 2).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  test("rows and columns in order, none where there are none", () => {
    const week = Float64Array.from({ length: 7 }, (_, n) => Date.UTC(2024, 0, 1 + n));
    const { names, data } = calendarFeatures(week, ["weekend", "weekdayOneHot"]);
    expect(names.slice(0, 3)).toEqual(["weekend", "weekday.monday", "weekday.tuesday"]);
    for (let n = 0; n < 7; n++) expect(data.subarray(n * 8, n * 8 + 8).lastIndexOf(1)).toBe(n + 1);
    expect(calendarFeatures(week, [])).toEqual({ names: [], data: new Float32Array() });
    expect(calendarFeatures([], ["hour"])).toEqual({ names: ["hour.sin", "hour.cos"], data: new Float32Array() });
  });

  test("errors", () => {
    expect(() => calendarFeatures([0], ["minute" as never])).toThrow(OptionError);
    expect(() => calendarFeatures([0, NaN], ["hour"])).toThrow(
      new OptionError("calendarFeatures needs times in milliseconds since 1970, got NaN in row 1."),
    );
    expect(() => calendarFeatures([0], ["holiday"])).toThrow(
      new OptionError('calendarFeatures needs holidays for the part "holiday": give the option a list of dates.'),
    );
  });
});

describe("calendarPartsOf", () => {
  test.each<[FrequencyUnit, readonly CalendarPart[]]>([
    ["millisecond", ["hour", "weekdayOneHot", "dayOfYear"]],
    ["second", ["hour", "weekdayOneHot", "dayOfYear"]],
    ["minute", ["hour", "weekdayOneHot", "dayOfYear"]],
    ["hour", ["hour", "weekdayOneHot", "dayOfYear"]],
    ["day", ["weekdayOneHot", "dayOfYear"]],
    ["businessDay", ["weekdayOneHot", "dayOfYear"]],
    ["week", ["dayOfYear"]],
    ["month", ["month"]],
    ["quarter", ["month"]],
    ["year", []],
    ["row", []],
  ])("%s: %j", (unit, parts) => expect(calendarPartsOf({ unit, count: 1 })).toEqual(parts));
});

describe("holidayDays", () => {
  test("texts, dates and milliseconds become UTC days", () => {
    const days = holidayDays(["1970-01-02", new Date("1970-01-03T23:00Z"), -1, "2000-02-29"]);
    expect([...days]).toEqual([1, 2, -1, 11016]);
  });

  test.each([
    ["2014-02-30"],
    ["2014-13-01"],
    ["25.12.2014"],
    ["2014-12-25T00:00"],
    [""],
    [NaN],
    [Infinity],
    [new Date(NaN)],
    [null],
    [undefined],
    [true],
  ])("names the entry that is %j", (entry) => {
    expect(() => holidayDays(["2014-12-25", entry as never])).toThrow(OptionError);
    expect(() => holidayDays(["2014-12-25", entry as never])).toThrow("holidays[1] must be a date like");
  });

  test("takes a list", () => {
    for (const bad of ["2014-12-25", undefined, new Set([3])] as never[]) {
      expect(() => holidayDays(bad)).toThrow('holidays are a list of dates like ["2014-12-25"], got');
    }
  });
});
