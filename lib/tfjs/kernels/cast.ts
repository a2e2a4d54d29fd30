import type { DataType } from "@tensorflow/tfjs-core";
import { replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/**
 * Replaces casts between numbers. A float tensor shares the storage of the integers that it is made of, as in
 * the CPU backend, until a fast kernel needs floats; the CPU backend makes integers through an iterator.
 */
export function registerCast(): void {
  replace<{ dtype: DataType }>("Cast", ({ inputs: { x }, attrs: { dtype }, backend }) => {
    const integers = x.dtype === "int32" || x.dtype === "bool";
    if (sizeOf(x.shape) === 0 || (!integers && x.dtype !== "float32")) return undefined;
    if (integers && dtype === "float32") {
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype };
    }
    const values = valuesOf(backend, x);
    if (x.dtype === "float32" && dtype === "int32") {
      return backend.makeTensorInfo(x.shape, dtype, new Int32Array(values));
    }
    if (x.dtype !== "bool" && dtype === "bool") {
      const flags = new Uint8Array(values.length);
      for (let i = 0; i < flags.length; i++) flags[i] = values[i] !== 0 ? 1 : 0;
      return backend.makeTensorInfo(x.shape, dtype, flags);
    }
    return undefined;
  });
}
