/** The local integral of an operator network on one grid: forward and reverse pass. Not public. */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import type { KernelPass } from "./operator_network.ts";
import { kernelResampling, requireScale, type ResamplingMethod } from "./resampling.ts";

/** Entries of the gathered neighbours that are held at once: they stay in the second-level cache. */
const GATHERED = 2 ** 18;

/** Sizes of {@linkcode localKernel}. */
export interface LocalKernelSizes {
  /** Points n of the grid, and functions on it. */
  n: number;
  functions: number;
  /** Channels in and out. */
  width: number;
  taps: number;
  trainN: number;
  method: ResamplingMethod;
}

/**
 * The convolution of channels [channel][point][function] with taps [tap][in][out], resampled for the grid.
 *
 * On a grid that is s times as fine, the `"hat"` convolution of k taps resampled to (k + 1) s - 1 is the
 * average of the function with a hat of 2 s - 1 points, the same for all channels, followed by the k taps at
 * distance s.
 */
export function localKernel(like: RealArray, sizes: LocalKernelSizes): KernelPass {
  const { n, functions, width, taps, trainN, method } = sizes;
  const columns = n * functions;
  const smoothing = method === "hat" ? Math.max(1, requireScale(n, trainN)) : 1;
  const { matrix, first } = kernelResampling(taps, smoothing > 1 ? trainN : n, { trainN, method });
  const taken = matrix.rows;
  const spread = Array.from({ length: taken }, (_, t) => (first + t) * smoothing * functions);
  const isResampled = method !== "naive" && (taken !== taps || n < trainN);
  const resampling = isResampled ? allocateLike(like, matrix.data.length) : undefined;
  resampling?.set(matrix.data);
  const pairs = width * width;
  const inner = taken * width;
  const chunk = Math.max(1, Math.min(columns, Math.floor(GATHERED / inner)));
  const gathered = allocateLike(like, inner * chunk);
  const smoothed = smoothing > 1 ? allocateLike(like, width * columns) : undefined;
  const resampled = allocateLike(like, taken * pairs);
  const turned = allocateLike(like, taken * pairs);

  /** Neighbours at some distances of the points from `start` on, [distance][channel][point]. */
  const gather = (source: RealArray, start: number, count: number, sign: 1 | -1) => {
    let to = 0;
    for (const distance of spread) {
      const from = (((start + sign * distance) % columns) + columns) % columns;
      const before = Math.min(count, columns - from);
      for (let c = 0; c < width; c++, to += count) {
        const at = c * columns;
        gathered.set(source.subarray(at + from, at + from + before), to);
        if (before < count) gathered.set(source.subarray(at, at + count - before), to + before);
      }
    }
  };

  const inChunks = (pass: (start: number, count: number) => void) => {
    for (let start = 0; start < columns; start += chunk) pass(start, Math.min(chunk, columns - start));
  };

  /** The trained taps, resampled if the grid is another one. */
  const tapsFor = (kernel: RealArray): RealArray => {
    if (resampling === undefined) return kernel;
    engine().gemm(false, false, taken, pairs, taps, 1, resampling, taps, kernel, pairs, 0, resampled, pairs);
    return resampled;
  };

  return {
    forward(v, kernel, z) {
      const source = smoothed === undefined ? v : smoothed;
      if (smoothed !== undefined) {
        smoothed.fill(0);
        addHatAverage(v, smoothed, smoothing, columns, functions);
      }
      const weights = tapsFor(kernel);
      inChunks((start, count) => {
        gather(source, start, count, 1);
        const out = z.subarray(start);
        engine().gemm(true, false, width, count, inner, 1, weights, width, gathered, count, 1, out, columns);
      });
    },
    backward(v, kernel, dz, dv, dKernel) {
      const source = smoothed === undefined ? v : smoothed;
      const target = smoothed === undefined ? dv : allocateLike(like, width * columns);
      if (smoothed !== undefined) {
        smoothed.fill(0);
        addHatAverage(v, smoothed, smoothing, columns, functions);
      }
      // [in][tap][out]: one gathering of dz serves the derivatives by the input and by the taps.
      turn(tapsFor(kernel), turned, taken, width);
      const sums = allocateLike(like, taken * pairs);
      inChunks((start, count) => {
        gather(dz, start, count, -1);
        const out = target.subarray(start);
        const from = source.subarray(start);
        engine().gemm(false, false, width, count, inner, 1, turned, inner, gathered, count, 1, out, columns);
        engine().gemm(false, true, width, inner, count, 1, from, columns, gathered, count, 1, sums, inner);
      });
      const byTap = turnBack(sums, allocateLike(like, taken * pairs), taken, width);
      if (resampling === undefined) {
        for (let i = 0; i < byTap.length; i++) dKernel[i] += byTap[i];
      } else {
        engine().gemm(true, false, taps, pairs, taken, 1, resampling, taps, byTap, pairs, 1, dKernel, pairs);
      }
      if (smoothed !== undefined) addHatAverage(target, dv, smoothing, columns, functions);
    },
  };
}

/** [tap][in][out] as [in][tap][out]. */
function turn(from: RealArray, to: RealArray, taps: number, width: number): RealArray {
  for (let t = 0; t < taps; t++) {
    for (let c = 0; c < width; c++) {
      for (let o = 0; o < width; o++) to[(c * taps + t) * width + o] = from[(t * width + c) * width + o];
    }
  }
  return to;
}

/** [in][tap][out] as [tap][in][out]. */
function turnBack(from: RealArray, to: RealArray, taps: number, width: number): RealArray {
  for (let t = 0; t < taps; t++) {
    for (let c = 0; c < width; c++) {
      for (let o = 0; o < width; o++) to[(t * width + c) * width + o] = from[(c * taps + t) * width + o];
    }
  }
  return to;
}

/**
 * Adds the average with weights (s - |q|) / s^2 over the neighbours q of each point, |q| < s; it is its own
 * adjoint.
 */
function addHatAverage(from: RealArray, to: RealArray, s: number, columns: number, functions: number): void {
  for (let q = 1 - s; q < s; q++) {
    const weight = (s - Math.abs(q)) / (s * s);
    const shift = ((q * functions) % columns + columns) % columns;
    for (let start = 0; start < from.length; start += columns) {
      const end = start + columns - shift;
      for (let i = start; i < end; i++) to[i] += weight * from[i + shift];
      for (let i = end; i < start + columns; i++) to[i] += weight * from[i + shift - columns];
    }
  }
}
