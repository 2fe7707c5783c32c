/** Element [r, c] is data[at + r * rowStep + c * columnStep]. */
export interface Matrix {
  readonly data: Float32Array;
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** C [M, N] += A [M, K] B [K, N]; A may be transposed, C and B are row-major. */
export type Matmul = (c: Matrix, a: Matrix, b: Matrix) => void;

export function matrix(data: Float32Array, rows: number, columns: number, at = 0): Matrix {
  return { data, at, rows, columns, rowStep: columns, columnStep: 1 };
}

export function transposed({ data, at, rows, columns, rowStep, columnStep }: Matrix): Matrix {
  return { data, at, rows: columns, columns: rows, rowStep: columnStep, columnStep: rowStep };
}

/** Row-major copy of `from`. */
export function copy(to: Matrix, from: Matrix): void {
  for (let r = 0; r < to.rows; ++r) {
    const row = from.at + r * from.rowStep;
    for (let c = 0; c < to.columns; ++c) {
      to.data[to.at + r * to.rowStep + c] = from.data[row + c * from.columnStep] as number;
    }
  }
}
