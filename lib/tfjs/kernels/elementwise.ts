import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import { binary, unary } from "../wasm/operations.ts";
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
  replace("Select", ({ inputs: { condition, t, e }, backend }) => {
    if (!areFloats(t, e) || sizeOf(condition.shape) !== sizeOf(t.shape)) return undefined;
    const mask = backend.valuesOf(condition), n = mask.length;
    const out = backend.allocate(t.shape);
    const yes = backend.place(t).values, no = backend.place(e).values;
    // Placing may have made the memory grow, and the first view with it.
    const values = backend.place(out).values;
    for (let i = 0; i < n; i++) values[i] = mask[i] ? yes[i] : no[i];
    return out;
  });
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
  const pa = backend.place(a).pointer, pb = backend.place(b).pointer;
  const out = backend.allocate(shape);
  const kernel = backend.heap.kernels[name];
  const runs = broadcastRuns(a.shape, b.shape, shape);
  const [inner, outer] = [runs[0], runs[1] ?? ONE];
  const strideA = outer.inA ? outer.strideA : 0, strideB = outer.inB ? outer.strideB : 0;
  const block = inner.size * outer.size;
  // Whatever is left of the axes is walked here; nearly always nothing.
  const rest = runs.slice(2);
  const blocks = rest.reduce((count, { size }) => count * size, 1);
  for (let at = 0; at < blocks; at++) {
    let index = at, offsetA = 0, offsetB = 0;
    for (const { size, inA, inB, strideA, strideB } of rest) {
      const i = index % size;
      index = (index - i) / size;
      if (inA) offsetA += i * strideA;
      if (inB) offsetB += i * strideB;
    }
    kernel(
      pa + 4 * offsetA,
      pb + 4 * offsetB,
      out.pointer + 4 * at * block,
      outer.size,
      inner.size,
      strideA,
      strideB,
      inner.inA ? 1 : 0,
      inner.inB ? 1 : 0,
    );
  }
  return out;
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
  let strideA = 1, strideB = 1;
  for (let axis = 1; axis <= out.length; axis++) {
    const size = out[out.length - axis];
    const sizeA = a[a.length - axis] ?? 1, sizeB = b[b.length - axis] ?? 1;
    if (size === 1) continue;
    const inA = sizeA !== 1, inB = sizeB !== 1;
    const last = runs[runs.length - 1];
    if (last !== undefined && last.inA === inA && last.inB === inB) last.size *= size;
    else runs.push({ size, inA, inB, strideA, strideB });
    strideA *= sizeA;
    strideB *= sizeB;
  }
  return runs.length > 0 ? runs : [{ ...ONE, inA: true, inB: true }];
}
