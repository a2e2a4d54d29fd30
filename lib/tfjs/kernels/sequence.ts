import { replace } from "./replace.ts";
import { valuesOf } from "../storage.ts";

/**
 * Replaces sequences of equidistant floats. Each is computed from the first one: the CPU backend adds the step
 * to the one before, as floats, so that the last of a million is off by a percent.
 */
export function registerSequences(): void {
  replace<{ start: number; stop: number; num: number }>("LinSpace", ({ attrs, backend }) => {
    const { start, stop, num } = attrs;
    const out = backend.allocate([num]);
    const values = valuesOf(backend, out);
    for (let i = 0; i < num; i++) {
      const share = i / Math.max(1, num - 1);
      values[i] = start * (1 - share) + stop * share;
    }
    return out;
  });

  replace<{ start: number; stop: number; step: number; dtype: string }>("Range", ({ attrs, backend }) => {
    const { start, stop, dtype } = attrs;
    // As in the CPU backend, a step of 1 may lead downwards too.
    const step = stop < start && attrs.step === 1 ? -1 : attrs.step;
    if (dtype !== "float32" || !((stop - start) * step > 0)) return undefined;
    const count = Math.abs(Math.ceil((stop - start) / attrs.step));
    const out = backend.allocate([count]);
    const values = valuesOf(backend, out);
    for (let i = 0; i < count; i++) values[i] = start + i * step;
    return out;
  });
}
