import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { binary, comparisons, unary } from "../wasm/operations.ts";
import { areFloats, replace, sizeOf } from "./replace.ts";

/** Replaces the element-wise kernels of the tables in wasm/operations.ts. */
export function registerElementwise(): void {
  for (const [name, { kernel }] of Object.entries(unary)) {
    replace<{ alpha?: number }>(
      kernel,
      ({ inputs, attrs, backend }) =>
        areFloats(inputs.x) ? applyUnary(backend, name, inputs.x, attrs.alpha ?? 0) : undefined,
    );
  }
  for (const [name, { kernel }] of Object.entries(binary)) {
    replace(kernel, ({ inputs, backend }) => {
      const [a, b] = kernel === "EluGrad"
        ? [inputs.dy, inputs.y]
        : kernel === "Prelu"
        ? [inputs.x, inputs.alpha]
        : [inputs.a, inputs.b];
      return areFloats(a, b) ? applyBinary(backend, name, a, b) : undefined;
    });
  }
  for (const [name, { kernel }] of Object.entries(comparisons)) {
    replace(
      kernel,
      ({ inputs: { a, b }, backend }) => areFloats(a, b) ? compare(backend, name, a, b) : undefined,
    );
  }
  replace("Select", ({ inputs: { condition, t, e }, backend }) => {
    if (!areFloats(t, e) || condition.dtype !== "bool" || sizeOf(condition.shape) !== sizeOf(t.shape)) {
      return undefined;
    }
    const { heap } = backend;
    const pt = backend.place(t).pointer;
    const pe = backend.place(e).pointer;
    const flags = backend.valuesOf(condition);
    const n = flags.length;
    const mask = heap.allocate(n);
    const out = backend.allocate(t.shape);
    heap.bytes(mask, n).set(flags);
    heap.kernels.select(mask, pt, pe, out.pointer, n);
    heap.free(mask, n);
    return out;
  });
  replace("Pow", ({ inputs: { a, b }, backend }) => power(backend, a, b));
  replace("AddN", ({ inputs, backend }) => {
    const terms = Object.values(inputs);
    if (!areFloats(...terms)) return undefined;
    const pointers = terms.map((term) => backend.place(term).pointer);
    const size = sizeOf(terms[0].shape);
    const out = backend.allocate(terms[0].shape);
    const { add } = backend.heap.kernels;
    if (terms.length === 1) backend.heap.floats(out.pointer, size).set(backend.valuesOf(terms[0]));
    for (let i = 1; i < terms.length; i++) {
      add(i === 1 ? pointers[0] : out.pointer, pointers[i], out.pointer, 1, size, 0, 0, 1, 1);
    }
    return out;
  });
  replace<{ clipValueMin: number; clipValueMax: number }>(
    "ClipByValue",
    ({ inputs: { x }, attrs, backend }) => {
      if (!areFloats(x)) return undefined;
      const { pointer } = backend.place(x);
      const out = backend.allocate(x.shape);
      backend.heap.kernels.clip(
        pointer,
        out.pointer,
        sizeOf(x.shape),
        attrs.clipValueMin,
        attrs.clipValueMax,
      );
      return out;
    },
  );
}

/** A power with one exponent for all, or with one for each; `undefined` for other broadcasts. */
function power(backend: NativeBackend, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  if (!areFloats(a, b)) return undefined;
  const size = sizeOf(a.shape);
  const each = util.arraysEqual(a.shape, b.shape);
  if (!each && b.shape.length > 0) return undefined;
  const exponents = backend.valuesOf(b);
  const [first] = exponents;
  if (!each && first === 2) return applyUnary(backend, "square", a);
  const out = backend.allocate(a.shape);
  const to = out.values;
  const bases = backend.valuesOf(a);
  const powers = backend.valuesOf(b);
  if (each) { for (let i = 0; i < size; i++) to[i] = bases[i] ** powers[i]; }
  else for (let i = 0; i < size; i++) to[i] = bases[i] ** first;
  return out;
}

