/** From layers to a chart of uPlot in the page's colours. */
import uPlot from "uplot";
import { numberLabels, powerTicks } from "./number-ticks.ts";
import { colour, font } from "./palette.ts";
import { pixelRatio } from "./pixel-ratio.ts";
import type { Ticks } from "./time-ticks.ts";

/** `null` where a layer has no value. */
export type Values = readonly (number | null)[];

export interface Line {
  readonly kind: "line" | "dashed" | "dot" | "bar";
  readonly key: string;
  readonly colour: string;
  readonly values: Values;
  /** In units of the screen; by default 1.5. */
  readonly width?: number;
  /** What bars are filled with; by default their colour. */
  readonly fill?: string;
  /** Which of the bars beside each other, -1 is left. */
  readonly side?: -1 | 1;
}

export interface Band {
  readonly kind: "band";
  readonly key: string;
  readonly colour: string;
  readonly lower: Values;
  readonly upper: Values;
}

export type Layer = Line | Band;

/** A line across the plot. */
export interface Mark {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly label?: string;
  /** By default that of small print. */
  readonly colour?: string;
}

export interface Drawing {
  readonly x: readonly number[];
  /** From the back to the front. */
  readonly layers: readonly Layer[];
  readonly marks?: readonly Mark[];
  /** Room at both ends of x, in its unit. */
  readonly margin: number;
  /** `width` is that of the axis, in units of the screen. */
  readonly ticks: (from: number, to: number, width: number) => Ticks;
  /** Whether labels of x have a second line. */
  readonly hasTwoLines?: boolean;
  /** From the smallest and the largest value to the ends of the axis; by default some room around them. */
  readonly range?: (low: number, high: number) => readonly [number, number];
  readonly labels?: (ticks: readonly number[]) => readonly string[];
  readonly isLogarithmic?: boolean;
  readonly canZoom?: boolean;
}

export interface PlotEvents {
  /** The row under the cursor, null when there is none. */
  cursor(row: number | null): void;
  /** The part of x that is shown now. */
  range(from: number, to: number): void;
  /** Left end and width of the plot without its axes, in units of the screen. */
  drawn(left: number, width: number): void;
}

/** Units of the screen to the right of the plot. */
const RIGHT = 12;

export function plot(place: HTMLElement, drawing: Drawing, hidden: ReadonlySet<string>, events: PlotEvents): uPlot {
  const layers = drawing.layers.flatMap((layer) => seriesOf(layer, !hidden.has(layer.key)));
  const colours = ["", ...drawing.layers.flatMap((layer) => columnsOf(layer).map(() => layer.colour))];
  const data = [drawing.x, ...drawing.layers.flatMap(columnsOf)].map((column) => [...column]);
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: place.clientHeight,
    padding: [10, RIGHT, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: drawing.canZoom === true, y: false, dist: 6 },
      y: false,
      move: (chart, left, top) => [left < 0 ? left : snapped(chart, left), top],
      points: { size: 7, width: 0, fill: (_, i) => colour(colours[i] ?? "muted") },
    },
    scales: { x: { time: false, range: rangeOfX(drawing) }, y: scaleOfY(drawing) },
    axes: [axisOfX(drawing), axisOfY(drawing)],
    series: [{}, ...layers],
    bands: bandsOf(drawing.layers),
    hooks: {
      setCursor: [(chart) => events.cursor(chart.cursor.idx ?? null)],
      setScale: [(chart, key) => key === "x" && events.range(chart.scales.x?.min ?? 0, chart.scales.x?.max ?? 0)],
      draw: [(chart) => events.drawn(chart.over.offsetLeft, chart.over.offsetWidth)],
      drawAxes: [(chart) => drawMarks(chart, drawing.marks ?? [])],
    },
  };
  const chart = new uPlot(options, data as uPlot.AlignedData, place);
  followTouch(chart);
  return chart;
}

/** Columns of a layer among the data, in the order of `seriesOf`. */
function columnsOf(layer: Layer): readonly Values[] {
  return layer.kind === "band" ? [layer.upper, layer.lower] : [layer.values];
}

function seriesOf(layer: Layer, show: boolean): readonly uPlot.Series[] {
  if (layer.kind === "band") {
    const edge: uPlot.Series = { show, class: "quiet", width: 0, points: { show: false } };
    return [edge, { ...edge }];
  }
  const { kind, width = 1.5, side = -1, fill = layer.colour } = layer;
  const stroke = () => colour(layer.colour);
  if (kind === "dot") {
    const points = { show: true, size: 10, width: 2, stroke, fill: () => "transparent" };
    return [{ show, class: "quiet", stroke, paths: () => null, points }];
  }
  if (kind === "bar") {
    const paths = uPlot.paths.bars?.({ size: [0.36, 28], align: side, radius: 0.12, gap: 1 });
    return [
      {
        show,
        class: "quiet",
        width: 1.5,
        stroke,
        fill: () => colour(fill),
        points: { show: false },
        ...(paths && { paths }),
      },
    ];
  }
  const dash = kind === "dashed" ? { dash: [4 * pixelRatio, 3 * pixelRatio] } : {};
  return [{ show, stroke, width, points: { size: 4, width: 0, fill: stroke }, ...dash }];
}

