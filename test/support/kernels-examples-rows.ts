/** Examples of layers that work on rows without a matrix product. */
import { flat, rows, strided } from "./kernels-arena.ts";
import { type Example, example } from "./kernels-example.ts";

const [N, F, V] = [3, 5, 4];

export const rowExamples: Record<string, Example> = {
  gatherRows: example((kernels, o) => {
    const [to, table, index] = [o.out(rows(N, F)), o.in(strided(V, F, F, 1)), o.integers(3, -1, 0)];
    return () => kernels.gatherRows(to, kernels.rowStride(F), table, F, index, N, F);
  }),
  scatterAddRows: example((kernels, o) => {
    const [table, from, index] = [o.io(strided(V, F, F, 1)), o.in(rows(N, F)), o.integers(3, -1, 3)];
    return () => kernels.scatterAddRows(table, F, from, kernels.rowStride(F), index, N, F);
  }),
  addRows: example((kernels, o) => {
    const [to, from] = [o.io(flat(20)), o.in(flat(20))];
    return () => kernels.addRows(to, from, 20);
  }),
  multiplyRows: example((kernels, o) => {
    const [to, a, b] = [o.out(flat(20)), o.in(flat(20)), o.in(flat(20))];
    return () => kernels.multiplyRows(to, a, b, 20);
  }),
  copyColumns: example((kernels, o) => {
    const [to, from] = [o.io(rows(N, 12)), o.in(rows(N, 7))];
    return () => kernels.copyColumns(to, 12, 3, from, 8, 1, N, 6);
  }),
  clearPads: example((kernels, o) => {
    const values = o.io(rows(N, F));
    return () => kernels.clearPads(values, N, F);
  }),
  dropoutRows: example((kernels, o) => {
    const [y, x, ids] = [o.out(rows(N, F)), o.in(rows(N, F)), o.integers(4, -1, 4)];
    return () => kernels.dropoutRows(y, x, ids, 7, 8, 0, N, F, 0.5);
  }),
  dropoutMask: example((kernels, o) => {
    const [mask, ids] = [o.out(rows(N, F)), o.integers(4, -1, 4)];
    return () => kernels.dropoutMask(mask, ids, 7, 8, N, F, 0.5);
  }),
  maskRows: example((kernels, o) => {
    const [y, x, mask, index] = [o.out(rows(N, F)), o.in(rows(N, F)), o.in(rows(2, F)), o.integers(1, 0, 1)];
    return () => kernels.maskRows(y, x, mask, index, N, F);
  }),
  layerNormForward: example((kernels, o) => {
    const [y, stats, x] = [o.out(rows(N, F)), o.out(flat(kernels.layerNormStatsFloats(N))), o.in(rows(N, F))];
    const params = o.in(rows(2, F));
    return () => kernels.layerNormForward(y, stats, x, params, N, F, 1e-3);
  }),
  layerNormBackward: example((kernels, o) => {
    const [dX, dParams, dY] = [o.out(rows(N, F)), o.io(rows(2, F)), o.in(rows(N, F))];
    const [stats, x, params] = [o.in(flat(kernels.layerNormStatsFloats(N))), o.in(rows(N, F)), o.in(rows(2, F))];
    return () => kernels.layerNormBackward(dX, dParams, dY, stats, x, params, N, F);
  }),
};
