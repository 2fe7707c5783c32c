import { add, at, dot, row } from "./elements.ts";

export interface LayerNormInputs {
  /** Rows and features. */
  readonly N: number;
  readonly F: number;
  /** [N, F] */
  readonly x: Float64Array;
  /** [F] */
  readonly gamma: Float64Array;
  /** [F] */
  readonly beta: Float64Array;
  readonly epsilon: number;
}

export interface LayerNormOutputs {
  /** [N, F] = gamma (x - mean) scale + beta */
  readonly y: Float64Array;
  /** [N], over the features of a row */
  readonly mean: Float64Array;
  /** [N] = 1 / sqrt(variance + epsilon), with the biased variance */
  readonly scale: Float64Array;
}

export function layerNormForward({ N, F, x, gamma, beta, epsilon }: LayerNormInputs): LayerNormOutputs {
  const [y, mean, scale] = [new Float64Array(N * F), new Float64Array(N), new Float64Array(N)];
  for (let n = 0; n < N; n++) {
    const values = row(x, n, F);
    const m = average(values);
    const variance = average(values.map((value) => (value - m) * (value - m)));
    const r = 1 / Math.sqrt(variance + epsilon);
    values.forEach((value, f) => {
      y[n * F + f] = at(gamma, f) * (value - m) * r + at(beta, f);
    });
    mean[n] = m;
    scale[n] = r;
  }
  return { y, mean, scale };
}

export interface LayerNormGradients {
  readonly x: Float64Array;
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

/** From dy [N, F]: dx = scale (g - mean(g) - n mean(g n)) with g = gamma dy, n = (x - mean) scale. */
export function layerNormBackward(inputs: LayerNormInputs & { readonly dy: Float64Array }): LayerNormGradients {
  const { N, F, x, gamma, dy } = inputs;
  const { mean, scale } = layerNormForward(inputs);
  const d = { x: new Float64Array(N * F), gamma: new Float64Array(F), beta: new Float64Array(F) };
  for (let n = 0; n < N; n++) {
    const r = at(scale, n);
    const normalised = row(x, n, F).map((value) => (value - at(mean, n)) * r);
    const g = row(dy, n, F).map((value, f) => value * at(gamma, f));
    const meanOfProduct = dot(g, normalised) / F;
    for (let f = 0; f < F; f++) {
      d.x[n * F + f] = r * (at(g, f) - average(g) - at(normalised, f) * meanOfProduct);
      add(d.gamma, f, at(dy, n * F + f) * at(normalised, f));
      add(d.beta, f, at(dy, n * F + f));
    }
  }
  return d;
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
