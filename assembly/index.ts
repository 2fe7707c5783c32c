import "./simd/trap";

/** First byte after the read-only tables of the binary: the allocator in src/core/memory.ts starts here. */
export function heapBase(): usize {
  assert(__heap_base > 0);
  return __heap_base;
}
