import { areFloats, replace, sizeOf } from "./replace.ts";

/** Adds layer normalization and its gradient, each one pass over the rows. */
export function registerLayerNorm(): void {
  replace<{ epsilon: number }>("LayerNorm", ({ inputs: { x, gain, shift }, attrs, backend }) => {
    if (!areFloats(x, gain, shift)) return undefined;
    const n = x.shape[x.shape.length - 1];
    const rows = sizeOf(x.shape) / n;
    const [px, pg, ps] = [x, gain, shift].map((tensor) => backend.place(tensor).pointer);
    const out = backend.allocate(x.shape);
    backend.heap.kernels.layer_norm(px, pg, ps, out.pointer, rows, n, attrs.epsilon);
    return out;
  });
  replace<{ epsilon: number }>("LayerNormGrad", ({ inputs: { x, gain, dy }, attrs, backend }) => {
    if (!areFloats(x, gain, dy)) return undefined;
    const n = x.shape[x.shape.length - 1];
    const rows = sizeOf(x.shape) / n;
    const [px, pg, pdy] = [x, gain, dy].map((tensor) => backend.place(tensor).pointer);
    const dx = backend.allocate(x.shape);
    const dgain = backend.allocate([n]);
    const dshift = backend.allocate([n]);
    backend.place(dgain).values.fill(0);
    backend.place(dshift).values.fill(0);
    const pointers = [dx.pointer, dgain.pointer, dshift.pointer];
    backend.heap.kernels.layer_norm_grad(px, pg, pdy, ...pointers, rows, n, attrs.epsilon);
    return [dx, dgain, dshift];
  });
}
