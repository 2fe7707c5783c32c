/** The register tiles of the matrix product: docs/kernels.md says which is the fastest where. No tile changes a bit. */

/** Matmul tiles, rows x columns of accumulators: the numbers of assembly/matmul/gemm.ts. */
export const TILE_2X16 = 0;
export const TILE_4X8 = 1;
export const TILE_6X8 = 2;
export const TILE_6X16 = 3;
const TILES = ["2x16", "4x8", "6x8", "6x16"] as const;

/** A matmul tile by its rows and columns of accumulators. */
export type TileName = (typeof TILES)[number];

export const tileName = (tile: number): TileName => TILES[tile] ?? "2x16";
export const tileNumber = (name: TileName): number => TILES.indexOf(name);

/** Tiles that may be the fastest; the tallest is for 256-bit code, and needs more registers than 128-bit code has. */
export const tilesFor = (turbo: boolean): readonly TileName[] => (turbo ? TILES : TILES.slice(0, TILE_6X16));
