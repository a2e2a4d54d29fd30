import { isNumber, replace, sizeOf } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/** Replaces the repetition of a tensor along its axes, whose entries the CPU backend looks up one by one. */
export function registerTile(): void {
  replace<{ reps: number[] }>("Tile", ({ inputs: { x }, attrs: { reps }, backend }) => {
    if (reps.length !== x.shape.length || !reps.every((times) => Number.isInteger(times) && times >= 0)) {
      throw new RangeError(
        `Tile: \`reps\` must have ${x.shape.length} whole numbers of at least 0, got [${reps}]`,
      );
    }
    const shape = x.shape.map((n, axis) => n * reps[axis]);
    if (!isNumber(x) || sizeOf(shape) === 0) return undefined;
    // Axis by axis, the last first: every block of what is there already comes `times` times in a row.
    let values = valuesOf(backend, x);
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
    return backend.makeTensorInfo(shape, x.dtype, values === valuesOf(backend, x) ? values.slice() : values);
  });
}
