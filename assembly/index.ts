import "./simd/trap";
export { variant } from "./simd/f32x4";

/** First byte after the read-only tables of the binary: the allocator in src/core/memory.ts starts here. */
export function heapBase(): usize {
  return __heap_base;
}
export { gemm, panelProduct } from "./matmul/gemm";
export { tile2x16 } from "./matmul/tile";
export { row16, row32 } from "./matmul/gemv";
export { packWeight, unpackWeight, packTransposed } from "./matmul/pack";
export { weightGradient, gradientScratchFloats } from "./matmul/gradient";
export { rowStride, panelFloats } from "./simd/layout";
export { expVector, sigmoidVector, tanhVector } from "./simd/math";
export { lstmGatesForward, lstmGatesBackward } from "./gates/lstm";
