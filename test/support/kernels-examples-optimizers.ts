/** Calls of the kernels of optimizers. */
import { flat } from "./kernels-arena.ts";
import { type Example, example, type Operands } from "./kernels-example.ts";

const RATE = 0.01;
const N = 20;

/** Addresses of the parameters and of `moments` blocks beside them. */
const blocks = (o: Operands, moments: number) => Array.from({ length: 1 + moments }, () => o.io(flat(N)));

/** By the name of the kernel. */
export const optimizerExamples: Readonly<Record<string, Example>> = {
  adadelta: example((kernels, o) => {
    const [[params = 0, v = 0, u = 0], gradients] = [blocks(o, 2), o.in(flat(N))];
    return () => kernels.adadelta(params, v, u, gradients, N, RATE, 0.95, 0.05, 2);
  }),
  adam: example((kernels, o) => {
    const [[params = 0, m = 0, v = 0, largest = 0], gradients] = [blocks(o, 3), o.in(flat(N))];
    const scalars = [RATE, 1, 0, 0.9, 0.1, 0.999, 0.001, 1, 1e-7] as const;
    return () => kernels.adam(params, m, v, largest, gradients, N, ...scalars);
  }),
  adamax: example((kernels, o) => {
    const [[params = 0, m = 0, u = 0], gradients] = [blocks(o, 2), o.in(flat(N))];
    return () => kernels.adamax(params, m, u, gradients, N, RATE, 0.9, 0.1, 0.999, 0, 1e-7);
  }),
  allFinite: example((kernels, o) => {
    const x = o.in(flat(N));
    return () => kernels.allFinite(x, N);
  }),
  blend: example((kernels, o) => {
    const [x, y] = [o.io(flat(N)), o.in(flat(N))];
    return () => kernels.blend(x, y, N, 1, -RATE);
  }),
  clipValue: example((kernels, o) => {
    const x = o.io(flat(N));
    return () => kernels.clipValue(x, N, 0.5);
  }),
  lion: example((kernels, o) => {
    const [[params = 0, m = 0], gradients] = [blocks(o, 1), o.in(flat(N))];
    return () => kernels.lion(params, m, gradients, N, RATE, 0.9, 0.1, 0.99, 0.01);
  }),
  rmsprop: example((kernels, o) => {
    const [[params = 0, v = 0, mean = 0, buffer = 0], gradients] = [blocks(o, 3), o.in(flat(N))];
    const scalars = [0.9, 0.1, 0.9, RATE, 1, 2, 0] as const;
    return () => kernels.rmsprop(params, v, mean, buffer, gradients, N, ...scalars);
  }),
  scale: example((kernels, o) => {
    const x = o.io(flat(N));
    return () => kernels.scale(x, N, 0.5);
  }),
  sgdMomentum: example((kernels, o) => {
    const [[params = 0, m = 0], gradients] = [blocks(o, 1), o.in(flat(N))];
    return () => kernels.sgdMomentum(params, m, gradients, N, 0.9, -RATE, 1, 0);
  }),
  sumOfSquares: example((kernels, o) => {
    const x = o.in(flat(N));
    return () => kernels.sumOfSquares(x, N);
  }),
};
