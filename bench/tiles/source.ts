/** AssemblyScript source of a matmul tile of any size, for comparing what assembly/matmul/tile.ts does not contain. */

export interface TileForm {
  readonly rows: number;
  /** Columns, a multiple of 4; those past 16 come from the next panel. */
  readonly columns: number;
  /** k steps a turn of the inner loop. */
  readonly unroll: number;
  /** Whether inputs are loaded at fixed distances from a pointer that moves once a turn, for which aK is 4. */
  readonly isFixed: boolean;
}

const PANEL_BYTES = 64;
/** From the first panel to the second in the bench's memory. */
export const SECOND_PANEL = 65536;

export const tileName = ({ rows, columns, unroll, isFixed }: TileForm): string =>
  `tile${rows}x${columns}_${unroll}${isFixed ? "_fixed" : ""}`;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The signature is that of assembly/matmul/tile.ts. Stores go from high to low, as turbo wants them. */
export function tileSource(form: TileForm): string {
  const { rows, columns, unroll, isFixed } = form;
  const vectors = range(columns / 4);
  const load = (v: number, k: number) =>
    v < 4 ? `v128.load(p, ${v * 16 + k * PANEL_BYTES})` : `v128.load(q, ${(v - 4) * 16 + k * PANEL_BYTES})`;
  const input = (r: number, k: number) =>
    isFixed ? `v128.load32_splat(a${r}, ${4 * k});` : `v128.load32_splat(a${r}); a${r} += aK;`;
  const order = rows < 4 && columns > 8 ? inputsFirst : weightsFirst;
  const step = (k: number) =>
    order(
      rows,
      vectors,
      (v) => load(v, k),
      (r) => input(r, k),
    );
  const moves = (steps: number) => (isFixed ? range(rows).map((r) => `a${r} += ${4 * steps};`) : []).join(" ");
  const turn = (steps: number) =>
    `${range(steps).map(step).join("\n")} ${moves(steps)} p += ${steps * PANEL_BYTES}; q += ${steps * PANEL_BYTES};`;
  const each = (line: (r: number) => string) => range(rows).map(line).join("\n");
  return `
export function ${tileName(form)}(c: usize, cRow: usize, init: usize, initRow: usize, a: usize, aRow: usize, aK: usize, w: usize, K: i32, blocks: i32): void {
  for (; blocks > 0; --blocks) {
    ${each((r) => `let a${r} = a; a += aRow; ${vectors.map((v) => `let c${r}_${v} = v128.load(init, ${v * 16});`).join(" ")} init += initRow;`)}
    let p = w, q = w + ${SECOND_PANEL}, k = K, y: v128;
    ${each((r) => `let x${r}: v128;`)}
    ${vectors.map((v) => `let w${v}: v128;`).join(" ")}
    ${unroll > 1 ? `for (; k >= ${unroll}; k -= ${unroll}) { ${turn(unroll)} }` : ""}
    for (; k > 0; --k) { ${turn(1)} }
    ${each(
      (r) =>
        `${[...vectors]
          .reverse()
          .map((v) => `v128.store(c, c${r}_${v}, ${v * 16});`)
          .join(" ")} c += cRow;`,
    )}
  }
}`;
}

type Order = (
  rows: number,
  vectors: number[],
  load: (vector: number) => string,
  input: (row: number) => string,
) => string;

/** All rows' inputs, then each vector of weights: for wide tiles. */
const inputsFirst: Order = (rows, vectors, load, input) => {
  const inputs = range(rows).map((r) => `x${r} = ${input(r)}`);
  const products = vectors.map(
    (v) =>
      `y = ${load(v)}; ${range(rows)
        .map((r) => `c${r}_${v} = madd(x${r}, y, c${r}_${v});`)
        .join(" ")}`,
  );
  return [...inputs, ...products].join("\n");
};

/** All weights, then row after row: for high tiles. */
const weightsFirst: Order = (rows, vectors, load, input) => {
  const weights = vectors.map((v) => `w${v} = ${load(v)};`);
  const products = range(rows).map(
    (r) => `y = ${input(r)} ${vectors.map((v) => `c${r}_${v} = madd(y, w${v}, c${r}_${v});`).join(" ")}`,
  );
  return [...weights, ...products].join("\n");
};
