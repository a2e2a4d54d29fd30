import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { orderBySegment, sumRows } from "./gather.ts";
import { areFloats, replace, requireShape, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/**
 * Replaces sums of floats that go to places given by integers. The CPU backend adds them up as floats: a count
 * ends at 2^24.
 */
export function registerCounts(): void {
  replace<{ size: number }>("Bincount", ({ inputs: { x, weights }, attrs, backend }) => {
    if (weights.dtype !== "float32") return undefined;
    return backend.makeTensorInfo([attrs.size], "float32", counts(backend, x, weights, 1, attrs.size));
  });

  replace<{ size: number; binaryOutput: boolean }>("DenseBincount", (call) => {
    const { inputs: { x, weights }, attrs: { size, binaryOutput }, backend } = call;
    if (weights.dtype !== "float32" || x.shape.length > 2 || binaryOutput) return undefined;
    const rows = x.shape.length === 2 ? x.shape[0] : 1;
    const shape = x.shape.length === 2 ? [rows, size] : [size];
    return backend.makeTensorInfo(shape, "float32", counts(backend, x, weights, rows, size));
  });

  replace<{ shape: number[] }>("ScatterNd", ({ inputs: { indices, updates }, attrs, backend }) => {
    if (!areFloats(updates) || sizeOf(attrs.shape) === 0) return undefined;
    const { sliceRank, numUpdates, sliceSize, strides, outputSize } = backend_util.calculateShapes(
      updates,
      indices,
      attrs.shape,
    );
    const segments = outputSize / sliceSize;
    const places = valuesOf(backend, indices);
    const ids = new Int32Array(numUpdates);
    for (let i = 0; i < numUpdates; i++) {
      for (let axis = 0; axis < sliceRank; axis++) ids[i] += places[i * sliceRank + axis] * strides[axis];
    }
    // The CPU backend has an error for an index outside.
    if (sizeOf(updates.shape) !== numUpdates * sliceSize || !ids.every((id) => id >= 0 && id < segments)) {
      return undefined;
    }
    return sumRows(backend, updates, orderBySegment(ids, segments), attrs.shape);
  });

  for (const kernel of ["SparseSegmentSum", "SparseSegmentMean"]) {
    replace(kernel, ({ inputs: { data, indices, segmentIds }, backend }) => {
      const [rows, ...rest] = data.shape;
      const order = valuesOf(backend, indices);
      const ids = valuesOf(backend, segmentIds);
      // The CPU backend has errors for indices outside and for segments that are out of order.
      const isRight = areFloats(data) && rows !== undefined && indices.shape.length === 1 &&
        segmentIds.shape.length === 1 && ids.length === order.length && ids.length > 0 &&
        order.every((row) => row >= 0 && row < rows) && ids.every((id, i) =>
          id >= (i === 0 ? 0 : ids[i - 1])
        );
      if (!isRight) return undefined;
      const segments = ids[ids.length - 1] + 1;
      const { starts } = orderBySegment(ids, segments);
      const out = sumRows(backend, data, { order, starts }, [segments, ...rest]);
      if (kernel === "SparseSegmentMean") {
        const values = valuesOf(backend, out);
        const width = sizeOf(rest);
        for (let s = 0; s < segments; s++) {
          const count = Math.max(1, starts[s + 1] - starts[s]);
          for (let i = s * width; i < (s + 1) * width; i++) values[i] /= count;
        }
      }
      return out;
    });
  }
}

/** How often each of 0..size - 1 is in each row of x, or the sum of the weights there. */
function counts(
  backend: NativeBackend,
  x: TensorInfo,
  weights: TensorInfo,
  rows: number,
  size: number,
): Float32Array {
  const values = valuesOf(backend, x);
  const isWeighted = sizeOf(weights.shape) > 0;
  if (isWeighted) requireShape("Bincount", "weights", weights, x.shape);
  const weightOf = isWeighted ? valuesOf(backend, weights) : undefined;
  const sums = new Float64Array(rows * size);
  const columns = values.length / rows;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < 0) throw new RangeError(`bincount: \`x\` must have no negative entry, got ${values[i]}`);
    if (values[i] < size) sums[Math.floor(i / columns) * size + values[i]] += weightOf?.[i] ?? 1;
  }
  return Float32Array.from(sums);
}
