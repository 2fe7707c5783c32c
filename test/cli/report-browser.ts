/**
 * Opens a report in Chromium, light and dark, on a desk, on a phone and on paper, and uses it as a reader does. Fails when
 * the page logs an error, asks for anything, moves what was already there, leaves a chart out, is wider than the phone or
 * does not answer mouse and keys; writes what it looks like.
 *
 *   npx tsx test/cli/report-browser.ts report.html [--out screenshots]
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Chromium, findChromium, type Tab } from "../support/chromium.ts";

interface View {
  readonly name: string;
  readonly width: number;
  readonly scheme: "light" | "dark";
  readonly isPhone: boolean;
}

const VIEWS: readonly View[] = [
  { name: "dark", width: 1280, scheme: "dark", isPhone: false },
  { name: "phone", width: 390, scheme: "light", isPhone: true },
  { name: "phone-narrow", width: 360, scheme: "dark", isPhone: true },
  { name: "light", width: 1280, scheme: "light", isPhone: false },
];

/** Adds up how far what stood there was moved. */
const WATCH = `window.shift = 0; new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.shift += value;
}).observe({ type: "layout-shift", buffered: true })`;

/** What a page that was drawn says of itself. */
const PROBE = `({
  width: document.documentElement.scrollWidth,
  figures: document.querySelectorAll("figure.chart").length,
  drawn: [...document.querySelectorAll("figure.chart .plot canvas")].filter((one) => one.width > 0).length,
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
  await Promise.all(["Page.enable", "Runtime.enable", "Log.enable"].map((method) => tab.send(method)));
  await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: WATCH });
  for (const view of VIEWS) await look(tab, view);
  await use(tab);
  const paper = { preferCSSPageSize: true, printBackground: true, paperWidth: 8.27, paperHeight: 11.69 };
  const { data } = await tab.send("Page.printToPDF", paper);
  await writeFile(join(folder, "paper.pdf"), Buffer.from(String(data), "base64"));
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
console.log(
  faults.length === 0 ? `${file} is well; screenshots are in ${folder}.` : `${faults.length} faults in ${file}.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

async function look(tab: Tab, { name, width, scheme, isPhone }: View): Promise<void> {
  await tab.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await tab.send("Emulation.setTouchEmulationEnabled", { enabled: isPhone });
  const size = { width, height: isPhone ? 844 : 900, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone };
  await tab.send("Emulation.setDeviceMetricsOverride", size);
  const loaded = browser.once("Page.loadEventFired");
  await tab.send("Page.navigate", { url: pathToFileURL(resolve(file ?? "")).href });
  await loaded;
  await tab.settle();
  const page = (await tab.evaluate(PROBE)) as Record<"width" | "figures" | "drawn" | "shift", number> & {
    readonly requests: readonly string[];
  };
  if (page.width > width) faults.push(`${name}: the page is ${page.width} wide on a screen of ${width}.`);
  if (page.drawn < page.figures) faults.push(`${name}: ${page.drawn} of ${page.figures} charts are drawn.`);
  if (page.shift > 0) faults.push(`${name}: the layout shifts by ${page.shift}.`);
  for (const request of page.requests) faults.push(`${name}: the page asks for ${request}.`);
  await tab.screenshot(join(folder, `${name}.png`), { isWhole: true });
}

/** Does something after which something else must read differently. */
type Step = (name: string, read: () => Promise<unknown>, act: () => Promise<unknown>) => Promise<void>;

/** Mouse and keys on the chart of the test span, the legend, the table of all rows and the selector. */
async function use(tab: Tab): Promise<void> {
  const step: Step = async (name, read, act) => {
    const before = await read();
    await act();
    await tab.settle();
    const after = await read();
    if (JSON.stringify(after) === JSON.stringify(before)) faults.push(`${name} changes nothing: ${String(after)}.`);
  };
  await tab.evaluate(`document.querySelector("#chart-test").scrollIntoView({ block: "center" })`);
  const value = `document.querySelector("#chart-test .at .value").textContent`;
  const plot = () => tab.boxOf("#chart-test .u-over");
  await step(
    "Moving the mouse",
    () => tab.evaluate(value),
    async () => tab.mouse("mouseMoved", await plot(), 0.3),
  );
  await tab.screenshot(join(folder, "hover.png"));
  if ((await tab.evaluate(`document.querySelector(".overview") !== null`)) === true) await zoom(tab, step);
  const pressed = `document.querySelector("#chart-test [data-key=baseline]").ariaPressed`;
  await step(
    "A click on the legend",
    () => tab.evaluate(pressed),
    () => tab.evaluate(`document.querySelector("#chart-test [data-key=baseline]").click()`),
  );
  const rows = `document.querySelectorAll("#chart-test .rows tbody tr").length`;
  await step(
    "Opening the table of rows",
    () => tab.evaluate(rows),
    () => tab.evaluate(`document.querySelector("#chart-test details").open = true`),
  );
  await tab.screenshot(join(folder, "rows.png"));
  await tab.evaluate(`document.querySelector("#chart-test details").open = false`);
  if ((await tab.evaluate(`document.querySelector("#series") !== null`)) === true) {
    const name = `document.querySelector("#chart-next .plot").ariaLabel`;
    const choose = `series.selectedIndex = 1; series.dispatchEvent(new Event("change"))`;
    await step(
      "Choosing a series",
      () => tab.evaluate(name),
      () => tab.evaluate(choose),
    );
    await tab.screenshot(join(folder, "second.png"), { isWhole: true });
  }
}

/** The ways to choose the part of the span that shows. */
async function zoom(tab: Tab, step: Step): Promise<void> {
  const shown = () => tab.evaluate(`document.querySelector("#chart-test .range span").textContent`);
  const plot = () => tab.boxOf("#chart-test .u-over");
  await step("Dragging", shown, async () => {
    const box = await plot();
    await tab.mouse("mousePressed", box, 0.3);
    for (const at of [0.4, 0.5, 0.6]) await tab.mouse("mouseMoved", box, at);
    await tab.mouse("mouseReleased", box, 0.6);
  });
  await tab.screenshot(join(folder, "zoomed.png"));
  await step("A double click", shown, async () => {
    const box = await plot();
    for (const clickCount of [1, 2]) {
      await tab.mouse("mousePressed", box, 0.5, clickCount);
      await tab.mouse("mouseReleased", box, 0.5, clickCount);
    }
  });
  await step("An arrow key on the strip", shown, async () => {
    await tab.evaluate(`document.querySelector("#chart-test .grip.from").focus()`);
    for (const type of ["keyDown", "keyUp"]) await tab.send("Input.dispatchKeyEvent", { type, key: "ArrowRight" });
  });
  await step("Dragging the strip", shown, async () => {
    const box = await tab.boxOf("#chart-test .grip.from");
    await tab.mouse("mousePressed", box, 0.8);
    await tab.mouse("mouseMoved", box, 4);
    await tab.mouse("mouseReleased", box, 4);
  });
  await tab.screenshot(join(folder, "strip.png"));
}
