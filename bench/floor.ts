/**
 * The least time that this machine needs for some work, from its speed as measured here: one thread, float32.
 */
import { median } from "simple-statistics";
import { now } from "./clock.ts";
import { Rng } from "../lib/arrays/mod.ts";
import { engine } from "../lib/blas/choice.ts";

/** Operations and bytes of some work. */
export interface Work {
  /** Multiplications and additions in matrix products. */
  flops?: number;
  /** Bytes that are read or written. */
  bytes?: number;
}

let gemmSpeed: number | undefined;
let memorySpeed: number | undefined;

/** Operations a millisecond in a product of 512 x 512 matrices. */
function flopsPerMs(): number {
  const n = 512;
  const a = Float32Array.from(new Rng(1).normals(n * n));
  const c = new Float32Array(n * n);
  return gemmSpeed ??= 2 * n ** 3 /
    milliseconds(() => engine().gemm(false, false, n, n, n, 1, a, n, a, n, 0, c, n));
}

/** Bytes a millisecond in a copy that no cache holds. */
function bytesPerMs(): number {
  const from = new Float32Array(1 << 24).fill(1);
  const to = new Float32Array(1 << 24);
  return memorySpeed ??= 8 * from.length / milliseconds(() => to.set(from));
}

function milliseconds(run: () => void): number {
  const times = Array.from({ length: 9 }, () => {
    const start = now();
    run();
    return now() - start;
  });
  return median(times);
}

/** Milliseconds for the products and, after them, for moving the bytes. */
export function floorMs({ flops = 0, bytes = 0 }: Work): number {
  return (flops > 0 ? flops / flopsPerMs() : 0) + (bytes > 0 ? bytes / bytesPerMs() : 0);
}

/**
 * A training step with Adam: products in numbers of their forward pass (twice as much again for the
 * gradients), parameters read and written by the step, and every activation written, read twice, and its
 * gradient written and read.
 */
export function trainingStep(
  { forwardFlops, firstLayerFlops, parameters, activations }: {
    forwardFlops: number;
    /** Part of `forwardFlops` whose input has no gradient. */
    firstLayerFlops: number;
    parameters: number;
    activations: number;
  },
): Work {
  return {
    flops: 3 * forwardFlops - firstLayerFlops,
    bytes: 4 * (8 * parameters + 5 * activations),
  };
}
