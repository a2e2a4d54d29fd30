import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** Replaces look-ups of rows and their gradient. */
export function registerGather(): void {
  replace<{ axis: number; batchDims: number }>("GatherV2", ({ inputs: { x, indices }, attrs, backend }) => {
    const [axis] = util.parseAxisParam(attrs.axis, x.shape);
    if (!areFloats(x) || axis !== 0 || attrs.batchDims !== 0) return undefined;
    const [rows, ...rest] = x.shape;
    const ids = valuesOf(backend, indices);
    // The CPU backend has an error for an id outside.
    if (ids.length === 0 || !ids.every((id) => id >= 0 && id < rows)) return undefined;
    const { pointer } = backend.place(x);
    const out = backend.allocate([...indices.shape, ...rest]);
    const { heap } = backend;
    heap.borrow(4 * ids.length, (order) => {
      new Int32Array(heap.buffer, order, ids.length).set(ids);
      heap.kernels.gather_rows(pointer, order, out.pointer, ids.length, sizeOf(rest));
    });
    return out;
  });

  // The CPU backend compares all ids with every segment.
  replace<{ numSegments: number }>("UnsortedSegmentSum", ({ inputs: { x, segmentIds }, attrs, backend }) => {
    const { numSegments } = attrs;
    const [count, ...rest] = x.shape;
    const hasOneIdPerRow = segmentIds.shape.length === 1 && segmentIds.shape[0] === count;
    if (!areFloats(x) || !hasOneIdPerRow || numSegments === 0) return undefined;
    const order = orderBySegment(valuesOf(backend, segmentIds), numSegments);
    return sumRows(backend, x, order, [numSegments, ...rest]);
  });
}

/** Rows by segment: those of segment `s` are `order[starts[s]]` to `order[starts[s + 1] - 1]`. */
export interface SegmentOrder {
  order: ArrayLike<number>;
  starts: ArrayLike<number>;
}

/** Sorts rows by their segments' ids, those of a segment in their order; rows of no segment are left out. */
export function orderBySegment(ids: ArrayLike<number>, segments: number): SegmentOrder {
  const starts = new Int32Array(segments + 1);
  const order = new Int32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id >= 0 && id < segments) starts[id + 1]++;
  }
  for (let s = 0; s < segments; s++) starts[s + 1] += starts[s];
  const next = starts.slice();
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id >= 0 && id < segments) order[next[id]++] = row;
  }
  return { order, starts };
}

/** A tensor whose rows are sums of rows of `x`, one row per segment. */
export function sumRows(
  backend: NativeBackend,
  x: TensorInfo,
  { order, starts }: SegmentOrder,
  shape: number[],
): TensorInfo {
  const { heap } = backend;
  const { pointer } = backend.place(x);
  const out = backend.allocate(shape);
  const segments = starts.length - 1;
  const width = sizeOf(shape) / segments;
  heap.borrow(4 * (starts.length + order.length), (at) => {
    const numbers = new Int32Array(heap.buffer, at, starts.length + order.length);
    numbers.set(starts);
    numbers.set(order, starts.length);
    heap.kernels.sum_segments(pointer, at + 4 * starts.length, at, out.pointer, segments, width);
  });
  return out;
}
