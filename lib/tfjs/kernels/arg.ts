import { util } from "@tensorflow/tfjs-core";
import { areFloats, replace, sizeOf } from "./replace.ts";

/** Replaces the look for the largest and the smallest entry, without moving its axis to the end first. */
export function registerArgs(): void {
  for (const [kernel, sign] of [["ArgMax", 1], ["ArgMin", -1]] as const) {
    replace<{ axis: number | number[] }>(kernel, ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const [axis] = util.parseAxisParam(attrs.axis, x.shape), size = x.shape[axis];
      const before = x.shape.slice(0, axis), after = x.shape.slice(axis + 1);
      const outer = sizeOf(before), inner = sizeOf(after), values = backend.valuesOf(x);
      const indices = new Int32Array(outer * inner);
      // Row by row, so that memory is read in order; a first entry of NaN stays, as in the CPU backend.
      const best = new Float32Array(inner);
      for (let o = 0; o < outer; o++) {
        const start = o * size * inner;
        if (inner === 1) {
          indices[o] = sign > 0 ? largest(values, start, size) : smallest(values, start, size);
          continue;
        }
        for (let j = 0; j < inner; j++) best[j] = sign * values[start + j];
        for (let i = 1; i < size; i++) {
          for (let j = 0, at = start + i * inner, to = o * inner; j < inner; j++) {
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

/** Where the largest of `size` numbers from `start` on is. */
function largest(values: ArrayLike<number>, start: number, size: number): number {
  let top = values[start], index = 0;
  for (let i = 1; i < size; i++) {
    if (values[start + i] > top) {
      top = values[start + i];
      index = i;
    }
  }
  return index;
}

/** Where the smallest is. */
function smallest(values: ArrayLike<number>, start: number, size: number): number {
  let bottom = values[start], index = 0;
  for (let i = 1; i < size; i++) {
    if (values[start + i] < bottom) {
      bottom = values[start + i];
      index = i;
    }
  }
  return index;
}
