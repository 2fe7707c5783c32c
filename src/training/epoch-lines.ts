/** Text of at most a given width, for terminals. */
import { type EpochProgress, epochParts, GAP } from "./epoch-text.ts";

/** In place of what does not fit. */
export const CUT = "...";

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

export function cut(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width - CUT.length)) + CUT.slice(0, width);
}
