import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { reductions } from "../wasm/operations.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

/** Axes of a reduction, as tfjs gives them. */
interface Axes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims?: boolean;
}

/** Replaces sums, extremes and means. */
export function registerReductions(): void {
  for (const [name, { kernel }] of Object.entries(reductions)) {
    replace<Axes>(
      kernel,
      ({ inputs: { x }, attrs, backend }) => areFloats(x) ? reduce(backend, name, x, attrs) : undefined,
    );
  }
  replace<Axes>("Mean", ({ inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const out = reduce(backend, "sum", x, attrs);
    const values = backend.place(out).values;
    const scale = values.length / sizeOf(x.shape);
    for (let i = 0; i < values.length; i++) values[i] *= scale;
    return out;
  });
}

/** Reduces any axes: every run of neighbouring ones is one pass, the last run first. */
export function reduce(backend: NativeBackend, name: string, x: TensorInfo, attrs: Axes): TensorInfo {
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
    backend.heap.kernels[name](pointer, to.pointer, outer, size, inner);
    if (from !== x) backend.disposeIntermediateTensorInfo(from);
    from = to;
  }
  if (from === x) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape, dtype: "float32" };
  }
  return { dataId: from.dataId, shape, dtype: "float32" };
}
