import { replace, sizeOf } from "./replace.ts";

/** Replaces the repetition of a tensor along its axes, whose entries the CPU backend looks up one by one. */
export function registerTile(): void {
  replace<{ reps: number[] }>("Tile", ({ inputs: { x }, attrs: { reps }, backend }) => {
    const size = sizeOf(x.shape);
    const shape = x.shape.map((n, axis) => n * reps[axis]);
    if (!["float32", "int32", "bool"].includes(x.dtype) || size === 0 || sizeOf(shape) === 0) {
      return undefined;
    }
    // Axis by axis, the last first: every block of what is there already comes `times` times in a row.
    let values = backend.valuesOf(x);
    let inner = 1;
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      const times = reps[axis];
      const block = inner * x.shape[axis];
      inner = block * times;
      if (times === 1) continue;
      const from = values;
      const count = from.length / block;
      values = x.dtype === "float32"
        ? new Float32Array(from.length * times)
        : x.dtype === "int32"
        ? new Int32Array(from.length * times)
        : new Uint8Array(from.length * times);
      for (let i = 0; i < count; i++) {
        const start = i * inner;
        if (block === 1) {
          values.fill(from[i], start, start + inner);
          continue;
        }
        values.set(from.subarray(i * block, (i + 1) * block), start);
        for (let done = block; done < inner; done *= 2) {
          values.copyWithin(start + done, start, start + Math.min(done, inner - done));
        }
      }
    }
    return backend.makeTensorInfo(shape, x.dtype, values === backend.valuesOf(x) ? values.slice() : values);
  });
}
