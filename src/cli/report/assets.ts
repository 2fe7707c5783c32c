/** The page's script and style sheet, which the build makes of client/. */

export interface ReportAssets {
  readonly script: string;
  readonly style: string;
}

/** A bundler puts them into the command line's own chunk, so they need no place of their own in the package. */
export async function reportAssets(): Promise<ReportAssets> {
  const { script, style } = await import("../../../build/report-assets.js");
  return { script, style };
}
