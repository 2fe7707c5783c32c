/** Examples of the recurrent kernels. */
import { ACTIVATIONS } from "../../src/layers/activations.ts";
import { flat, rows } from "./kernels-arena.ts";
import { type Example, example } from "./kernels-example.ts";

const { tanh: TANH, sigmoid: SIGMOID, softplus: SOFTPLUS } = ACTIVATIONS;
const [T, B, I, H, TILE] = [3, 3, 5, 6, 0];

export const recurrentExamples: Record<string, Example> = {
  lstmForward: example((kernels, o) => {
    const [output, hidden, cell] = [o.out(rows(6, H)), o.io(rows(B, H)), o.io(rows(B, H))];
    const [cache, x] = [o.out(flat(kernels.lstmCacheFloats(6, B, H, true))), o.in(rows(6, I))];
    const [params, active] = [o.in(flat(kernels.lstmParameterFloats(I, H, 2))), o.integers(3, 2, 1)];
    const outputs = [output, hidden, cell, cache] as const;
    const mask = o.in(rows(B, H));
    return () => kernels.lstmForward(...outputs, x, params, active, mask, T, B, I, H, 2, TANH, SIGMOID, true, TILE);
  }),
  lstmBackward: example((kernels, o) => {
    const block = flat(kernels.lstmParameterFloats(I, H, 2));
    const [dX, dHidden, dCell, dParams] = [o.out(rows(6, I)), o.io(rows(B, H)), o.io(rows(B, H)), o.io(block)];
    const [scratch, dOutput] = [o.out(flat(kernels.lstmScratchFloats(I, H))), o.in(rows(6, H))];
    const [cache, x] = [o.io(flat(kernels.lstmCacheFloats(6, B, H, true))), o.in(rows(6, I))];
    const [params, active] = [o.in(block), o.integers(3, 2, 1)];
    const outputs = [dX, dHidden, dCell, dParams, scratch] as const;
    const inputs = [dOutput, cache, x, params, active, o.in(rows(B, H))] as const;
    return () => kernels.lstmBackward(...outputs, ...inputs, T, B, I, H, 2, TANH, SIGMOID, TILE);
  }),
  lstmGatesForward: example((kernels, o) => {
    const [hidden, cell, tanhCell, gates] = [o.out(rows(B, H)), o.io(rows(B, H)), o.out(rows(B, H)), o.io(rows(B, 32))];
    return () => kernels.lstmGatesForward(hidden, cell, tanhCell, gates, B, H);
  }),
  lstmGatesBackward: example((kernels, o) => {
    const state = () => o.in(rows(B, H));
    const [gates, dCell] = [o.io(rows(B, 32)), o.io(rows(B, H))];
    const [dOutput, dHidden, cell, tanhCell] = [state(), state(), state(), state()];
    return () => kernels.lstmGatesBackward(gates, dCell, dOutput, dHidden, cell, tanhCell, B, H);
  }),
  lstmAnyGatesForward: example((kernels, o) => {
    const [hidden, cell, actCell, gates] = [o.out(rows(B, H)), o.io(rows(B, H)), o.out(rows(B, H)), o.io(rows(B, 32))];
    return () => kernels.lstmAnyGatesForward(hidden, cell, actCell, gates, B, H, SOFTPLUS, SIGMOID);
  }),
  lstmAnyGatesBackward: example((kernels, o) => {
    const state = () => o.in(rows(B, H));
    const [gates, dCell] = [o.io(rows(B, 32)), o.io(rows(B, H))];
    const inputs = [state(), state(), state(), state()] as const;
    return () => kernels.lstmAnyGatesBackward(gates, dCell, ...inputs, B, H, SOFTPLUS, SIGMOID);
  }),
  lstmWriteWeights: example((kernels, o) => {
    const params = o.io(flat(kernels.lstmParameterFloats(I, H, 2)));
    const [weightIh, weightHh] = [o.in(flat(4 * H * I)), o.in(flat(4 * H * H))];
    const [biasIh, biasHh] = [o.in(flat(4 * H)), o.in(flat(4 * H))];
    return () => kernels.lstmWriteWeights(params, weightIh, weightHh, biasIh, biasHh, I, H, 2);
  }),
  lstmReadWeights: example((kernels, o) => {
    const [weightIh, weightHh] = [o.out(flat(4 * H * I)), o.out(flat(4 * H * H))];
    const [biasIh, biasHh] = [o.out(flat(4 * H)), o.out(flat(4 * H))];
    const params = o.in(flat(kernels.lstmParameterFloats(I, H, 2)));
    return () => kernels.lstmReadWeights(weightIh, weightHh, biasIh, biasHh, params, I, H, 2);
  }),
};
