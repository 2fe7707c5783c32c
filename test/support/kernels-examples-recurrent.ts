/** Examples of the recurrent kernels. */
import { ACTIVATIONS } from "../../src/layers/activations.ts";
import { flat, rows } from "./kernels-arena.ts";
import { type Example, example } from "./kernels-example.ts";

const { tanh: TANH, sigmoid: SIGMOID, softplus: SOFTPLUS } = ACTIVATIONS;
const [T, B, I, H, V, TILE] = [3, 3, 5, 6, 7, 0];
const sizes = [T, B, I, H, 2] as const;

export const recurrentExamples: Record<string, Example> = {
  lstmForward: example((kernels, o) => {
    const [output, hidden, cell] = [o.out(rows(6, H)), o.io(rows(B, H)), o.io(rows(B, H))];
    const [cache, x] = [o.out(flat(kernels.lstmCacheFloats(6, B, H, true))), o.in(rows(6, I))];
    const [params, active] = [o.in(flat(kernels.lstmParameterFloats(I, H, 2))), o.integers(3, 2, 1)];
    const outputs = [output, hidden, cell, cache] as const;
    const mask = o.in(rows(B, H));
    return () => kernels.lstmForward(...outputs, x, params, active, mask, 0, ...sizes, TANH, SIGMOID, true, 0, B, TILE);
  }),
  lstmBackward: example((kernels, o) => {
    const block = flat(kernels.lstmParameterFloats(I, H, 2));
    const [dX, dHidden, dCell, dParams] = [o.out(rows(6, I)), o.io(rows(B, H)), o.io(rows(B, H)), o.io(block)];
    const [scratch, dOutput] = [o.out(flat(kernels.lstmScratchFloats(I, H))), o.in(rows(6, H))];
    const [cache, x] = [o.io(flat(kernels.lstmCacheFloats(6, B, H, true))), o.in(rows(6, I))];
    const [params, active] = [o.in(block), o.integers(3, 2, 1)];
    const outputs = [dX, dHidden, dCell, dParams, scratch] as const;
    const inputs = [dOutput, cache, x, params, active, o.in(rows(B, H))] as const;
    return () => kernels.lstmBackward(...outputs, ...inputs, 0, ...sizes, TANH, SIGMOID, 0, B, TILE);
  }),
  // Threads call them; test/core/same-bits.test.ts tries them.
  lstmForwardUnits: example((kernels, o) => {
    const outputs = [o.out(rows(T, H)), o.io(rows(1, H)), o.io(rows(1, H))] as const;
    const cache = o.out(flat(kernels.lstmCacheFloats(T, 1, H, true)));
    const inputs = [o.in(rows(T, I)), o.in(flat(kernels.lstmParameterFloats(I, H, 2)))] as const;
    return () => kernels.lstmForwardUnits(...outputs, cache, ...inputs, 0, 1, T, I, H, 2, true, 0, H, TILE);
  }),
  lstmBackwardUnits: example((kernels, o) => {
    const [dHidden, dCell] = [o.io(rows(1, H)), o.io(rows(1, H))];
    const scratch = o.in(flat(kernels.lstmScratchFloats(I, H)));
    const [dOutput, cache] = [o.in(rows(T, H)), o.io(flat(kernels.lstmCacheFloats(T, 1, H, true)))];
    return () => kernels.lstmBackwardUnits(dHidden, dCell, scratch, dOutput, cache, 1, T, I, H, 0, H, TILE);
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
  recurrentTranspose: example((kernels, o) => {
    const scratch = o.out(flat(kernels.lstmScratchFloats(I, H)));
    const params = o.in(flat(kernels.lstmParameterFloats(I, H, 2)));
    return () => kernels.recurrentTranspose(scratch, params, 4, I, H, true);
  }),
  recurrentGradients: example((kernels, o) => {
    const block = flat(kernels.lstmParameterFloats(I, H, 2));
    const [dParams, scratch] = [o.io(block), o.out(flat(kernels.gradientScratchFloats(I + H, 4 * H)))];
    const inputs = [o.in(flat(kernels.lstmCacheFloats(6, B, H, true))), o.in(rows(6, I))] as const;
    return () => kernels.recurrentGradients(dParams, scratch, ...inputs, 4, 6, I, H, 2, 16, 32, TILE);
  }),
  recurrentInputGradients: example((kernels, o) => {
    const [dX, scratch] = [o.out(rows(2, I)), o.io(flat(kernels.lstmScratchFloats(I, H)))];
    const cache = o.in(flat(kernels.lstmCacheFloats(2, B, H, true)));
    return () => kernels.recurrentInputGradients(dX, scratch, cache, 4, I, H, 0, 2, TILE);
  }),
  recurrentTable: example((kernels, o) => {
    const table = o.out(flat(kernels.recurrentTableFloats(4, V, H)));
    const inputs = [o.in(rows(V, I)), o.in(flat(kernels.lstmParameterFloats(I, H, 2)))] as const;
    return () => kernels.recurrentTable(table, ...inputs, 4, V, I, H, 2, 0, V, TILE);
  }),
  recurrentTableBackward: example((kernels, o) => {
    const [dEmbedding, scratch] = [o.io(rows(V, I)), o.in(flat(kernels.lstmScratchFloats(I, H)))];
    const dTable = o.in(flat(kernels.recurrentTableFloats(4, V, H)));
    return () => kernels.recurrentTableBackward(dEmbedding, scratch, dTable, 4, I, H, 0, V, TILE);
  }),
  rnnForward: example((kernels, o) => {
    const outputs = [o.out(rows(6, H)), o.io(rows(B, H)), o.out(flat(kernels.rnnCacheFloats(6, B, H, true)))] as const;
    const inputs = [o.in(rows(6, I)), o.in(flat(kernels.rnnParameterFloats(I, H, 2)))] as const;
    const [active, mask] = [o.integers(3, 2, 1), o.in(rows(B, H))];
    return () => kernels.rnnForward(...outputs, ...inputs, active, mask, 0, ...sizes, TANH, true, 0, B, TILE);
  }),
  rnnBackward: example((kernels, o) => {
    const block = flat(kernels.rnnParameterFloats(I, H, 2));
    const [dX, dHidden, dParams] = [o.out(rows(6, I)), o.io(rows(B, H)), o.io(block)];
    const outputs = [dX, dHidden, dParams, o.out(flat(kernels.rnnScratchFloats(I, H)))] as const;
    const [dOutput, cache] = [o.in(rows(6, H)), o.io(flat(kernels.rnnCacheFloats(6, B, H, true)))];
    const inputs = [dOutput, cache, o.in(rows(6, I)), o.in(block), o.integers(3, 2, 1), o.in(rows(B, H))] as const;
    return () => kernels.rnnBackward(...outputs, ...inputs, 0, ...sizes, TANH, 0, B, TILE);
  }),
  rnnGatesForward: example((kernels, o) => {
    const [hidden, gates] = [o.out(rows(B, H)), o.io(rows(B, H))];
    return () => kernels.rnnGatesForward(hidden, gates, B, H, SOFTPLUS);
  }),
  rnnGatesBackward: example((kernels, o) => {
    const [gates, dOutput, dHidden] = [o.io(rows(B, H)), o.in(rows(B, H)), o.in(rows(B, H))];
    return () => kernels.rnnGatesBackward(gates, dOutput, dHidden, B, H, SOFTPLUS);
  }),
  rnnWriteWeights: example((kernels, o) => {
    const params = o.io(flat(kernels.rnnParameterFloats(I, H, 2)));
    const [weightIh, weightHh, biasIh, biasHh] = [o.in(flat(H * I)), o.in(flat(H * H)), o.in(flat(H)), o.in(flat(H))];
    return () => kernels.rnnWriteWeights(params, weightIh, weightHh, biasIh, biasHh, I, H, 2);
  }),
  rnnReadWeights: example((kernels, o) => {
    const [weightIh, weightHh] = [o.out(flat(H * I)), o.out(flat(H * H))];
    const [biasIh, biasHh, params] = [o.out(flat(H)), o.out(flat(H)), o.in(flat(kernels.rnnParameterFloats(I, H, 2)))];
    return () => kernels.rnnReadWeights(weightIh, weightHh, biasIh, biasHh, params, I, H, 2);
  }),
};
