/**
 * The ABI: every kernel and size function the TypeScript side may call.
 *
 * Pointers are byte addresses, sizes count elements: T steps, B batch rows, N rows or elements, I inputs, H hidden units,
 * O outputs, V classes, F features, K depth of a product. Arguments come outputs first, then inputs, then sizes.
 * Gradients are `d` + name. Backward kernels ADD to parameter gradients and OVERWRITE input gradients. Size functions
 * return f64, exact to 2^53. `tile` is one of the numbers in matmul/gemm.ts; no tile changes a bit of the result.
 */
import "./simd/trap";

export { lstmBackward, lstmCacheFloats, lstmForward, lstmScratchFloats } from "./bptt/lstm";
export { lstmParameterFloats, lstmReadWeights, lstmWriteWeights } from "./bptt/lstm";
export { lstmBackwardUnits, lstmForwardUnits } from "./bptt/lstm-units";
export { recurrentGradients, recurrentInputGradients, recurrentTranspose } from "./bptt/products";
export { recurrentTable, recurrentTableBackward, recurrentTableFloats } from "./bptt/products";
export { rnnBackward, rnnCacheFloats, rnnForward, rnnScratchFloats } from "./bptt/rnn";
export { rnnParameterFloats, rnnReadWeights, rnnWriteWeights } from "./bptt/rnn";
export { lstmGatesBackward, lstmGatesForward } from "./gates/lstm";
export { lstmAnyGatesBackward, lstmAnyGatesForward } from "./gates/lstm-any";
export { rnnGatesBackward, rnnGatesForward } from "./gates/rnn";
export { activationBackward, activationForward, softmaxBackward, softmaxForward } from "./layers/activation";
export { denseBackward, denseForward, denseGradients, denseTranspose, denseTransposedFloats } from "./layers/dense";
export { denseParameterFloats, denseReadWeights, denseWriteWeights } from "./layers/dense";
export { dropoutMask, dropoutRows, maskRows } from "./layers/dropout";
export {
  layerNormBackward,
  layerNormForward,
  layerNormParameterFloats,
  layerNormStatsFloats,
} from "./layers/layer-norm";
export { addRows, clearPads, copyColumns, gatherRows, multiplyRows, scatterAddRows } from "./simd/rows";
export { packSequence, unpackSequence } from "./layers/sequence";
export { crossEntropy, sumOfValues } from "./loss/cross-entropy";
export { elementwiseLoss } from "./loss/elementwise";
export { gemm, panelProduct } from "./matmul/gemm";
export { row16, row32 } from "./matmul/gemv";
export { gradientScratchFloats, settleBias, weightGradient } from "./matmul/gradient";
export { packTransposed, packWeight, unpackWeight } from "./matmul/pack";
export { tile2x16 } from "./matmul/tile";
export { adam, adamax } from "./optim/adam";
export { allFinite, clipValue, scale, sumOfSquares } from "./optim/clip";
export { adadelta, rmsprop } from "./optim/rmsprop";
export { blend, lion, sgdMomentum } from "./optim/sgd";
export { variant } from "./simd/f32x4";
export { panelFloats, rowStride } from "./simd/layout";
export { expVector, sigmoidVector, tanhVector } from "./simd/math";

/** First byte after the read-only tables of the binary: the allocator in src/core/memory.ts starts here. */
export function heapBase(): usize {
  return __heap_base;
}
