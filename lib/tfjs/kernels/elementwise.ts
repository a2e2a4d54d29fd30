import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { binary, comparisons, unary } from "../wasm/operations.ts";
import { areFloats, replace, requireShape, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** What the operands of a kernel are called where it is not `a` and `b`. */
const OPERANDS: Record<string, [string, string]> = { EluGrad: ["dy", "y"], Prelu: ["x", "alpha"] };

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
    const [first, second] = OPERANDS[kernel] ?? ["a", "b"];
    // Gradients are entry by entry: no broadcasting.
    const isGradient = kernel.endsWith("Grad");
    replace(kernel, ({ inputs, backend }) => {
      const a = inputs[first];
      const b = inputs[second];
      if (!areFloats(a, b)) return undefined;
      if (isGradient) requireShape(kernel, second, b, a.shape);
      return applyBinary(backend, name, a, b);
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
    requireShape("Select", "e", e, t.shape);
    const { heap } = backend;
    const pt = backend.place(t).pointer;
    const pe = backend.place(e).pointer;
    const flags = valuesOf(backend, condition);
    const n = flags.length;
    const out = backend.allocate(t.shape);
    heap.borrow(n, (mask) => {
      heap.bytes(mask, n).set(flags);
      heap.kernels.select(mask, pt, pe, out.pointer, n);
    });
    return out;
  });
  replace("Pow", ({ inputs: { a, b }, backend }) => power(backend, a, b));
  replace("AddN", ({ inputs, backend }) => {
    const terms = Object.values(inputs);
    if (!areFloats(...terms)) return undefined;
    const { shape } = terms[0];
    terms.forEach((term, i) => requireShape("AddN", `tensors[${i}]`, term, shape));
    const pointers = terms.map((term) => backend.place(term).pointer);
    const out = backend.allocate(shape);
    const { heap } = backend;
    heap.borrow(4 * terms.length, (arrays) => {
      new Uint32Array(heap.buffer, arrays, terms.length).set(pointers);
      heap.kernels.sum_arrays(arrays, terms.length, out.pointer, sizeOf(shape));
    });
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

/** Powers with broadcasting; squares are a multiplication. */
function power(backend: NativeBackend, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  if (!areFloats(a, b)) return undefined;
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  if (sizeOf(b.shape) === 1 && valuesOf(backend, b)[0] === 2) {
    return { ...applyUnary(backend, "square", a), shape };
  }
  return binaryOf(backend, powers, a, b, shape);
}

/** As in C and NumPy, 1 to any power is 1, also to NaN, and so is -1 to infinity. */
function powerOf(base: number, exponent: number): number {
  const power = base ** exponent;
  const isOne = power !== power && (base === 1 || (base === -1 && Math.abs(exponent) === Infinity));
  return isOne ? 1 : power;
}

/** Powers in a loop of the same arguments as the compiled ones, on the floats of a heap. */
function powers({ heap }: NativeBackend): BinaryLoop {
  return (pa, pb, out, outer, inner, outerA, outerB, innerA, innerB) => {
    const floats = new Float32Array(heap.buffer);
    for (let o = 0; o < outer; o++) {
      const a = pa / 4 + o * outerA;
      const b = pb / 4 + o * outerB;
      const to = out / 4 + o * inner;
      for (let i = 0; i < inner; i++) {
        floats[to + i] = powerOf(floats[a + i * innerA], floats[b + i * innerB]);
      }
    }
  };
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
  if (!util.arraysEqual(a.shape, b.shape)) {
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    return binaryOf(backend, ({ heap }) => heap.kernels[name], a, b, shape);
  }
  const pa = backend.place(a).pointer;
  const pb = backend.place(b).pointer;
  const out = backend.allocate(a.shape);
  backend.heap.kernels[name](pa, pb, out.pointer, 1, sizeOf(a.shape), 0, 0, 1, 1);
  return out;
}

/**
 * A loop over rows of `[outer, inner]`: after the pointers of both operands and of the result come the sizes,
 * and by how many entries an operand moves from row to row and from entry to entry; 0 repeats it.
 */
type BinaryLoop = (...args: number[]) => void;

function binaryOf(
  backend: NativeBackend,
  loop: (backend: NativeBackend) => BinaryLoop,
  a: TensorInfo,
  b: TensorInfo,
  shape: number[],
): TensorInfo {
  const pa = backend.place(a).pointer;
  const pb = backend.place(b).pointer;
  const out = backend.allocate(shape);
  broadcast(loop(backend), a.shape, b.shape, shape, [pa, pb, out.pointer], 4);
  return out;
}

/** A comparison with broadcasting, in a new bool tensor. */
function compare(backend: NativeBackend, name: string, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const size = sizeOf(shape);
  const { heap } = backend;
  const pa = backend.place(a).pointer;
  const pb = backend.place(b).pointer;
  const values = heap.borrow(size, (flags) => {
    broadcast(heap.kernels[name], a.shape, b.shape, shape, [pa, pb, flags], 1);
    return heap.bytes(flags, size).slice();
  });
  return backend.makeTensorInfo(shape, "bool", values);
}

/** Calls a loop of two operands for a broadcast; entries of the result have `bytes` bytes. */
function broadcast(
  loop: BinaryLoop,
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
    loop(
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
