import { ComplexMatrix, requireFinite } from "../arrays/mod.ts";
import { batchedSingularValues } from "../linalg/mod.ts";
import { type ConvolutionShape, requireKernel, requireOutputSize, type Sizes } from "./shape.ts";

/**
 * The blocks of a circular strided convolution in the Fourier domain. With the phases
 * `x_{c,p,q}[i, j] = x[c, S i + p, S j + q]` of the image and N x N discrete Fourier transforms of the phases
 * and of the outputs, the layer multiplies, at each of the N^2 frequencies by itself, the C S^2 numbers of
 * the phases by an M x C S^2 block (polyphase form; Vaidyanathan 1993, "Multirate systems and filter banks",
 * section 4.3; Sedghi, Gupta & Long 2019 for stride 1). The kernel's few taps are summed directly, first
 * along one axis and then along the other: N^2 k M C complex products, any N.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @param outputSize Outputs N per side; the image has S N pixels per side, at least k.
 * @returns (N^2 M) x (C S^2): the blocks on top of each other, that of frequency (u, v) at number `u N + v`;
 * columns (c, p, q).
 * @throws {RangeError} if a size is out of range, the kernel has another length, or the image is too small.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { convolutionBlocks } from "refigure/convolutions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // The mean of three neighbours in a row lets the zero frequency pass, and nothing of period 3.
 * const mean = new Float64Array([0, 0, 0, 1, 1, 1, 0, 0, 0]).map((x) => x / 3);
 * const blocks = convolutionBlocks(mean, { outChannels: 1, inChannels: 1, kernelSize: 3 }, 3);
 * assertAlmostEquals(blocks.get(0, 0).re, 1, 1e-15);
 * assertAlmostEquals(blocks.get(1, 0).re, 0, 1e-15);
 * ```
 */
export function convolutionBlocks(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  outputSize: number,
): ComplexMatrix {
  const sizes = requireKernel(kernel, shape);
  const N = requireOutputSize(outputSize, sizes);
  return blocksAt(kernel, sizes, N, Array.from({ length: N * N }, (_, f) => f));
}

/**
 * All singular values of a circular strided convolution layer, exactly, without its matrix: those of the
 * blocks of {@linkcode convolutionBlocks}. The blocks of a frequency and of its negative are conjugate to
 * each other, so that half of them suffice. The first value is the layer's
 * spectral norm, its Lipschitz constant.
 *
 * @param kernel M x C x k x k.
 * @param shape Its sizes.
 * @param outputSize Outputs N per side; the image has S N pixels per side, at least k.
 * @returns N^2 min(M, C S^2) values, descending.
 * @throws {RangeError} if a size is out of range, the kernel has another length or an entry that is not
 * finite, or the image is smaller than the kernel.
 * @throws {TypeError} if an argument is of the wrong type.
 *
 * @example
 * ```ts
 * import { convolutionSingularValues } from "refigure/convolutions";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * // The difference of two neighbours: |1 - exp(i t)|, from 0 to 2.
 * const difference = new Float64Array([0, 0, 0, 0, 1, -1, 0, 0, 0]);
 * const s = convolutionSingularValues(difference, { outChannels: 1, inChannels: 1, kernelSize: 3 }, 4);
 * assertEquals(s.length, 16);
 * assertAlmostEquals(s[0], 2, 1e-14);
 * assertAlmostEquals(s[15], 0, 1e-14);
 * ```
 */
export function convolutionSingularValues(
  kernel: ArrayLike<number>,
  shape: ConvolutionShape,
  outputSize: number,
): Float64Array {
  const sizes = requireKernel(kernel, shape);
  const N = requireOutputSize(outputSize, sizes);
  requireFinite("Cannot compute the singular values of `kernel`", kernel);
  const frequencies: number[] = [];
  for (let u = 0; u < N; u++) {
    for (let v = 0; v < N; v++) {
      if (u * N + v <= negative(u, N) * N + negative(v, N)) frequencies.push(u * N + v);
    }
  }
  const found = batchedSingularValues(blocksAt(kernel, sizes, N, frequencies), sizes.M);
  const count = found.columns;
  const out = new Float64Array(N * N * count);
  let at = 0;
  frequencies.forEach((f, i) => {
    const values = found.row(i);
    const [u, v] = [Math.floor(f / N), f % N];
    const isOwnNegative = u === negative(u, N) && v === negative(v, N);
    for (let copy = 0; copy < (isOwnNegative ? 1 : 2); copy++, at += count) out.set(values, at);
  });
  return out.sort().reverse();
}

function negative(u: number, N: number): number {
  return u === 0 ? 0 : N - u;
}

/** Blocks at frequencies f = u N + v, on top of each other. */
function blocksAt(kernel: ArrayLike<number>, sizes: Sizes, N: number, frequencies: number[]): ComplexMatrix {
  const { M, C, k, S } = sizes;
  const r = (k - 1) / 2;
  // Tap a reads pixel S (i + step) + phase.
  const steps = Int32Array.from({ length: k }, (_, a) => Math.floor((a - r) / S));
  const phases = Int32Array.from({ length: k }, (_, a) => a - r - S * steps[a]);
  const cos = Float64Array.from({ length: N }, (_, i) => Math.cos(2 * Math.PI * i / N));
  const sin = Float64Array.from({ length: N }, (_, i) => Math.sin(2 * Math.PI * i / N));
  const root = (u: number, step: number) => ((u * step) % N + N) % N;
  const columns = C * S * S;
  const out = ComplexMatrix.zeros(frequencies.length * M, columns);
  // Sums along the rows of the kernel: [M, C, phase p, column b] for one u at a time.
  const sums = new Float64Array(2 * M * C * S * k);
  let summed = -1;
  frequencies.forEach((f, number) => {
    const u = Math.floor(f / N);
    const v = f % N;
    if (u !== summed) {
      summed = u;
      sums.fill(0);
      for (let a = 0; a < k; a++) {
        const at = root(u, steps[a]);
        for (let mc = 0; mc < M * C; mc++) {
          const from = (mc * k + a) * k;
          const to = 2 * (mc * S + phases[a]) * k;
          for (let b = 0; b < k; b++) {
            sums[to + 2 * b] += kernel[from + b] * cos[at];
            sums[to + 2 * b + 1] += kernel[from + b] * sin[at];
          }
        }
      }
    }
    const block = 2 * number * M * columns;
    for (let b = 0; b < k; b++) {
      const at = root(v, steps[b]);
      const re = cos[at];
      const im = sin[at];
      for (let mcp = 0; mcp < M * C * S; mcp++) {
        const from = 2 * (mcp * k + b);
        const to = block + 2 * (mcp * S + phases[b]);
        out.data[to] += sums[from] * re - sums[from + 1] * im;
        out.data[to + 1] += sums[from] * im + sums[from + 1] * re;
      }
    }
  });
  return out;
}
