import { at } from "./elements.ts";

export interface MatmulInputs {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** [M, K] */
  readonly a: Float64Array;
  /** [K, N] */
  readonly b: Float64Array;
  /** [M, N], zero when absent */
  readonly init?: Float64Array | undefined;
}

/** C [M, N] = init + A B */
export function matmul({ M, N, K, a, b, init }: MatmulInputs): Float64Array {
  const c = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = init ? at(init, m * N + n) : 0;
      for (let k = 0; k < K; k++) sum += at(a, m * K + k) * at(b, k * N + n);
      c[m * N + n] = sum;
    }
  }
  return c;
}

/** [M, N] = |init| + |A| |B|: what rounding errors of the product are proportional to. */
export function matmulMagnitude({ M, N, K, a, b, init }: MatmulInputs): Float64Array {
  return matmul({ M, N, K, a: a.map(Math.abs), b: b.map(Math.abs), init: init?.map(Math.abs) });
}

/** [M, N]: largest error a float32 product may have, (K + 8) * 2^-24 * (|init| + |A| |B|). */
export function matmulErrorBound(inputs: MatmulInputs): Float64Array {
  return matmulMagnitude(inputs).map((magnitude) => (inputs.K + 8) * 2 ** -24 * magnitude);
}
