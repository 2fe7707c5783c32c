/** The table of a model's layers. */
import type { Layer } from "../layers/layer.ts";
import { WeightedLayer } from "../layers/weighted.ts";
import { knownOptions } from "../options.ts";
import { formatShape } from "../shape.ts";
import type { Graph, Step } from "./graph.ts";

/** Options of `summary`. */
export interface SummaryOptions {
  /** Called with each line, by default console.log; null prints nothing. */
  readonly print?: ((line: string) => void) | null | undefined;
}

/** What a summary is made of. */
export interface Summarised {
  readonly label: string;
  readonly graph: Graph;
  readonly parameterCount: number;
}

/** Layers, output shapes, numbers of weights; for graphs that branch also what each layer is connected to. */
export function summaryOf(model: Summarised, options: SummaryOptions): string {
  knownOptions(`${model.label}.summary`, options, ["print"]);
  const { graph } = model;
  const branches = graph.steps.some((step, i) => {
    const before = i === 0 ? graph.values.find(({ input }) => input >= 0) : graph.steps[i - 1]?.outputs[0];
    return step.inputs.length > 1 || step.inputs[0]?.symbol !== before?.symbol;
  });
  const seen = new Set<Layer>();
  const inputs = graph.inputs.map(({ node, shape }) => [`${node.name} (input)`, showShape(shape), "0", ""]);
  const steps = graph.steps.map((step) => rowOf(step, seen));
  const header = ["Layer (type)", "Output shape", "Parameters", "Connected to"];
  const rows = [header, ...inputs, ...steps].map((row) => (branches ? row : row.slice(0, 3)));
  const count = model.parameterCount;
  const lines = [
    `Model: ${model.label}`,
    ...tableOf(rows),
    `Parameters: ${withCommas(count)} (${showBytes(4 * count)})`,
  ];
  const { print = console.log } = options;
  if (print !== null) for (const line of lines) print(line);
  return lines.join("\n");
}

function rowOf({ layer, inputs, outputs }: Step, seen: Set<Layer>): readonly string[] {
  const shapes = outputs.map(({ symbol }) => showShape(symbol.shape)).join(", ");
  const isFirst = !seen.has(layer);
  seen.add(layer);
  const count = [layer, ...layer.inner].reduce((sum, one) => sum + countOf(one), 0);
  const sources = inputs.map(({ symbol: { node } }) => node.layer?.name ?? node.name).join(", ");
  return [`${layer.name} (${layer.kind})`, shapes, isFirst ? withCommas(count) : "shared", sources];
}

function countOf(layer: Layer): number {
  return layer instanceof WeightedLayer ? layer.parameterCount(layer.inputSize ?? 0) : 0;
}

/** A box of columns, numbers to the right. */
function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}`;
  const line = (row: readonly string[], isHeader: boolean) => {
    const cells = widths.map((width, column) => {
      const text = row[column] ?? "";
      return ` ${column === 2 && !isHeader ? text.padStart(width) : text.padEnd(width)} `;
    });
    return `│${cells.join("│")}│`;
  };
  const [header = [], ...body] = rows;
  const lines = body.map((row) => line(row, false));
  return [rule("┌", "┬", "┐"), line(header, true), rule("├", "┼", "┤"), ...lines, rule("└", "┴", "┘")];
}

function showShape(shape: readonly (number | null)[]): string {
  return formatShape(shape.map((size) => size ?? "null"));
}

function withCommas(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function showBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1024 * 1024)).toFixed(1)} MB`;
}
