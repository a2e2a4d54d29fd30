import { areFloats, replace, requireShape, sizeOf } from "./replace.ts";

/** Adds layer normalization and its gradient, each one pass over the rows. */
export function registerLayerNorm(): void {
  replace<{ epsilon: number }>("LayerNorm", ({ inputs: { x, gain, shift }, attrs, backend }) => {
    if (!areFloats(x, gain, shift)) return undefined;
    const n = x.shape[x.shape.length - 1];
    requireShape("LayerNorm", "gain", gain, [n]);
    requireShape("LayerNorm", "shift", shift, [n]);
    const rows = sizeOf(x.shape) / n;
    const [px, pg, ps] = [x, gain, shift].map((tensor) => backend.place(tensor).pointer);
    const out = backend.allocate(x.shape);
    backend.heap.kernels.layer_norm(px, pg, ps, out.pointer, rows, n, attrs.epsilon);
    return out;
  });
  replace<{ epsilon: number }>("LayerNormGrad", ({ inputs: { x, gain, dy }, attrs, backend }) => {
    if (!areFloats(x, gain, dy)) return undefined;
    const n = x.shape[x.shape.length - 1];
    requireShape("LayerNormGrad", "gain", gain, [n]);
    requireShape("LayerNormGrad", "dy", dy, x.shape);
    const rows = sizeOf(x.shape) / n;
    const [px, pg, pdy] = [x, gain, dy].map((tensor) => backend.place(tensor).pointer);
    const made = [x.shape, [n], [n]].map((shape) => backend.allocate(shape));
    const [dx, dgain, dshift] = made.map(({ pointer }) => pointer);
    const doubles = 8 * (n + 3);
    const { heap } = backend;
    heap.borrow(2 * doubles, (carry) => {
      const pointers = [px, pg, pdy, dx, dgain, dshift, carry, carry + doubles];
      heap.kernels.layer_norm_grad(...pointers, rows, n, attrs.epsilon);
    });
    return made;
  });
}