/** `f(x)`, entry by entry, in a new tensor. */
export function applyUnary(backend: NativeBackend, name: string, x: TensorInfo, alpha = 0): TensorInfo {
  const { pointer } = backend.place(x);
  const out = backend.allocate(x.shape);
  backend.heap.kernels[name](pointer, out.pointer, sizeOf(x.shape), alpha);
  return out;
}

/** `f(a, b)` with broadcasting, in a new tensor. */
export function applyBinary(backend: NativeBackend, name: string, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const pa = backend.place(a).pointer;
  const pb = backend.place(b).pointer;
  const out = backend.allocate(shape);
  broadcast(backend.heap.kernels[name], a.shape, b.shape, shape, [pa, pb, out.pointer], 4);
  return out;
}

/** A comparison with broadcasting, in a new bool tensor. */
function compare(backend: NativeBackend, name: string, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const size = sizeOf(shape);
  const { heap } = backend;
  const pa = backend.place(a).pointer;
  const pb = backend.place(b).pointer;
  const flags = heap.allocate(size);
  broadcast(heap.kernels[name], a.shape, b.shape, shape, [pa, pb, flags], 1);
  const values = heap.bytes(flags, size).slice();
  heap.free(flags, size);
  return backend.makeTensorInfo(shape, "bool", values);
}

/** Calls a compiled loop of two operands for a broadcast; entries of the answer have `bytes` bytes. */
function broadcast(
  kernel: (...args: number[]) => void,
  a: readonly number[],
  b: readonly number[],
  shape: readonly number[],
  [pa, pb, out]: [a: number, b: number, out: number],
  bytes: number,
): void {
  const runs = broadcastRuns(a, b, shape);
  const [inner, outer] = [runs[0], runs[1] ?? ONE];
  const strideA = outer.inA ? outer.strideA : 0;
  const strideB = outer.inB ? outer.strideB : 0;
  const block = inner.size * outer.size;
  // Whatever is left of the axes is walked here; nearly always nothing.
  const rest = runs.slice(2);
  const blocks = rest.reduce((count, { size }) => count * size, 1);
  for (let at = 0; at < blocks; at++) {
    let index = at;
    let offsetA = 0;
    let offsetB = 0;
    for (const { size, inA, inB, strideA, strideB } of rest) {
      const i = index % size;
      index = (index - i) / size;
      if (inA) offsetA += i * strideA;
      if (inB) offsetB += i * strideB;
    }
    kernel(
      pa + 4 * offsetA,
      pb + 4 * offsetB,
      out + bytes * at * block,
      outer.size,
      inner.size,
      strideA,
      strideB,
      inner.inA ? 1 : 0,
      inner.inB ? 1 : 0,
    );
  }
}

/** Neighbouring axes that both operands walk in the same way. */
interface Run {
  size: number;
  inA: boolean;
  inB: boolean;
  strideA: number;
  strideB: number;
}

const ONE: Run = { size: 1, inA: false, inB: false, strideA: 0, strideB: 0 };

/** The axes of a broadcast, last first, as few as possible. */
function broadcastRuns(a: readonly number[], b: readonly number[], out: readonly number[]): Run[] {
  const runs: Run[] = [];
  let strideA = 1;
  let strideB = 1;
  for (let axis = 1; axis <= out.length; axis++) {
    const size = out[out.length - axis];
    const sizeA = a[a.length - axis] ?? 1;
    const sizeB = b[b.length - axis] ?? 1;
    if (size === 1) continue;
    const inA = sizeA !== 1;
    const inB = sizeB !== 1;
    const last = runs[runs.length - 1];
    if (last !== undefined && last.inA === inA && last.inB === inB) last.size *= size;
    else runs.push({ size, inA, inB, strideA, strideB });
    strideA *= sizeA;
    strideB *= sizeB;
  }
  return runs.length > 0 ? runs : [{ ...ONE, inA: true, inB: true }];
}
