// The memory: first the module's own constants, then what lib/wasm/compiled.ts gives out.

/** The first byte that is not the module's own. */
export function heapBase(): usize {
  return __heap_base;
}
