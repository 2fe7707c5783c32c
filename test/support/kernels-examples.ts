/** One call of every kernel, small, with gaps between rows and edges in every size. */
import { flat, rows } from "./kernels-arena.ts";
import { type Example, example } from "./kernels-example.ts";
import { optimizerExamples } from "./kernels-examples-optimizers.ts";
import { recurrentExamples } from "./kernels-examples-recurrent.ts";
import { rowExamples } from "./kernels-examples-rows.ts";
import { panelLength } from "./kernels-panels.ts";

const [T, B, I, H, O, TILE] = [3, 3, 5, 6, 18, 0];

const vector = (name: "expVector" | "sigmoidVector" | "tanhVector") =>
  example((kernels, o) => {
    const [y, x] = [o.out(flat(20)), o.in(flat(20))];
    return () => kernels[name](y, x, 20);
  });

const losses: Record<string, Example> = {
  crossEntropy: example((kernels, o) => {
    const [values, gradient] = [o.out(flat(2 * B)), o.out(rows(B, O))];
    const [prediction, labels] = [o.in(rows(B, O)), o.integers(0, 17, 5)];
    const [weights, classes] = [o.in(flat(B)), o.in(rows(1, O))];
    return () =>
      kernels.crossEntropy(values, gradient, prediction, labels, weights, classes, B, O, true, true, 0.1, B, 1);
  }),
  sumOfValues: example((kernels, o) => {
    const values = o.in(flat(2 * B));
    return () => kernels.sumOfValues(values, B);
  }),
  elementwiseLoss: example((kernels, o) => {
    const [gradient, prediction, target] = [o.out(rows(B, O)), o.in(rows(B, O)), o.in(rows(B, O))];
    const [weights, positive] = [o.in(flat(B)), o.in(rows(1, O))];
    return () => kernels.elementwiseLoss(gradient, prediction, target, weights, positive, B, O, 6, 0.1, B, 1);
  }),
};

const sequence = (name: "packSequence" | "unpackSequence") =>
  example((kernels, o) => {
    const [packed, values] = [rows(6, I), flat(B * T * I, 1)];
    const [to, from] = name === "packSequence" ? [o.out(packed), o.in(values)] : [o.out(values), o.in(packed)];
    const [order, active] = [o.integers(2, 0, 1), o.integers(3, 2, 1)];
    return () => kernels[name](to, from, order, active, T, B, I);
  });

const products: Record<string, Example> = {
  gemm: example((kernels, o) => {
    const [c, a, w] = [o.out(rows(B, O)), o.in(rows(B, I)), o.in(flat(panelLength(1 + I, O)))];
    return () => kernels.gemm(c, kernels.rowStride(O), w, 0, 96, a, 8, 1, w + 64, 96, B, I, O, TILE);
  }),
  panelProduct: example((kernels, o) => {
    const [c, init, a, w] = [o.out(rows(B, 12)), o.in(rows(B, 16)), o.in(rows(B, I)), o.in(flat(I * 16))];
    return () => kernels.panelProduct(c, 48, init, 64, a, 32, 4, w, B, I, 12, TILE);
  }),
  row16: example((kernels, o) => {
    const [c, init, a, w] = [o.out(flat(16)), o.in(flat(16)), o.in(flat(I)), o.in(flat(I * 16))];
    return () => kernels.row16(c, init, a, 4, w, I);
  }),
  row32: example((kernels, o) => {
    const [c, init, a, w] = [o.out(flat(32)), o.in(flat(32)), o.in(flat(I)), o.in(flat(2 * I * 16))];
    return () => kernels.row32(c, init, 64, a, 4, w, I * 64, I);
  }),
  tile2x16: example((kernels, o) => {
    const [c, init, a, w] = [o.out(rows(4, 16)), o.in(rows(4, 16)), o.in(rows(4, I)), o.in(flat(I * 16))];
    return () => kernels.tile2x16(c, 64, init, 64, a, 32, 4, w, I, 2);
  }),
  weightGradient: example((kernels, o) => {
    const [dPanels, dy, x] = [o.io(flat(panelLength(1 + I + H, O))), o.in(rows(B, O)), o.in(rows(B, I))];
    const [state, scratch] = [o.in(rows(B, H)), o.out(flat(kernels.gradientScratchFloats(I + H, O)))];
    return () => kernels.weightGradient(dPanels, dy, 20, x, 8, state, 8, scratch, B, I, H, true, 0, O, TILE);
  }),
  settleBias: example((kernels, o) => {
    const [dPanels, second] = [o.io(flat(panelLength(1 + I + H, O))), o.out(flat(Math.ceil(O / 4) * 4))];
    return () => kernels.settleBias(dPanels, second, (1 + I + H) * 16, 0, O);
  }),
  packWeight: example((kernels, o) => {
    const [panels, weight] = [o.io(flat(panelLength(I, 32))), o.in(flat(4 * H * I, 1))];
    return () => kernels.packWeight(panels, weight, 4, H, I, I * 16);
  }),
  unpackWeight: example((kernels, o) => {
    const [weight, panels] = [o.out(flat(4 * H * I, 1)), o.in(flat(panelLength(I, 32)))];
    return () => kernels.unpackWeight(weight, panels, 4, H, I, I * 16);
  }),
  packTransposed: example((kernels, o) => {
    const [panels, w] = [o.out(flat(panelLength(32, I))), o.in(flat(panelLength(I, O)))];
    return () => kernels.packTransposed(panels, w, I, O, I * 16);
  }),
};