function bandsOf(layers: readonly Layer[]): uPlot.Band[] {
  let at = 1;
  return layers.flatMap((layer) => {
    const upper = at;
    at += layer.kind === "band" ? 2 : 1;
    if (layer.kind !== "band") return [];
    return [{ series: [upper, upper + 1] as uPlot.Band.Bounds, fill: () => colour(layer.colour) }];
  });
}

function rangeOfX({ x, margin }: Drawing): uPlot.Range.Function {
  const first = (x[0] ?? 0) - margin;
  const last = (x.at(-1) ?? 0) + margin;
  return (_, from, to) => (from <= (x[0] ?? 0) && to >= (x.at(-1) ?? 0) ? [first, last] : [from, to]);
}

function scaleOfY({ range, isLogarithmic }: Drawing): uPlot.Scale {
  if (isLogarithmic) return { distr: 3, range: (_, low, high) => [low / 1.25, high * 1.25] };
  if (range === undefined) return {};
  return { range: (_, low, high) => [...range(low ?? 0, high ?? 1)] as uPlot.Range.MinMax };
}

function axisOfX({ ticks, hasTwoLines }: Drawing): uPlot.Axis {
  let labels: readonly string[] = [];
  return {
    ...axis(),
    size: hasTwoLines ? 46 : 30,
    grid: { show: false },
    ticks: { show: true, size: 5, width: 1, stroke: () => colour("line") },
    border: { show: true, width: 1, stroke: () => colour("line") },
    // The ticks come from `splits`: a step as wide as the axis keeps uPlot from choosing some.
    incrs: (_, _axis, from, to) => [Math.max(5, to - from)],
    splits: (chart, _axis, from, to, step, space) => {
      const width = (space * (to - from)) / step;
      const chosen = ticks(from, to, width);
      labels = withoutCut(chart, chosen, (at) => ((to - at) / (to - from)) * width + RIGHT);
      return [...chosen.at];
    },
    values: () => [...labels],
  };
}

/** Labels, without those that the chart's right edge, which is `room` away from their middle, would cut. */
function withoutCut({ ctx }: uPlot, { at, labels }: Ticks, room: (at: number) => number): readonly string[] {
  ctx.font = font(12 * pixelRatio);
  return labels.map((label, i) => {
    const width = Math.max(...label.split("\n").map((line) => ctx.measureText(line).width)) / pixelRatio;
    return width / 2 > room(at[i] ?? 0) ? "" : label;
  });
}

function axisOfY({ labels = numberLabels, isLogarithmic }: Drawing): uPlot.Axis {
  return {
    ...axis(),
    ticks: { show: false },
    grid: { show: true, width: 1, stroke: () => colour("grid") },
    space: 44,
    gap: 8,
    values: (_, ticks) => [...labels(ticks)],
    size: (chart, texts) => {
      if (!texts) return 40;
      chart.ctx.font = font(12 * pixelRatio);
      return Math.ceil(Math.max(...texts.map((text) => chart.ctx.measureText(text ?? "").width)) / pixelRatio) + 12;
    },
    ...(isLogarithmic && {
      splits: (_chart: uPlot, _axis: number, from: number, to: number) => [...powerTicks(from, to)],
      filter: (_chart: uPlot, ticks: number[]) => ticks,
      values: (_chart: uPlot, ticks: number[]) => ticks.map(String),
    }),
  };
}

function axis(): uPlot.Axis {
  return { font: font(12), stroke: () => colour("muted"), lineGap: 1.35 };
}

/** Where the row next to a place of the mouse stands. */
function snapped({ data, posToIdx, valToPos }: uPlot, left: number): number {
  return valToPos(data[0]?.[posToIdx(left)] ?? 0, "x");
}

/** Dashed lines with their words beside them. */
function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[]): void {
  ctx.save();
  ctx.font = font(12 * pixelRatio);
  ctx.lineWidth = pixelRatio;
  ctx.setLineDash([3 * pixelRatio, 3 * pixelRatio]);
  for (const { axis, at, label, colour: name = "muted" } of marks) {
    const position = Math.round(valToPos(at, axis, true));
    const isInside =
      axis === "x"
        ? position >= bbox.left && position <= bbox.left + bbox.width
        : position >= bbox.top && position <= bbox.top + bbox.height;
    if (!isInside) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(name);
    ctx.beginPath();
    ctx.moveTo(axis === "x" ? position : bbox.left, axis === "x" ? bbox.top : position);
    ctx.lineTo(axis === "x" ? position : bbox.left + bbox.width, axis === "x" ? bbox.top + bbox.height : position);
    ctx.stroke();
    if (label === undefined) continue;
    const gap = 6 * pixelRatio;
    const isRight = position + gap + ctx.measureText(label).width <= bbox.left + bbox.width;
    ctx.textAlign = isRight ? "left" : "right";
    ctx.textBaseline = "top";
    ctx.fillText(label, isRight ? position + gap : position - gap, bbox.top + 2 * pixelRatio);
  }
  ctx.restore();
}

/** A finger that moves sideways moves the cursor; up and down it scrolls the page, which the style sheet leaves to it. */
function followTouch(chart: uPlot): void {
  chart.over.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") return;
    const { left, top } = chart.over.getBoundingClientRect();
    chart.setCursor({ left: event.clientX - left, top: event.clientY - top });
  });
}
