import { replace } from "./replace.ts";

/**
 * Replaces sequences of equidistant floats. Each is computed from the first one: the CPU backend adds the step
 * to the one before, as floats, so that the last of a million is off by a percent.
 */
export function registerSequences(): void {
  replace<{ start: number; stop: number; num: number }>("LinSpace", ({ attrs, backend }) => {
    const { start, stop, num } = attrs;
    const out = backend.allocate([num]);
    const values = backend.valuesOf(out);
    for (let i = 0; i < num; i++) values[i] = start + (stop - start) * (i / Math.max(1, num - 1));
    if (num > 1) values[num - 1] = stop;
    return out;
  });

  replace<{ start: number; stop: number; step: number; dtype: string }>("Range", ({ attrs, backend }) => {
    const { start, stop, dtype } = attrs;
    // As in the CPU backend, a step of 1 may lead downwards too.
    const step = stop < start && attrs.step === 1 ? -1 : attrs.step;
    if (dtype !== "float32" || start === stop || (stop - start) * step < 0) return undefined;
    const count = Math.ceil((stop - start) / step);
    const out = backend.allocate([count]);
    const values = backend.valuesOf(out);
    for (let i = 0; i < count; i++) values[i] = start + i * step;
    return out;
  });
}
