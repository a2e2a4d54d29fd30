import { backend_util, slice_util, type Tensor, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { areFloats, isNumber, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** Replaces kernels that cut boxes out of tensors and put them into others. */
export function registerBoxes(): void {
  replace<{ begin: number | number[]; size: number | number[] }>("Slice", (call) => {
    const { inputs: { x }, attrs, backend } = call;
    if (!isNumber(x)) return undefined;
    const [begin, size] = slice_util.parseSliceParams(x as Tensor, attrs.begin, attrs.size);
    slice_util.assertParamsValid(x as Tensor, begin, size);
    if (sizeOf(size) === 0) return undefined;
    if (x.dtype === "float32") return slice(backend, x, begin, size);
    const values = util.getTypedArrayFromDType(x.dtype as "int32", sizeOf(size));
    copyBox(ofArrays(valuesOf(backend, x), values), x.shape, begin, size, size.map(() => 0), size);
    return backend.makeTensorInfo(size, x.dtype, values);
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
    const pointers = parts.map((part) => backend.place(part).pointer);
    const out = backend.allocate(backend_util.computeOutShape(shapes, axis));
    const rows = sizeOf(out.shape.slice(0, axis));
    const step = sizeOf(out.shape) / rows;
    let to = out.pointer;
    shapes.forEach((shape, i) => {
      const run = sizeOf(shape) / rows;
      backend.heap.kernels.copy_rows(pointers[i], to, rows, run, run, step);
      to += 4 * run;
    });
    return out;
  });

  replace<{ paddings: [number, number][]; constantValue: number }>("PadV2", (call) => {
    const { inputs: { x }, attrs: { paddings, constantValue }, backend } = call;
    return isNumber(x) ? pad(backend, x, paddings, constantValue) : undefined;
  });
}

/** A tensor's box of this size; both have entries. */
function slice(backend: NativeBackend, x: TensorInfo, begin: number[], size: number[]): TensorInfo {
  const from = backend.place(x).pointer;
  const out = backend.allocate(size);
  copyBox(inHeap(backend, from, out.pointer), x.shape, begin, size, size.map(() => 0), size);
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
  const isCopied = size.every((length) => length > 0);
  if (x.dtype === "float32") {
    const { pointer } = backend.place(x);
    const out = backend.allocate(shape);
    valuesOf(backend, out).fill(value);
    if (isCopied) copyBox(inHeap(backend, pointer, out.pointer), x.shape, from, shape, to, size);
    return out;
  }
  const values = util.getTypedArrayFromDType(x.dtype as "int32", sizeOf(shape)).fill(value);
  if (isCopied) copyBox(ofArrays(valuesOf(backend, x), values), x.shape, from, shape, to, size);
  return backend.makeTensorInfo(shape, x.dtype, values);
}

/** Copies rows of `run` entries, which begin at an entry of each side and are that many entries apart. */
type CopyRows = (
  from: number,
  to: number,
  rows: number,
  run: number,
  stepFrom: number,
  stepTo: number,
) => void;

/** Between float tensors in the heap. */
function inHeap(backend: NativeBackend, fromPointer: number, toPointer: number): CopyRows {
  const { copy_rows } = backend.heap.kernels;
  return (from, to, ...sizes) => copy_rows(fromPointer + 4 * from, toPointer + 4 * to, ...sizes);
}

function ofArrays(source: backend_util.TypedArray, target: backend_util.TypedArray): CopyRows {
  return (from, to, rows, run, stepFrom, stepTo) => {
    for (let row = 0; row < rows; row++) {
      target.set(source.subarray(from, from + run), to);
      from += stepFrom;
      to += stepTo;
    }
  };
}

/** Copies a box of one array into another, the last axes in one piece as far as it covers them whole in both. */
function copyBox(
  copyRows: CopyRows,
  fromShape: readonly number[],
  fromBegin: readonly number[],
  toShape: readonly number[],
  toBegin: readonly number[],
  size: readonly number[],
): void {
  let whole = Math.max(0, size.length - 1);
  while (whole > 0 && size[whole] === fromShape[whole] && size[whole] === toShape[whole]) whole--;
  const run = sizeOf(size.slice(whole));
  const fromStrides = strides(fromShape);
  const toStrides = strides(toShape);
  const copy = (axis: number, fromStart: number, toStart: number) => {
    const source = fromStart + (fromBegin[axis] ?? 0) * fromStrides[axis];
    const target = toStart + (toBegin[axis] ?? 0) * toStrides[axis];
    if (axis === whole) return copyRows(source, target, 1, run, 0, 0);
    if (axis === whole - 1) {
      const inner = (fromBegin[whole] ?? 0) * fromStrides[whole];
      const innerTo = (toBegin[whole] ?? 0) * toStrides[whole];
      return copyRows(source + inner, target + innerTo, size[axis], run, fromStrides[axis], toStrides[axis]);
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
