/**
 * Opens a report in Chromium, light and dark, on a desk, on a phone and on paper: fails when the page logs an error, asks
 * for anything, moves what was already there, draws no chart or is wider than the phone; writes what it looks like.
 *
 *   npx tsx test/cli/report-browser.ts report.html [--out screenshots]
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Chromium, findChromium } from "../support/chromium.ts";

interface View {
  readonly name: string;
  readonly width: number;
  readonly scheme: "light" | "dark";
  readonly isPhone: boolean;
}

const VIEWS: readonly View[] = [
  { name: "light", width: 1280, scheme: "light", isPhone: false },
  { name: "dark", width: 1280, scheme: "dark", isPhone: false },
  { name: "phone", width: 390, scheme: "light", isPhone: true },
  { name: "phone-narrow", width: 360, scheme: "dark", isPhone: true },
];

/** Adds up how far what stood there was moved. */
const WATCH = `window.shift = 0; new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.shift += value;
}).observe({ type: "layout-shift", buffered: true })`;

/** What a page that was drawn says of itself. */
const PROBE = `JSON.stringify({
  width: document.documentElement.scrollWidth,
  figures: document.querySelectorAll("figure.chart").length,
  drawn: [...document.querySelectorAll("figure.chart canvas")].filter((one) => one.width > 0).length,
  shift: window.shift,
  requests: performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => !name.startsWith("data:")),
})`;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: "string" } } });
const [file] = positionals;
if (file === undefined) throw new Error("Give the path of a report: npx tsx test/cli/report-browser.ts report.html");
const path = findChromium();
if (path === undefined) {
  console.log("Skipped: no Chromium on the PATH, and the environment's CHROMIUM names none.");
  process.exit(0);
}
const folder = resolve(values.out ?? "report-screenshots");
await mkdir(folder, { recursive: true });
const faults: string[] = [];
const browser = await Chromium.start(path);
try {
  const tab = await browser.open();
  browser.on("Runtime.exceptionThrown", ({ exceptionDetails }) => faults.push(JSON.stringify(exceptionDetails)));
  browser.on("Log.entryAdded", ({ entry }) => faults.push(JSON.stringify(entry)));
  browser.on("Runtime.consoleAPICalled", (call) => call.type === "error" && faults.push(JSON.stringify(call.args)));
  await Promise.all(["Page.enable", "Runtime.enable", "Log.enable"].map((method) => tab(method)));
  await tab("Page.addScriptToEvaluateOnNewDocument", { source: WATCH });
  for (const view of VIEWS) await look(tab, view);
  await tab("Emulation.clearDeviceMetricsOverride");
  const pdf = await tab("Page.printToPDF", {
    preferCSSPageSize: true,
    printBackground: true,
    paperWidth: 8.27,
    paperHeight: 11.69,
  });
  await writeFile(join(folder, "paper.pdf"), Buffer.from(String(pdf.data), "base64"));
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
console.log(
  faults.length === 0 ? `${file} is well; screenshots are in ${folder}.` : `${faults.length} faults in ${file}.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

async function look(tab: Awaited<ReturnType<Chromium["open"]>>, { name, width, scheme, isPhone }: View): Promise<void> {
  await tab("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await tab("Emulation.setTouchEmulationEnabled", { enabled: isPhone });
  const size = { width, height: isPhone ? 844 : 900, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
  await tab("Emulation.setDeviceMetricsOverride", size);
  const loaded = browser.once("Page.loadEventFired");
  await tab("Page.navigate", { url: pathToFileURL(resolve(file ?? "")).href });
  await loaded;
  const wait = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))";
  await tab("Runtime.evaluate", { expression: wait, awaitPromise: true });
  const { result } = await tab("Runtime.evaluate", { expression: PROBE });
  const page = JSON.parse(String((result as { value: unknown }).value));
  if (page.width > width) faults.push(`${name}: the page is ${page.width} wide on a screen of ${width}.`);
  if (page.drawn < page.figures) faults.push(`${name}: ${page.drawn} of ${page.figures} charts are drawn.`);
  if (page.shift > 0) faults.push(`${name}: the layout shifts by ${page.shift}.`);
  for (const request of page.requests) faults.push(`${name}: the page asks for ${request}.`);
  const { data } = await tab("Page.captureScreenshot", { captureBeyondViewport: true, format: "png" });
  await writeFile(join(folder, `${name}.png`), Buffer.from(String(data), "base64"));
}
