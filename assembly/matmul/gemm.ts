/** C [M, N] = init [M, N] + A [M, K] x W [K, N], with W packed in panels: blocks for the caches, edges of every size. */
import { TALL, UNROLLED } from "../simd/f32x4";
import { at, padded, PANEL } from "../simd/layout";
import { row16, row32 } from "./gemv";
import { tall } from "./tall";
import { Five, Four, One, Six, Three, tile, tile2x16, tile6x8, tile8x4, Two } from "./tile";

/** Values of the argument `tile`: the same numbers stand in src/core/tiles.ts. */
export const TILE_2X16: i32 = 0;
export const TILE_4X8: i32 = 1;
/** Fused arithmetic only. Like the next it needs the k of a row of A beside each other, and leaves the rest to TILE_2X16. */
export const TILE_6X8: i32 = 2;
/** For 256-bit code; TILE_2X16 in binaries without it. */
export const TILE_6X16: i32 = 3;

/** Rows of A that stay in the second-level cache while all panels pass by. */
export const ROW_BLOCK: i32 = 96;
/** Longest k range of a panel: 256 rows are 16 KB, half of a first-level cache. */
const K_BLOCK: i32 = 256;

/**
 * `aStep` floats lead from one k to the next in a row of A, so a transposed A is (aStride 1, aStep stride). `initPanel`
 * leads from the start of one panel to the next: 16 for a matrix, `wPanel` for a bias that stands in the panels (with
 * initStride 0), 0 for zeros. init may be C itself. Writes columns up to the next multiple of 4.
 */
export function gemm(
  c: usize,
  cStride: i32,
  init: usize,
  initStride: i32,
  initPanel: i32,
  a: usize,
  aStride: i32,
  aStep: i32,
  w: usize,
  wPanel: i32,
  M: i32,
  K: i32,
  N: i32,
  tile: i32,
): void {
  assert(M >= 0 && K > 0 && N > 0);
  assert(((c | init | w) & 15) == 0);
  const columns = padded(N);
  if (M == 1) return oneRow(c, init, initPanel << 2, a, (<usize>aStep) << 2, w, wPanel << 2, K, columns);
  const cRow = (<usize>cStride) << 2;
  const initRow = (<usize>initStride) << 2;
  const aRow = (<usize>aStride) << 2;
  const aK = (<usize>aStep) << 2;
  const blocks = (K + K_BLOCK - 1) / K_BLOCK;
  const kBlock = ((K + blocks - 1) / blocks + 3) & ~3;
  for (let m = 0; m < M; m += ROW_BLOCK) {
    const rows = min(ROW_BLOCK, M - m);
    const aBlock = a + <usize>m * aRow;
    let cPanel = c + <usize>m * cRow;
    let from = init + <usize>m * initRow;
    let panel = w;
    for (let n = 0; n < columns; n += PANEL) {
      const wanted = min(PANEL, columns - n);
      if (initRow) touch(from, initRow, rows);
      for (let k = 0; k < K; k += kBlock) {
        const start = k == 0 ? from : cPanel;
        const startRow = k == 0 ? initRow : cRow;
        const aFrom = aBlock + <usize>k * aK;
        panelProduct(
          cPanel,
          cRow,
          start,
          startRow,
          aFrom,
          aRow,
          aK,
          at(panel, k * PANEL),
          rows,
          min(kBlock, K - k),
          wanted,
          tile,
        );
      }
      cPanel += PANEL << 2;
      from += (<usize>initPanel) << 2;
      panel += (<usize>wPanel) << 2;
    }
  }
}

/**
 * Loads a line of every row: all at once they come out of a far cache in the time of a few, which each tile would wait for
 * at its start. Whole rows of a wide C are too far apart for the processor to foresee.
 */
function touch(from: usize, row: usize, rows: i32): void {
  for (; rows > 0; --rows, from += row) load<i32>(from);
}

