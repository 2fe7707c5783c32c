/** [M, N, F] to [N, M, F] */
export function swapped(values: ArrayLike<number>, M: number, N: number, F: number): Float32Array {
  const result = new Float32Array(M * N * F);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      for (let f = 0; f < F; f++) result[(n * M + m) * F + f] = values[(m * N + n) * F + f] as number;
    }
  }
  return result;
}
