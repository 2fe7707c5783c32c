import { describe, expect, test } from "vitest";
import { thinned } from "../../../src/series/forecaster/origins.ts";

describe("thinned origins", () => {
  test("are all with a stride of 1", () => {
    expect([...thinned({ from: 3, to: 8 }, 1)]).toEqual([3, 4, 5, 6, 7]);
    expect(thinned({ from: 8, to: 8 }, 1)).toHaveLength(0);
  });

  test.each([7, 12, 24, 60, 168])("with a stride of %i meet every place of a season of as many rows", (stride) => {
    const origins = thinned({ from: 5, to: 5 + 5 * stride * stride }, stride);
    expect(new Set(Array.from(origins, (origin) => origin % stride)).size).toBe(stride);
  });

  test("ascend, one in each stride, and end before the end", () => {
    for (let rows = 1; rows < 60; rows++) {
      const origins = thinned({ from: 10, to: 10 + rows }, 7);
      expect([...origins].every((origin, k) => Math.floor((origin - 10) / 7) === k && origin < 10 + rows)).toBe(true);
      expect(origins.length).toBeGreaterThanOrEqual(Math.floor(rows / 7));
      expect(origins.length).toBeGreaterThan(0);
    }
  });
});