const dense: Record<string, Example> = {
  denseForward: example((kernels, o) => {
    const [y, x, params] = [o.out(rows(B, O)), o.in(rows(B, I)), o.in(flat(panelLength(1 + I, O)))];
    return () => kernels.denseForward(y, x, params, B, I, O, TILE);
  }),
  denseTranspose: example((kernels, o) => {
    const [transposed, params] = [o.out(flat(kernels.denseTransposedFloats(I, O))), o.in(flat(panelLength(1 + I, O)))];
    return () => kernels.denseTranspose(transposed, params, I, O);
  }),
  denseBackward: example((kernels, o) => {
    const [dX, dY, transposed] = [o.out(rows(B, I)), o.in(rows(B, O)), o.in(flat(kernels.denseTransposedFloats(I, O)))];
    return () => kernels.denseBackward(dX, dY, transposed, B, I, O, TILE);
  }),
  denseGradients: example((kernels, o) => {
    const [dParams, scratch] = [o.io(flat(panelLength(1 + I, O))), o.out(flat(kernels.gradientScratchFloats(I, O)))];
    const [dY, x] = [o.in(rows(B, O)), o.in(rows(B, I))];
    return () => kernels.denseGradients(dParams, scratch, dY, x, B, I, O, 1, 0, O, TILE);
  }),
  denseWriteWeights: example((kernels, o) => {
    const [params, weight, bias] = [o.io(flat(panelLength(1 + I, O))), o.in(flat(O * I)), o.in(flat(O))];
    return () => kernels.denseWriteWeights(params, weight, bias, I, O);
  }),
  denseReadWeights: example((kernels, o) => {
    const [weight, bias, params] = [o.out(flat(O * I)), o.out(flat(O)), o.in(flat(panelLength(1 + I, O)))];
    return () => kernels.denseReadWeights(weight, bias, params, I, O);
  }),
};

const activations: Record<string, Example> = {
  activationForward: example((kernels, o) => {
    const [y, x] = [o.out(rows(B, O)), o.in(rows(B, O))];
    return () => kernels.activationForward(y, x, B, O, 2);
  }),
  activationBackward: example((kernels, o) => {
    const [dX, dY, y] = [o.out(rows(B, O)), o.in(rows(B, O)), o.in(rows(B, O))];
    return () => kernels.activationBackward(dX, dY, y, B, O, 2);
  }),
  softmaxForward: example((kernels, o) => {
    const [y, x] = [o.out(rows(B, O)), o.in(rows(B, O))];
    return () => kernels.softmaxForward(y, x, B, O);
  }),
  softmaxBackward: example((kernels, o) => {
    const [dX, dY, y] = [o.out(rows(B, O)), o.in(rows(B, O)), o.in(rows(B, O))];
    return () => kernels.softmaxBackward(dX, dY, y, B, O);
  }),
};

/** By the name of the kernel. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  ...activations,
  ...optimizerExamples,
  ...products,
  ...dense,
  ...losses,
  ...recurrentExamples,
  ...rowExamples,
  expVector: vector("expVector"),
  sigmoidVector: vector("sigmoidVector"),
  tanhVector: vector("tanhVector"),
  packSequence: sequence("packSequence"),
  unpackSequence: sequence("unpackSequence"),
};
