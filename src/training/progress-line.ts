/** What the progress bar says, as text of at most a given width: loaded for terminals, and where a width is given. */
import { type EpochProgress, epochParts, GAP, headOf, metricTexts, paceText, plural } from "./epoch-text.ts";

/** In place of what does not fit. */
const CUT = "...";

/** With its brackets. */
const SHORTEST_BAR = 6;
const LONGEST_BAR = 32;

/**
 * One line while the epoch runs. Where not all fits, the bar gets shorter, then metrics after the first are cut, then
 * the bar is left out, then the first metric and the time.
 *
 * `Epoch 3/20  [=========>      ]  142/400  loss 1.2345  accuracy 0.8123  12 ms/step  3 s left`
 */
export function progressLine(progress: EpochProgress, width: number): string {
  const { done, steps, pace } = progress;
  const count = steps === undefined ? plural(done) : `${String(done).padStart(String(steps).length)}/${steps}`;
  const fixed = [headOf(progress), count];
  const time = pace === undefined ? [] : [paceText(pace), ...leftText(progress, pace)];
  const metrics = metricTexts(progress.logs);
  const barRoom = SHORTEST_BAR + GAP.length;
  const room = width - lengthOf([...fixed, ...time]);
  const [first] = fitting(metrics.slice(0, 1), room);
  const hasBar = steps !== undefined && room - (first === undefined ? 0 : lengthOf(["", first])) >= barRoom;
  const shown = fitting(metrics, hasBar ? room - barRoom : room);
  const parts = [...fixed, ...shown, ...time];
  if (hasBar) {
    const free = width - lengthOf(parts) - GAP.length;
    parts.splice(1, 0, barText(done / steps, Math.min(free, LONGEST_BAR)));
  }
  return cut(lengthOf(parts) > width ? fixed.join(GAP) : parts.join(GAP), width);
}

/**
 * What stays of an epoch: its time and all its logs, on as many lines as the width asks for.
 *
 * `Epoch 3/20  400 steps  4.8 s  12 ms/step  loss 1.2345  val_loss 1.3456  learningRate 0.0005`
 */
export function epochLines(progress: EpochProgress, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of epochParts(progress)) {
    const longer = line === "" ? part : line + GAP + part;
    if (longer.length > width && line !== "") {
      lines.push(line);
      line = GAP + part;
    } else line = longer;
  }
  return [...lines, line].map((text) => cut(text, width));
}

/** Rounded up, in one unit below an hour. */
function leftText({ done, steps }: EpochProgress, pace: number): string[] {
  if (steps === undefined || done >= steps) return [];
  const seconds = Math.max(1, Math.ceil((steps - done) * pace));
  if (seconds < 60) return [`${seconds} s left`];
  const minutes = Math.ceil(seconds / 60);
  return [minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`];
}

/** `length` characters, brackets included. */
function barText(fraction: number, length: number): string {
  const inner = length - 2;
  const filled = Math.min(inner, Math.floor(Math.max(0, fraction) * inner));
  return `[${`${"=".repeat(filled)}${filled < inner ? ">" : ""}`.padEnd(inner)}]`;
}

/** As many of the texts, each after a gap, as fit into the room, then "..." for the others if that fits. */
function fitting(texts: readonly string[], room: number): string[] {
  if (lengthOf(["", ...texts]) <= room) return [...texts];
  const shown = texts.slice(0, -1);
  while (shown.length > 0 && lengthOf(["", ...shown, CUT]) > room) shown.pop();
  return lengthOf(["", ...shown, CUT]) > room ? [] : [...shown, CUT];
}

function lengthOf(parts: readonly string[]): number {
  return parts.join(GAP).length;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width - CUT.length)) + CUT.slice(0, width);
}
