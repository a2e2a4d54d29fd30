import { backend_util, slice_util, type Tensor, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { areFloats, isNumber, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** An array of numbers with a shape, row-major. */
interface Box {
  values: backend_util.TypedArray;
  shape: readonly number[];
}

/** Replaces kernels that cut boxes out of tensors and put them into others. */
export function registerBoxes(): void {
  replace<{ begin: number | number[]; size: number | number[] }>("Slice", (call) => {
    const { inputs: { x }, attrs, backend } = call;
    if (!areFloats(x)) return undefined;
    const [begin, size] = slice_util.parseSliceParams(x as Tensor, attrs.begin, attrs.size);
    slice_util.assertParamsValid(x as Tensor, begin, size);
    return sizeOf(size) > 0 ? slice(backend, x, begin, size) : undefined;
  });

  replace<{ numOrSizeSplits: number | number[]; axis: number }>("SplitV", (call) => {
    const { inputs: { x }, attrs, backend } = call;
    if (!areFloats(x)) return undefined;
    const [axis] = util.parseAxisParam(attrs.axis, x.shape);
    const sizes = backend_util.prepareSplitSize(x as Tensor, attrs.numOrSizeSplits, axis);
    if (sizes.includes(0)) return undefined;
    const begin = x.shape.map(() => 0);
    return sizes.map((along) => {
      const part = slice(backend, x, begin, x.shape.with(axis, along));
      begin[axis] += along;
      return part;
    });
  });

  replace<{ axis: number }>("Unpack", ({ inputs: { value }, attrs, backend }) => {
    const [axis] = util.parseAxisParam(attrs.axis, value.shape);
    if (!areFloats(value) || axis !== 0) return undefined;
    const [count, ...shape] = value.shape;
    const { pointer } = backend.place(value);
    const { copy } = backend.heap.kernels;
    const size = sizeOf(shape);
    return Array.from({ length: count }, (_, i) => {
      const out = backend.allocate(shape);
      copy(pointer + 4 * i * size, out.pointer, size);
      return out;
    });
  });

  replace<{ axis: number }>("Concat", ({ inputs, attrs, backend }) => {
    const parts = Object.values(inputs);
    if (!areFloats(...parts)) return undefined;
    const [axis] = util.parseAxisParam(attrs.axis, parts[0].shape);
    const shapes = parts.map((part) => part.shape);
    backend_util.assertParamsConsistent(shapes, axis);
    for (const part of parts) backend.place(part);
    const out = backend.allocate(backend_util.computeOutShape(shapes, axis));
    const begin = out.shape.map(() => 0);
    for (const part of parts) {
      copyBox(boxOf(backend, part), begin.map(() => 0), boxOf(backend, out), begin, part.shape);
      begin[axis] += part.shape[axis];
    }
    return out;
  });

  replace<{ paddings: [number, number][]; constantValue: number }>("PadV2", (call) => {
    const { inputs: { x }, attrs: { paddings, constantValue }, backend } = call;
    return isNumber(x) ? pad(backend, x, paddings, constantValue) : undefined;
  });
}

/** A tensor's box of this size; both have entries. */
function slice(backend: NativeBackend, x: TensorInfo, begin: number[], size: number[]): TensorInfo {
  backend.place(x);
  const out = backend.allocate(size);
  copyBox(boxOf(backend, x), begin, boxOf(backend, out), size.map(() => 0), size);
  return out;
}

/** Calls `use` with the first entries along every axis of a tensor that may have more; itself if it has not. */
export function cropped<T>(
  backend: NativeBackend,
  x: TensorInfo,
  shape: number[],
  use: (x: TensorInfo) => T,
): T {
  if (util.arraysEqual(x.shape, shape)) return use(x);
  const crop = slice(backend, x, shape.map(() => 0), shape);
  const result = use(crop);
  backend.disposeIntermediateTensorInfo(crop);
  return result;
}

/** Adds entries before and after those along every axis; where there are to be fewer than none, takes some away. */
function pad(backend: NativeBackend, x: TensorInfo, paddings: [number, number][], value: number): TensorInfo {
  if (paddings.length !== x.shape.length) {
    throw new RangeError(`PadV2: \`paddings\` must have ${x.shape.length} pairs, got ${paddings.length}`);
  }
  const shape = x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]);
  if (shape.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new RangeError(
      `PadV2: \`paddings\` of a tensor of shape [${x.shape}] make it one of shape [${shape}]`,
    );
  }
  // What is before the first entry of x or behind its last one is not copied.
  const from = paddings.map(([before]) => Math.max(0, -before));
  const to = paddings.map(([before]) => Math.max(0, before));
  const size = shape.map((length, axis) => Math.min(x.shape[axis] - from[axis], length - to[axis]));
  if (x.dtype === "float32") backend.place(x);
  const out = x.dtype === "float32"
    ? backend.allocate(shape)
    : backend.makeTensorInfo(shape, x.dtype, util.getTypedArrayFromDType(x.dtype as "int32", sizeOf(shape)));
  const target = boxOf(backend, out);
  target.values.fill(value);
  if (size.every((length) => length > 0)) copyBox(boxOf(backend, x), from, target, to, size);
  return out;
}

function boxOf(backend: NativeBackend, { dataId, shape, dtype }: TensorInfo): Box {
  return { values: valuesOf(backend, { dataId, shape, dtype }), shape };
}

/** Copies a box of one array into another, the last axes in one piece as far as it covers them whole in both. */
function copyBox(
  from: Box,
  fromBegin: readonly number[],
  to: Box,
  toBegin: readonly number[],
  size: readonly number[],
): void {
  let whole = Math.max(0, size.length - 1);
  while (whole > 0 && size[whole] === from.shape[whole] && size[whole] === to.shape[whole]) whole--;
  const run = sizeOf(size.slice(whole));
  const fromStrides = strides(from.shape);
  const toStrides = strides(to.shape);
  const copy = (axis: number, fromStart: number, toStart: number) => {
    const source = fromStart + (fromBegin[axis] ?? 0) * fromStrides[axis];
    const target = toStart + (toBegin[axis] ?? 0) * toStrides[axis];
    if (axis === whole) {
      to.values.set(from.values.subarray(source, source + run), target);
      return;
    }
    for (let i = 0; i < size[axis]; i++) {
      copy(axis + 1, source + i * fromStrides[axis], target + i * toStrides[axis]);
    }
  };
  copy(0, 0, 0);
}

/** By how many entries one moves along each axis; 1 for the scalar, which has none. */
function strides(shape: readonly number[]): number[] {
  const steps = [1];
  for (let axis = shape.length - 1; axis > 0; axis--) steps.unshift(steps[0] * shape[axis]);
  return steps;
}
