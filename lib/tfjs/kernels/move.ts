import { backend_util, slice_util, type Tensor, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

/** Replaces kernels that only move numbers, where the CPU backend walks them one by one. */
export function registerMoves(): void {
  replace<{ perm: number[] }>(
    "Transpose",
    ({ inputs: { x }, attrs, backend }) => areFloats(x) ? transpose(backend, x, attrs.perm) : undefined,
  );
  replace<{ begin: number | number[]; size: number | number[] }>(
    "Slice",
    ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size);
      slice_util.assertParamsValid(x as never, begin, size);
      if (sizeOf(size) === 0) return undefined;
      const from = backend.place(x).pointer;
      const out = backend.allocate(size);
      copyBox(backend, from, x.shape, begin, out.pointer, size, size.map(() => 0), size);
      return out;
    },
  );
  replace<{ numOrSizeSplits: number | number[]; axis: number }>(
    "SplitV",
    ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const [axis] = util.parseAxisParam(attrs.axis, x.shape);
      const sizes = backend_util.prepareSplitSize(x as Tensor, attrs.numOrSizeSplits, axis);
      if (sizes.includes(0)) return undefined;
      const { pointer } = backend.place(x);
      const begin = x.shape.map(() => 0);
      return sizes.map((along) => {
        const size = x.shape.map((n, i) => i === axis ? along : n);
        const out = backend.allocate(size);
        copyBox(backend, pointer, x.shape, begin, out.pointer, size, size.map(() => 0), size);
        begin[axis] += along;
        return out;
      });
    },
  );
  replace<{ axis: number }>("Unpack", ({ inputs: { value }, attrs, backend }) => {
    const [axis] = util.parseAxisParam(attrs.axis, value.shape);
    const shape = value.shape.slice(1);
    if (!areFloats(value) || axis !== 0) return undefined;
    const { pointer } = backend.place(value);
    const { copy } = backend.heap.kernels;
    const size = sizeOf(shape);
    return Array.from({ length: value.shape[0] }, (_, i) => {
      const out = backend.allocate(shape);
      copy(pointer + 4 * i * size, out.pointer, size);
      return out;
    });
  });
  replace<{ axis: number }>("Concat", ({ inputs, attrs, backend }) => {
    const parts = Object.values(inputs);
    if (!areFloats(...parts)) return undefined;
    const [axis] = util.parseAxisParam(attrs.axis, parts[0].shape);
    const shape = backend_util.computeOutShape(parts.map((part) => part.shape), axis);
    const pointers = parts.map((part) => backend.place(part).pointer);
    const out = backend.allocate(shape);
    const begin = shape.map(() => 0);
    parts.forEach((part, i) => {
      copyBox(backend, pointers[i], part.shape, shape.map(() => 0), out.pointer, shape, begin, part.shape);
      begin[axis] += part.shape[axis];
    });
    return out;
  });
  replace<{ axis: number; batchDims: number }>("GatherV2", ({ inputs: { x, indices }, attrs, backend }) => {
    const [axis] = util.parseAxisParam(attrs.axis, x.shape);
    if (!areFloats(x) || axis !== 0 || attrs.batchDims !== 0) return undefined;
    const ids = backend.valuesOf(indices);
    const width = sizeOf(x.shape.slice(1));
    // The CPU backend knows how to complain about an id outside.
    if (ids.length === 0 || ids.some((id) => id < 0 || id >= x.shape[0])) return undefined;
    backend.place(x);
    const out = backend.allocate([...indices.shape, ...x.shape.slice(1)]);
    const { values } = out;
    const from = backend.place(x).values;
    for (let i = 0; i < ids.length; i++) {
      values.set(from.subarray(ids[i] * width, (ids[i] + 1) * width), i * width);
    }
    return out;
  });
  replace<{ paddings: [number, number][]; constantValue: number }>(
    "PadV2",
    ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const before = attrs.paddings.map(([start]) => start);
      const shape = x.shape.map((size, axis) => size + attrs.paddings[axis][0] + attrs.paddings[axis][1]);
      const from = backend.place(x).pointer;
      const out = backend.allocate(shape);
      out.values.fill(attrs.constantValue);
      copyBox(backend, from, x.shape, x.shape.map(() => 0), out.pointer, shape, before, x.shape);
      return out;
    },
  );
  // The gradient of a look-up; the CPU backend compares all ids with every segment.
  replace<{ numSegments: number }>("UnsortedSegmentSum", ({ inputs: { x, segmentIds }, attrs, backend }) => {
    if (!areFloats(x) || segmentIds.shape.length !== 1 || attrs.numSegments === 0) return undefined;
    const ids = backend.valuesOf(segmentIds);
    const width = sizeOf(x.shape.slice(1));
    backend.place(x);
    const out = backend.allocate([attrs.numSegments, ...x.shape.slice(1)]);
    const values = out.values.fill(0);
    const from = backend.place(x).values;
    for (let i = 0; i < ids.length; i++) {
      // An id outside is dropped, as in the CPU backend.
      if (ids[i] < 0 || ids[i] >= attrs.numSegments) continue;
      const to = ids[i] * width;
      const at = i * width;
      for (let j = 0; j < width; j++) values[to + j] += from[at + j];
    }
    return out;
  });
}

