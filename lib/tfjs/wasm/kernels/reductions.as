// Reductions of the middle axis of [outer, size, inner], and running ones, written by tools/build_wasm.ts.

//#reduce
//#scan
