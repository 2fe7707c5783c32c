/** How the model learnt. */
import { formatCount, formatSeconds, plural } from "../format.ts";
import { html, type Markup } from "../html.ts";
import { lossSummary } from "../summaries.ts";
import type { View } from "../view.ts";
import { chart, details } from "./chart.ts";
import { table } from "./table.ts";

export function training(view: View): Markup {
  const { loss, validationLoss, bestEpoch, seconds } = view.report.training;
  const digits = (value: number | undefined) => (value === undefined ? "–" : value.toPrecision(4));
  const content = table({
    caption: "Loss by epoch",
    columns: [{ label: "Epoch", isText: true }, { label: "Training" }, { label: "Validation" }],
    rows: loss.map((value, epoch) => [
      epoch === bestEpoch ? html`<strong>${formatCount(epoch + 1)}, best</strong>` : formatCount(epoch + 1),
      digits(value),
      digits(validationLoss[epoch]),
    ]),
  });
  return chart({
    id: "chart-loss",
    heading: "Learning",
    note: html`Loss over ${plural(loss.length, "epoch")} in ${formatSeconds(seconds)}. The weights of epoch ${formatCount(bestEpoch + 1)} are kept.`,
    summary: lossSummary(view),
    legend: [
      { key: "loss", label: "Training", kind: "dashed", colour: "second" },
      { key: "validation", label: "Validation", kind: "line", colour: "model" },
    ],
    valueWidth: 8,
    timeWidth: 9,
    below: details("As a table", content),
  });
}
