/** The spectral convolution of an operator network on one grid: forward and reverse pass. Not public. */
import { allocateLike, type RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import type { KernelPass } from "./operator_network.ts";
import { truncatedDft } from "./truncated_dft.ts";

/** Sizes of {@linkcode spectralKernel}. */
export interface SpectralKernelSizes {
  /** Points n of the grid, and functions on it. */
  n: number;
  functions: number;
  /** Channels in and out. */
  width: number;
  modes: number;
}

/**
 * The spectral convolution of channels [channel][point][function] with matrices [mode][re, im][in][out]: real
 * and imaginary parts of a mode lie side by side, so that the product with its matrix is one of real
 * matrices, `[R^T, J^T] [v; i v]`.
 */
export function spectralKernel(like: RealArray, sizes: SpectralKernelSizes): KernelPass {
  const { n, functions, width, modes } = sizes;
  const dft = truncatedDft(n, modes);
  const kept = dft.modes;
  const [analysis, synthesis] = [dft.analysis, dft.synthesis].map(({ data }) => {
    const copy = allocateLike(like, data.length);
    copy.set(data);
    return copy;
  });
  const columns = n * functions;
  const parts = 2 * kept;
  const two = 2 * functions;
  /** Modes of each channel, [channel][mode][re, im][function]. */
  const spectra = allocateLike(like, width * parts * functions);
  /** The same for each mode, [mode][channel][re, im][function], and v and i v below each other. */
  const products = allocateLike(like, kept * width * two);
  const both = allocateLike(like, kept * 2 * width * two);

  const analyse = (transpose: boolean, matrix: RealArray, source: RealArray) => {
    for (let c = 0; c < width; c++) {
      const from = source.subarray(c * columns, (c + 1) * columns);
      const to = spectra.subarray(c * parts * functions, (c + 1) * parts * functions);
      const ld = transpose ? parts : n;
      engine().gemm(transpose, false, parts, functions, n, 1, matrix, ld, from, functions, 0, to, functions);
    }
  };
  const synthesize = (transpose: boolean, matrix: RealArray, target: RealArray) => {
    for (let c = 0; c < width; c++) {
      const from = spectra.subarray(c * parts * functions, (c + 1) * parts * functions);
      const to = target.subarray(c * columns, (c + 1) * columns);
      const ld = transpose ? n : parts;
      engine().gemm(transpose, false, n, functions, parts, 1, matrix, ld, from, functions, 1, to, functions);
    }
  };
  const stack = () => {
    for (let k = 0; k < kept; k++) {
      for (let c = 0; c < width; c++) {
        let from = (c * kept + k) * two;
        let direct = (k * 2 * width + c) * two;
        let turned = direct + width * two;
        for (let b = 0; b < functions; b++, from++, direct++, turned++) {
          both[direct] = both[turned + functions] = spectra[from];
          both[direct + functions] = spectra[from + functions];
          both[turned] = -spectra[from + functions];
        }
      }
    }
  };
  /** Copies between [channel][mode] and [mode][channel]. */
  const byMode = (isBack: boolean) => {
    for (let k = 0; k < kept; k++) {
      for (let c = 0; c < width; c++) {
        const channel = (c * kept + k) * two;
        const mode = (k * width + c) * two;
        for (let b = 0; b < two; b++) {
          if (isBack) spectra[channel + b] = products[mode + b];
          else products[mode + b] = spectra[channel + b];
        }
      }
    }
  };
  const eachMode = (pass: (kernelAt: number, bothAt: number, productAt: number) => void) => {
    for (let k = 0; k < kept; k++) pass(2 * k * width * width, 2 * k * width * two, k * width * two);
  };

  return {
    forward(v, kernel, z) {
      analyse(false, analysis, v);
      stack();
      eachMode((kernelAt, bothAt, productAt) => {
        const weights = kernel.subarray(kernelAt);
        const [b, c] = [both.subarray(bothAt), products.subarray(productAt)];
        engine().gemm(true, false, width, two, 2 * width, 1, weights, width, b, two, 0, c, two);
      });
      byMode(true);
      synthesize(false, synthesis, z);
    },
    backward(v, kernel, dz, dv, dKernel) {
      analyse(false, analysis, v);
      stack();
      analyse(true, synthesis, dz);
      byMode(false);
      eachMode((kernelAt, bothAt, productAt) => {
        const weights = kernel.subarray(kernelAt);
        const dWeights = dKernel.subarray(kernelAt);
        const [b, c] = [both.subarray(bothAt), products.subarray(productAt)];
        engine().gemm(false, true, 2 * width, width, two, 1, b, two, c, two, 1, dWeights, width);
        engine().gemm(false, false, 2 * width, two, width, 1, weights, width, c, two, 0, b, two);
      });
      for (let k = 0; k < kept; k++) {
        for (let c = 0; c < width; c++) {
          let to = (c * kept + k) * two;
          let direct = (k * 2 * width + c) * two;
          let turned = direct + width * two;
          for (let b = 0; b < functions; b++, to++, direct++, turned++) {
            spectra[to] = both[direct] + both[turned + functions];
            spectra[to + functions] = both[direct + functions] - both[turned];
          }
        }
      }
      synthesize(true, analysis, dv);
    },
  };
}
