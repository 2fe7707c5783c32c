import "./simd/trap";
export { variant } from "./simd/f32x4";

/** First byte after the read-only tables of the binary: the allocator in src/core/memory.ts starts here. */
export function heapBase(): usize {
  return __heap_base;
}