/**
 * Any permutation of axes. Most are, after joining neighbours, one exchange of two: [batch, m, n, run] to
 * [batch, n, m, run]; the others are written plane by plane.
 */
export function transpose(backend: NativeBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const shape = perm.map((axis) => x.shape[axis]);
  // Axes that stay neighbours, in order of the answer: each one's first axis and joint size. Size 1 is
  // nowhere.
  const groups: { first: number; last: number; size: number }[] = [];
  for (const axis of perm) {
    if (x.shape[axis] === 1) continue;
    const group = groups[groups.length - 1];
    const isNext = group !== undefined && x.shape.slice(group.last + 1, axis).every((size) => size === 1) &&
      axis > group.last;
    if (isNext) {
      group.last = axis;
      group.size *= x.shape[axis];
    } else {
      groups.push({ first: axis, last: axis, size: x.shape[axis] });
    }
  }
  const sorted = [...groups].sort((a, b) => a.first - b.first);
  const order = groups.map((group) => sorted.indexOf(group));
  if (order.length <= 1) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape, dtype: "float32" };
  }
  let batch = 1;
  let run = 1;
  const start = order[0] === 0 ? 1 : 0;
  if (start === 1) batch = groups[0].size;
  const end = order[order.length - 1] === order.length - 1 ? order.length - 1 : order.length;
  if (end < order.length) run = groups[order.length - 1].size;
  if (end - start !== 2) return planes(backend, x, shape, groups);
  const n = groups[start].size;
  const m = groups[start + 1].size;
  const { pointer } = backend.place(x);
  const out = backend.allocate(shape);
  backend.heap.kernels.transpose(pointer, out.pointer, batch, m, n, run);
  return out;
}

/**
 * The transpose whose joined axes are `groups`: the last two are one plane, which the others move through
 * `x`.
 */
function planes(
  backend: NativeBackend,
  x: TensorInfo,
  shape: number[],
  groups: readonly { last: number; size: number }[],
): TensorInfo {
  const strides = groups.map(({ last }) => sizeOf(x.shape.slice(last + 1)));
  const sizes = groups.map(({ size }) => size);
  const rank = sizes.length;
  const from = backend.place(x).pointer;
  const out = backend.allocate(shape);
  const { gather_plane } = backend.heap.kernels;
  const m = sizes[rank - 2];
  const n = sizes[rank - 1];
  let to = out.pointer;
  const walk = (axis: number, at: number) => {
    if (axis === rank - 2) {
      gather_plane(at, to, m, n, strides[rank - 2], strides[rank - 1]);
      to += 4 * m * n;
      return;
    }
    for (let i = 0; i < sizes[axis]; i++) walk(axis + 1, at + 4 * i * strides[axis]);
  };
  walk(0, from);
  return out;
}

/** Copies a box of one array into another, the last axes it covers whole in one piece. */
function copyBox(
  backend: NativeBackend,
  from: number,
  fromShape: readonly number[],
  fromBegin: readonly number[],
  to: number,
  toShape: readonly number[],
  toBegin: readonly number[],
  size: readonly number[],
): void {
  const rank = size.length;
  const source = backend.heap.floats(from, sizeOf(fromShape));
  const target = backend.heap.floats(to, sizeOf(toShape));
  if (rank === 0) {
    target[0] = source[0];
    return;
  }
  const fromStrides = [...util.computeStrides([...fromShape]), 1];
  const toStrides = [...util.computeStrides([...toShape]), 1];
  // Axes from `whole` on are copied in one piece: all of them but the first are complete in both arrays.
  let whole = rank - 1;
  while (whole > 0 && size[whole] === fromShape[whole] && size[whole] === toShape[whole]) whole--;
  const run = sizeOf(size.slice(whole));
  const walk = (axis: number, at: number, out: number) => {
    const a = at + fromBegin[axis] * fromStrides[axis];
    const b = out + toBegin[axis] * toStrides[axis];
    if (axis === whole) {
      target.set(source.subarray(a, a + run), b);
      return;
    }
    for (let i = 0; i < size[axis]; i++) walk(axis + 1, a + i * fromStrides[axis], b + i * toStrides[axis]);
  };
  walk(0, 0, 0);
}
