import { add, addScaled, at, dot, row } from "./elements.ts";

export interface DenseInputs {
  /** Rows, input features, output units. */
  readonly N: number;
  readonly I: number;
  readonly O: number;
  /** [N, I] */
  readonly x: Float64Array;
  /** [O, I] */
  readonly weight: Float64Array;
  /** [O] */
  readonly bias?: Float64Array | undefined;
}

/** y [N, O] = x weight^T + bias */
export function denseForward({ N, I, O, x, weight, bias }: DenseInputs): Float64Array {
  const y = new Float64Array(N * O);
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      y[n * O + o] = (bias ? at(bias, o) : 0) + dot(row(weight, o, I), row(x, n, I));
    }
  }
  return y;
}

export interface DenseGradients {
  readonly x: Float64Array;
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

/** From dy [N, O]: dx = dy weight, dweight = dy^T x, dbias = the sum of dy over rows. */
export function denseBackward({ N, I, O, x, weight, dy }: DenseInputs & { readonly dy: Float64Array }): DenseGradients {
  const d = { x: new Float64Array(N * I), weight: new Float64Array(O * I), bias: new Float64Array(O) };
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      const g = at(dy, n * O + o);
      add(d.bias, o, g);
      addScaled(row(d.weight, o, I), g, row(x, n, I));
      addScaled(row(d.x, n, I), g, row(weight, o, I));
    }
  }
  return d;
}
