// Reductions over the middle axis of [outer, size, inner], written by tools/build_wasm.ts.

//#reduce
