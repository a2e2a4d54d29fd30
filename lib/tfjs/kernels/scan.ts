import { type backend_util, util } from "@tensorflow/tfjs-core";
import { scans } from "../wasm/operations.ts";
import { areFloats, onCpu, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

interface ScanAttributes {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

/**
 * Replaces running sums and products, and the reversal of axes: row by row along the axis, whichever it is.
 */
export function registerScans(): void {
  for (const [name, { kernel }] of Object.entries(scans)) {
    replace<ScanAttributes>(kernel, ({ inputs: { x }, attrs, backend }) => {
      if (x.shape.length === 0) return undefined;
      const { exclusive, reverse } = attrs;
      const [axis] = util.parseAxisParam(attrs.axis, x.shape);
      // The CPU backend makes an axis more of a negative one.
      if (!areFloats(x)) return onCpu(kernel, { x }, { ...attrs, axis }, backend);
      const [outer, size, inner] = around(x.shape, axis);
      const { pointer } = backend.place(x);
      const out = backend.allocate(x.shape);
      backend.heap.kernels[name](pointer, out.pointer, outer, size, inner, +exclusive, +reverse);
      return out;
    });
  }
  replace<{ dims: number | number[] }>("Reverse", ({ inputs: { x }, attrs: { dims }, backend }) => {
    const axes = util.parseAxisParam(dims, x.shape);
    if (!areFloats(x) || x.shape.length === 0 || axes.length === 0) return undefined;
    const out = backend.allocate(x.shape);
    const values = valuesOf(backend, out);
    let from = valuesOf(backend, x);
    for (const axis of axes) {
      reverse(from, values, around(x.shape, axis));
      from = values;
    }
    return out;
  });
}

/** An axis as the middle one of three. */
function around(shape: readonly number[], axis: number): [outer: number, size: number, inner: number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];
}

/** Reverses the middle axis; `to` may be `from`. */
function reverse(
  from: backend_util.TypedArray,
  to: backend_util.TypedArray,
  [outer, size, inner]: [outer: number, size: number, inner: number],
): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; 2 * i < size; i++) {
      const a = (o * size + i) * inner;
      const b = (o * size + size - 1 - i) * inner;
      for (let j = 0; j < inner; j++) {
        const first = from[a + j];
        to[a + j] = from[b + j];
        to[b + j] = first;
      }
    }
  }
}
