import { util } from "@tensorflow/tfjs-core";
import { areFloats, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** Replaces the look for the largest and the smallest entry, without moving its axis to the end first. */
export function registerArgs(): void {
  for (const [kernel, sign] of [["ArgMax", 1], ["ArgMin", -1]] as const) {
    replace<{ axis: number | number[] }>(kernel, ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const [axis] = util.parseAxisParam(attrs.axis, x.shape);
      const size = x.shape[axis];
      const before = x.shape.slice(0, axis);
      const after = x.shape.slice(axis + 1);
      const outer = sizeOf(before);
      const inner = sizeOf(after);
      if (inner === 1) {
        const { heap } = backend;
        const { pointer } = backend.place(x);
        const indices = heap.borrow(4 * outer, (to) => {
          heap.kernels.arg_extreme(pointer, to, outer, size, sign < 0 ? 1 : 0);
          return new Int32Array(heap.buffer, to, outer).slice();
        });
        return backend.makeTensorInfo([...before, ...after], "int32", indices);
      }
      const indices = new Int32Array(outer * inner);
      const values = valuesOf(backend, x);
      // Row by row, so that memory is read in order; a first entry of NaN stays, as in the CPU backend.
      const best = new Float32Array(inner);
      for (let o = 0; o < outer; o++) {
        const start = o * size * inner;
        for (let j = 0; j < inner; j++) best[j] = sign * values[start + j];
        for (let i = 1; i < size; i++) {
          const at = start + i * inner;
          const to = o * inner;
          for (let j = 0; j < inner; j++) {
            const value = sign * values[at + j];
            if (value > best[j]) {
              best[j] = value;
              indices[to + j] = i;
            }
          }
        }
      }
      return backend.makeTensorInfo([...before, ...after], "int32", indices);
    });
  }
}
