/** Results as a picture: a row a work, a mark a contestant, on a logarithmic axis of time against gatefold's. */

import { duration } from "./report.ts";
import { contestantsOf, type Results, ratioOf, type WorkResult } from "./results.ts";

interface Look {
  readonly color: string;
  readonly shape: "circle" | "square" | "diamond" | "triangle";
}

/** Colours that stand out on white and on nearly black. */
const LOOKS: Readonly<Record<string, Look>> = {
  gatefold: { color: "#e8590c", shape: "circle" },
  "gatefold-simd": { color: "#f59f00", shape: "circle" },
  "gatefold-simd-on": { color: "#c0a000", shape: "circle" },
  "gatefold-turbo": { color: "#d6336c", shape: "circle" },
  "gatefold-threads": { color: "#f783ac", shape: "circle" },
  "gatefold-turbo-threads": { color: "#be4bdb", shape: "circle" },
  "tfjs-wasm": { color: "#1c7ed6", shape: "square" },
  "tfjs-cpu": { color: "#74a9d8", shape: "square" },
  "brain.js": { color: "#37b24d", shape: "triangle" },
  "onnxruntime-web": { color: "#7950f2", shape: "square" },
  "onnxruntime-node": { color: "#7950f2", shape: "diamond" },
  "plain-typescript": { color: "#868e96", shape: "triangle" },
  "tiled-typescript": { color: "#adb5bd", shape: "triangle" },
  pytorch: { color: "#0ca678", shape: "diamond" },
};
const OTHER: Look = { color: "#868e96", shape: "square" };

const WIDTH = 940;
const [LEFT, RIGHT] = [330, 24];
const ROW = 40;
const LEGEND_ROW = 22;
const [LEGEND_COLUMNS, LEGEND_WIDTH] = [5, 182];
const RADIUS = 5.5;

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #24292f } .small { font-size: 10.5px; fill: #59636e } .grid { stroke: #d1d9e0 } .one { stroke: #59636e } .ring { stroke: #ffffff }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #3d444d } .one { stroke: #9198a1 } .ring { stroke: #0d1117 } }`;

export function chart(results: Results): string {
  const contestants = contestantsOf(results);
  const top = 34 + Math.ceil(contestants.length / LEGEND_COLUMNS) * LEGEND_ROW + 26;
  const bottom = top + results.works.length * ROW;
  const scale = scaleOf(results);
  const parts = [
    text(12, 22, "Time of a call, as a multiple of gatefold's (left of 1: faster than gatefold; logarithmic)"),
    ...contestants.map(({ name, title }, index) => legend(name, title, index)),
    ...scale.ticks.map((tick) => axis(scale.x(tick), tick, top, bottom)),
    ...results.works.map((work, row) => rowOf(work, top + row * ROW, scale.x)),
  ];
  const size = `width="${WIDTH}" height="${bottom + 14}" viewBox="0 0 ${WIDTH} ${bottom + 14}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n<style>${STYLE}</style>\n${parts.join("\n")}\n</svg>\n`;
}

interface Scale {
  readonly x: (ratio: number) => number;
  readonly ticks: readonly number[];
}

/** From below the fastest to above the slowest contestant. */
function scaleOf(results: Results): Scale {
  const ratios = results.works.flatMap((work) =>
    work.contestants.map(({ name }) => ratioOf(work, name)).filter((ratio) => ratio !== undefined),
  );
  const low = Math.log10(Math.min(0.5, ...ratios)) - 0.1;
  const high = Math.log10(Math.max(2, ...ratios)) + 0.1;
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  return {
    x: (ratio) => LEFT + ((Math.log10(ratio) - low) / (high - low)) * (WIDTH - LEFT - RIGHT),
    ticks: ticks.filter((tick) => Math.log10(tick) > low && Math.log10(tick) < high),
  };
}

function legend(name: string, title: string, index: number): string {
  const x = 18 + (index % LEGEND_COLUMNS) * LEGEND_WIDTH;
  const y = 44 + Math.floor(index / LEGEND_COLUMNS) * LEGEND_ROW;
  return mark(name, x, y) + text(x + 12, y + 4, title);
}

function axis(x: number, tick: number, top: number, bottom: number): string {
  const line = `<line class="${tick === 1 ? "one" : "grid"}" x1="${n(x)}" x2="${n(x)}" y1="${top - 8}" y2="${bottom}"/>`;
  return line + text(x, top - 13, `${tick}x`, "small", "middle");
}

/** Marks in three lanes, so that close ones can be told apart: gatefold's, those of JavaScript, native ones. */
function rowOf(work: WorkResult, top: number, x: Scale["x"]): string {
  const first = work.contestants[0]?.medianMs;
  const marks = work.contestants.map(({ name }) => {
    const ratio = ratioOf(work, name);
    return ratio === undefined ? "" : mark(name, x(ratio), top + LANES[laneOf(name)] * ROW);
  });
  return [
    `<line class="grid" x1="12" x2="${WIDTH - RIGHT}" y1="${top}" y2="${top}"/>`,
    text(12, top + 17, work.title),
    text(12, top + 32, first === undefined ? "" : `gatefold ${duration(first)}`, "small"),
    ...marks,
  ].join("");
}

const LANES = { own: 0.25, javascript: 0.5, native: 0.75 } as const;

function laneOf(name: string): keyof typeof LANES {
  if (name.startsWith("gatefold")) return "own";
  return name === "pytorch" || name === "onnxruntime-node" ? "native" : "javascript";
}

function mark(name: string, x: number, y: number): string {
  const { color, shape } = LOOKS[name] ?? OTHER;
  const fill = `class="ring" fill="${color}"`;
  const r = RADIUS;
  if (shape === "circle") return `<circle ${fill} cx="${n(x)}" cy="${n(y)}" r="${r}"/>`;
  const corners = {
    square: [-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85],
    diamond: [0, -1.2, 1.2, 0, 0, 1.2, -1.2, 0],
    triangle: [0, -1.1, 1.1, 0.9, -1.1, 0.9],
  }[shape];
  return `<polygon ${fill} points="${corners.map((at, i) => n((i % 2 === 0 ? x : y) + at * r)).join(" ")}"/>`;
}

function text(x: number, y: number, content: string, style = "", anchor = "start"): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text class="${style}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped}</text>`;
}

const n = (value: number) => value.toFixed(1);
