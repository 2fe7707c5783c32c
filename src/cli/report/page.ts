/** The report as one HTML file that needs no network: its style, its data and its script stand inside of it. */
import { createHash } from "node:crypto";
import type { ReportAssets } from "./assets.ts";
import { html, json, Markup } from "./html.ts";
import { makePageData } from "./make-page-data.ts";
import { byHorizon, byPeriod } from "./parts/breakdown.ts";
import { seriesSelector } from "./parts/each.ts";
import { header, verdict } from "./parts/header.ts";
import { nextSteps } from "./parts/next-steps.ts";
import { provenance, split } from "./parts/provenance.ts";
import { testSpan } from "./parts/test-span.ts";
import { training } from "./parts/training.ts";
import type { Report } from "./report.ts";
import { type View, viewOf } from "./view.ts";

/**
 * The page of a report. The same report gives the same page; no text of it can become markup, and the page's own policy
 * forbids every script but its own and every request.
 */
export function reportPage(report: Report, { script, style }: ReportAssets): string {
  const view = viewOf(report);
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="gatefold ${report.gatefold}">
<title>Forecast of ${report.data.target} · gatefold</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
<noscript><style>.legend,.plot,.overview,.range,.hint,.selector,.chart:not(:has(td)){display:none}</style></noscript>
</head>
<body>
<main>${body(view)}</main>
<footer><p>Made by gatefold ${report.gatefold}. This page holds its data and needs no network.</p></footer>
<script type="application/json" id="report">${json(makePageData(view))}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return page.text;
}

function body(view: View): Markup {
  return html`${header(view)}
${verdict(view)}
<noscript><p class="notice">The charts of this page need JavaScript; its tables do not.</p></noscript>
${seriesSelector(view)}
${nextSteps(view)}
${testSpan(view)}
${byHorizon(view)}
<section aria-labelledby="detail">
<h2 id="detail">In detail</h2>
<div class="pair">
${byPeriod(view)}
${training(view)}
</div>
</section>
${split(view)}
${provenance(view)}`;
}
