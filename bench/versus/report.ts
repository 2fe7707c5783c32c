/** Results as Markdown: the short table of README and the long part of docs/benchmarks.md. */
import { contestantsOf, type Measured, type Results, ratioOf, shareOf, type WorkResult } from "./results.ts";

/** Columns of the short table after gatefold's own times. */
const SHORT = [
  ...["gatefold-simd", "gatefold-turbo", "gatefold-threads", "tfjs-wasm", "brain.js", "tiled-typescript"],
  ...["onnxruntime-web", "onnxruntime-node", "pytorch"],
];

/** What the numbers mean nothing without. */
export function caption(results: Results): string {
  const { machine, engine, date, commit, clock, cycles, loadAverage } = results.environment;
  const [gatefold, ...others] = contestantsOf(results).map(({ name }) => aboutOf(results, name));
  const libraries = [...new Set(others.filter((about) => about !== undefined && !/^(gatefold|the )/.test(about)))];
  const parts = [machine, engine, gatefold ?? "", ...libraries];
  if (clock === "cpu") parts.push("processor time and not time, as others used the machine");
  if (loadAverage > BUSY) parts.push(`the machine was busy before the run, load ${loadAverage.toFixed(1)}`);
  parts.push(`medians of up to ${cycles} cycles`, `${date}${commit === undefined ? "" : `, sources ${commit}`}`);
  return parts.join(" · ");
}

/** Processes that wanted to run, beside the bench, in the minute before. */
const BUSY = 0.5;

/** Times of gatefold, and those of others as multiples of them. */
export function shortTable(results: Results): string {
  const names = contestantsOf(results);
  const others = SHORT.flatMap((wanted) => names.filter(({ name }) => name === wanted));
  return ratioTable(results, others);
}

/** With all contestants, then one table a work, starts and downloads. */
export function longReport(results: Results): string {
  const all = contestantsOf(results).slice(1);
  return [
    ratioTable(results, all),
    ...results.works.map((work) => `### ${work.title}\n\n${detailTable(work)}`),
    `### From the start of a process to the first prediction\n\n${startTable(results)}`,
    `### Download\n\n${downloadTable(results)}`,
  ].join("\n\n");
}

function ratioTable(results: Results, columns: readonly { readonly name: string; readonly title: string }[]): string {
  const rows = results.works.map((work) => {
    const [first] = work.contestants;
    const share = shareOf(work, first?.name ?? "");
    const time = first?.medianMs === undefined ? "" : duration(first.medianMs);
    const ratios = columns.map(({ name }) => ratioText(work, name));
    return [work.title, time, share === undefined ? "" : percent(share), ...ratios];
  });
  const first = contestantsOf(results)[0]?.title ?? "";
  return table([["work", first, "of peak", ...columns.map(({ title }) => title)], ...rows]);
}

function ratioText(work: WorkResult, name: string): string {
  const ratio = ratioOf(work, name);
  if (ratio !== undefined) return times(ratio);
  const { cannot } = work.contestants.find((contestant) => contestant.name === name) ?? {};
  return cannot?.startsWith("too slow") ? "too slow" : "-";
}

/** All contestants of one work. */
export function detailTable(work: WorkResult): string {
  const first = work.contestants[0]?.title ?? "";
  const head = ["", "median", "fastest", `of ${first}'s time`, "GFLOP/s", "of peak", "memory of the process"];
  return table([head, ...work.contestants.map((contestant) => detailRow(work, contestant))]);
}

function detailRow(
  work: WorkResult,
  { name, title, cannot, medianMs, minMs, maxRssBytes, memoryBytes }: Measured,
): string[] {
  if (medianMs === undefined || minMs === undefined) return [title, reason(cannot ?? ""), "", "", "", "", ""];
  const [ratio, share] = [ratioOf(work, name), shareOf(work, name)];
  const memory = maxRssBytes === undefined ? "" : megabytes(maxRssBytes);
  return [
    title,
    duration(medianMs),
    duration(minMs),
    ratio === undefined ? "" : times(ratio),
    (work.flop / medianMs / 1e6).toPrecision(3),
    share === undefined ? "" : percent(share),
    memoryBytes === undefined ? memory : `${memory}, of it ${megabytes(memoryBytes)} WebAssembly`,
  ];
}

/** The first line, without what a table cannot hold. */
function reason(cannot: string): string {
  return (cannot.split("\n")[0] ?? "").replaceAll("|", "/").slice(0, 100);
}

function startTable({ starts }: Results): string {
  const rows = starts.map(({ title, medianMs, minMs }) => [title, duration(medianMs), duration(minMs)]);
  return table([["", "median", "fastest"], ...rows]);
}

function downloadTable({ downloads }: Results): string {
  const rows = downloads.map(({ title, bytes, scriptBytes }) => [title, kilobytes(bytes), kilobytes(scriptBytes)]);
  return table([["", "gzipped", "of it JavaScript"], ...rows]);
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** Versions, from the first work that it could do. */
function aboutOf({ works }: Results, name: string): string | undefined {
  return works.flatMap(({ contestants }) => contestants).find((one) => one.name === name && one.about)?.about;
}

/** A table with its columns padded, for terminals. */
export function aligned(markdown: string): string {
  const rows = markdown
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("|---"))
    .map((line) => line.slice(2, -2).split(" | "));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return `${rows.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd()).join("\n")}\n`;
}

export function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}x`;
}

export function duration(ms: number): string {
  // Below the next unit by less than three digits show is that unit.
  if (ms < 0.9995) return `${(ms * 1000).toPrecision(3)} us`;
  return ms < 999.5 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toPrecision(3)} MB`;
const kilobytes = (bytes: number) => `${(bytes / 1e3).toFixed(1)} kB`;
