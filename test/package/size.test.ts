import { expect, test } from "vitest";
import { BUDGETS, downloadOf, PROGRAMS } from "../../scripts/download.ts";

const names = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];

test.each(
  names.map((name) => [name, BUDGETS[name]] as const),
)("a browser downloads for %s at most %i bytes", async (name, most) => {
  const { bytes, files } = await downloadOf(PROGRAMS[name]);
  expect(
    files.some((file) => file.name.startsWith("relaxed-")),
    "the binary is counted",
  ).toBe(true);
  expect(bytes).toBeLessThanOrEqual(most);
});
