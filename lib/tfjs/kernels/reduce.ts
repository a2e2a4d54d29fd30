import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { reductions } from "../wasm/operations.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** Axes of a reduction, as tfjs gives them. */
interface Axes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims?: boolean;
}

/** A pass over the middle axis of `[outer, size, inner]`; pointers are byte offsets in the heap. */
type Pass = (from: number, to: number, outer: number, size: number, inner: number) => void;

/** Replaces sums, extremes and means. */
export function registerReductions(): void {
  for (const [name, { kernel }] of Object.entries(reductions)) {
    replace<Axes>(
      kernel,
      ({ inputs: { x }, attrs, backend }) =>
        areFloats(x) ? reduce(backend, backend.heap.kernels[name], x, attrs) : undefined,
    );
  }
  replace<Axes>(
    "Sum",
    ({ inputs: { x }, attrs, backend }) => areFloats(x) ? sum(backend, x, attrs) : undefined,
  );
  replace<Axes>("Mean", ({ inputs: { x }, attrs, backend }) => {
    if (areFloats(x)) return mean(backend, x, attrs);
    if ((x.dtype !== "int32" && x.dtype !== "bool") || sizeOf(x.shape) === 0) return undefined;
    const floats = backend.allocate(x.shape);
    valuesOf(backend, floats).set(valuesOf(backend, x));
    const out = mean(backend, floats, attrs);
    backend.disposeIntermediateTensorInfo(floats);
    return out;
  });
}

/** The sum over any axes. */
export function sum(backend: NativeBackend, x: TensorInfo, attrs: Axes): TensorInfo {
  const { kernels } = backend.heap;
  return reduce(
    backend,
    (from, to, outer, size, inner) => kernels.sum(from, to, outer, size, inner, 1),
    x,
    attrs,
  );
}

/** The mean over any axes: that of means, which are over equally many each. */
function mean(backend: NativeBackend, x: TensorInfo, attrs: Axes): TensorInfo {
  const { kernels } = backend.heap;
  return reduce(
    backend,
    (from, to, outer, size, inner) => kernels.sum(from, to, outer, size, inner, size),
    x,
    attrs,
  );
}

/** Reduces any axes: every run of neighbouring ones is one pass, the last run first. */
function reduce(backend: NativeBackend, pass: Pass, x: TensorInfo, attrs: Axes): TensorInfo {
  // No axes given means all of them.
  const axes = new Set(util.parseAxisParam((attrs.axis ?? attrs.reductionIndices)!, x.shape));
  const isReduced = (axis: number) => axes.has(axis);
  const kept = x.shape.filter((_, axis) => !isReduced(axis));
  const shape = attrs.keepDims ? x.shape.map((size, axis) => isReduced(axis) ? 1 : size) : kept;
  let from = x;
  let inner = 1;
  for (let end = x.shape.length; end > 0;) {
    const reduced = isReduced(end - 1);
    let size = 1;
    while (end > 0 && isReduced(end - 1) === reduced) size *= x.shape[--end];
    if (!reduced) {
      inner *= size;
      continue;
    }
    const outer = sizeOf(x.shape.slice(0, end));
    const { pointer } = backend.place(from);
    const to = backend.allocate([outer * inner]);
    pass(pointer, to.pointer, outer, size, inner);
    if (from !== x) backend.disposeIntermediateTensorInfo(from);
    from = to;
  }
  if (from === x) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape, dtype: "float32" };
  }
  return { dataId: from.dataId, shape, dtype: "float32" };
}
