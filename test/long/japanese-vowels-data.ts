/** Time series in the text format .ts of the UEA and UCR archive (sktime): sequences of different lengths, one a line. */

/** Sequences padded with zeros to the longest: x [n, steps, features]. */
export interface Series {
  readonly x: Float32Array;
  readonly lengths: Int32Array;
  /** Indices into `classes`. */
  readonly labels: Int32Array;
  readonly rows: number;
  readonly steps: number;
  readonly features: number;
}

/** One sequence: features[f][t], and its class. */
interface Line {
  readonly features: readonly (readonly number[])[];
  readonly label: string;
}

/** After "@data" each line has its dimensions between colons, numbers between commas, and the class at the end. */
export function parseSeries(text: string, steps: number): Series {
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  const header = lines.findIndex((line) => line.toLowerCase().startsWith("@data"));
  const classes =
    lines
      .find((line) => line.toLowerCase().startsWith("@classlabel true"))
      ?.split(/\s+/)
      .slice(2) ?? [];
  const rows = lines.slice(header + 1).map(parseLine);
  const features = rows[0]?.features.length ?? 0;
  const x = new Float32Array(rows.length * steps * features);
  for (const [row, { features: series }] of rows.entries()) {
    if (series.length !== features) throw new Error(`Row ${row} has ${series.length} dimensions, not ${features}.`);
    for (const [f, values] of series.entries()) {
      if (values.length !== series[0]?.length || values.length > steps) throw new Error(`Row ${row} is too long.`);
      for (const [t, value] of values.entries()) x[(row * steps + t) * features + f] = value;
    }
  }
  const lengths = Int32Array.from(rows, ({ features: [first] }) => first?.length ?? 0);
  const labels = Int32Array.from(rows, ({ label }) => classes.indexOf(label));
  if (labels.includes(-1)) throw new Error("A class is not in the list of @classLabel.");
  return { x, lengths, labels, rows: rows.length, steps, features };
}

function parseLine(line: string, row: number): Line {
  const parts = line.split(":");
  const features = parts.slice(0, -1).map((part) => part.split(",").map(Number));
  if (features.flat().some((value) => !Number.isFinite(value))) throw new Error(`Row ${row} has no number somewhere.`);
  return { features, label: (parts.at(-1) ?? "").trim() };
}

/** Each feature minus its mean and divided by its deviation over the steps of `known`; padding stays 0. */
export function standardise(known: Series, series: Series): Series {
  const x = new Float32Array(series.x.length);
  for (let f = 0; f < series.features; f++) {
    const values = valuesOf(known, f);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    for (const i of indicesOf(series, f)) x[i] = ((series.x[i] ?? 0) - mean) / deviation;
  }
  return { ...series, x };
}

function valuesOf(series: Series, f: number): readonly number[] {
  return indicesOf(series, f).map((i) => series.x[i] ?? 0);
}

/** Where the numbers of one feature stand, without padding. */
function indicesOf({ lengths, steps, features }: Series, f: number): readonly number[] {
  return Array.from(lengths).flatMap((length, row) =>
    Array.from({ length }, (_, t) => (row * steps + t) * features + f),
  );
}
