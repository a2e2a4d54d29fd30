import { engine, mul, registerGradient, sub, sum, type Tensor } from "@tensorflow/tfjs-core";
import { replaceGradient } from "./gradients.ts";
import { areFloats, replace, requireShape, sizeOf } from "./replace.ts";

/**
 * Replaces softmax over the last axis, and its gradient on `native`, which tfjs puts together from four
 * passes.
 */
export function registerSoftmax(): void {
  replace<{ dim: number }>("Softmax", ({ inputs: { logits }, attrs: { dim }, backend }) => {
    const rank = logits.shape.length;
    const n = logits.shape[rank - 1];
    if (!areFloats(logits) || rank === 0 || (dim !== rank - 1 && dim !== -1)) return undefined;
    const { pointer } = backend.place(logits);
    const out = backend.allocate(logits.shape);
    backend.heap.kernels.softmax(pointer, out.pointer, sizeOf(logits.shape) / n, n);
    return out;
  });
  replace("SoftmaxGrad", ({ inputs: { y, dy }, backend }) => {
    if (!areFloats(y, dy)) return undefined;
    requireShape("SoftmaxGrad", "dy", dy, y.shape);
    const n = y.shape[y.shape.length - 1];
    const py = backend.place(y).pointer;
    const pdy = backend.place(dy).pointer;
    const dx = backend.allocate(y.shape);
    backend.heap.kernels.softmax_grad(py, pdy, dx.pointer, sizeOf(y.shape) / n, n);
    return dx;
  });
  replaceGradient("Softmax", (dy, [y], attrs) => {
    const last = y.rank - 1;
    const isOwn = (attrs.dim === last || attrs.dim === -1) && areFloats(y, dy as Tensor);
    return isOwn ? { logits: () => slope(y, dy as Tensor) } : undefined;
  });
  registerGradient({
    kernelName: "SoftmaxGrad",
    inputsToSave: ["y", "dy"],
    gradFunc(ddx, [y, dy]) {
      const change = ddx as Tensor;
      const along = (a: Tensor, b: Tensor) => sum(mul(a, b), -1, true);
      return {
        y: () => sub(mul(change, sub(dy, along(y, dy))), mul(dy, along(change, y))),
        dy: () => slope(y, change),
      };
    },
  });
}

/** `y (dy - sum(dy y))`: softmax's Jacobian, which is symmetric, times dy. */
function slope(y: Tensor, dy: Tensor): Tensor {
  return engine().runKernel("SoftmaxGrad", { y, dy });
}