/** The product with one panel, of which `columns` (4, 8, 12 or 16) are wanted. Distances are bytes, as in tile.ts. */
export function panelProduct(
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  w: usize,
  M: i32,
  K: i32,
  columns: i32,
  tile: i32,
): void {
  if (columns == PANEL && (tile != TILE_4X8 || M < 3)) {
    if (TALL && tile == TILE_6X16 && M > 3 && M != 7 && aK == 4) {
      return tallTiles(c, cRow, init, initRow, a, aRow, w, M, K);
    }
    if (UNROLLED && tile == TILE_6X8 && M > 5 && aK == 4) {
      const sixes = M / 6;
      tile6x8(c, cRow, init, initRow, a, aRow, w, K, sixes);
      tile6x8(c + 32, cRow, init + 32, initRow, a, aRow, w + 32, K, sixes);
      const done = <usize>(6 * sixes);
      c += done * cRow;
      init += done * initRow;
      a += done * aRow;
      M -= 6 * sixes;
      if (!M) return;
    }
    if (M > 1) tile2x16(c, cRow, init, initRow, a, aRow, aK, w, K, M >> 1);
    const last = <usize>(M - 1);
    if (M & 1) row16(c + last * cRow, init + last * initRow, a + last * aRow, aK, w, K);
    return;
  }
  for (; columns >= 8; columns -= 8) {
    narrow<Two>(c, cRow, init, initRow, a, aRow, aK, w, M, K);
    c += 32;
    init += 32;
    w += 32;
  }
  if (!columns) return;
  if (M > 7 && aK == 4) {
    tile8x4(c, cRow, init, initRow, a, aRow, w, K, M >> 3);
    const done = <usize>(M & ~7);
    c += done * cRow;
    init += done * initRow;
    a += done * aRow;
    M &= 7;
  }
  if (M) narrow<One>(c, cRow, init, initRow, a, aRow, aK, w, M, K);
}

/** Four to six rows a tile, split evenly; 1 to 3 and 7 rows cannot be. */
function tallTiles(
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  a: usize,
  aRow: usize,
  w: usize,
  M: i32,
  K: i32,
): void {
  let blocks = (M + 5) / 6;
  const height = M / blocks;
  const taller = M - height * blocks;
  if (taller) {
    if (height == 5) tall<Six>(c, cRow, init, initRow, a, aRow, w, K, taller);
    else tall<Five>(c, cRow, init, initRow, a, aRow, w, K, taller);
    const done = <usize>((height + 1) * taller);
    c += done * cRow;
    init += done * initRow;
    a += done * aRow;
    blocks -= taller;
  }
  if (height == 6) tall<Six>(c, cRow, init, initRow, a, aRow, w, K, blocks);
  else if (height == 5) tall<Five>(c, cRow, init, initRow, a, aRow, w, K, blocks);
  else tall<Four>(c, cRow, init, initRow, a, aRow, w, K, blocks);
}

/** Four rows a tile; a remainder is split evenly (9 = 3 + 3 + 3), because a tile of one row waits for its own sums. */
function narrow<Vectors>(
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  w: usize,
  M: i32,
  K: i32,
): void {
  const tiles = (M + 3) >> 2;
  const height = M / tiles;
  const taller = M - height * tiles;
  if (taller) {
    tilesOf<Vectors>(height + 1, c, cRow, init, initRow, a, aRow, aK, w, K, taller);
    const done = <usize>((height + 1) * taller);
    c += done * cRow;
    init += done * initRow;
    a += done * aRow;
  }
  tilesOf<Vectors>(height, c, cRow, init, initRow, a, aRow, aK, w, K, tiles - taller);
}

function tilesOf<Vectors>(
  rows: i32,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  w: usize,
  K: i32,
  blocks: i32,
): void {
  if (rows == 4) tile<Four, Vectors>(c, cRow, init, initRow, a, aRow, aK, w, K, blocks);
  else if (rows == 3) tile<Three, Vectors>(c, cRow, init, initRow, a, aRow, aK, w, K, blocks);
  else if (rows == 2) tile<Two, Vectors>(c, cRow, init, initRow, a, aRow, aK, w, K, blocks);
  else tile<One, Vectors>(c, cRow, init, initRow, a, aRow, aK, w, K, blocks);
}

/**
 * One row through all panels, two at a time. Rows of one step after the other are an odd number of cache lines apart, and
 * every other of them begins with the last panels, which the row before has left in the first-level cache. Distances are bytes.
 */
function oneRow(
  c: usize,
  init: usize,
  initPanel: usize,
  a: usize,
  aK: usize,
  w: usize,
  wPanel: usize,
  K: i32,
  columns: i32,
): void {
  const pairs = <usize>(columns / (2 * PANEL));
  const isDown = (c & 64) != 0;
  for (let n: usize = 0; n < pairs; ++n) {
    const pair = isDown ? pairs - 1 - n : n;
    const panel = 2 * pair;
    row32(c + (pair << 7), init + panel * initPanel, initPanel, a, aK, w + panel * wPanel, wPanel, K);
  }
  columns -= <i32>pairs * 2 * PANEL;
  c += pairs << 7;
  init += 2 * pairs * initPanel;
  w += 2 * pairs * wPanel;
  for (; columns > 0; columns -= PANEL) {
    panelProduct(c, 0, init, 0, a, 0, aK, w, 1, K, min(PANEL, columns), TILE_2X16);
    c += PANEL << 2;
    init += initPanel;
    w += wPanel;
  }
}
