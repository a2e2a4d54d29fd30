import { plan } from "../../transforms/plan.ts";
import { replace, sizeOf } from "./replace.ts";

/**
 * Replaces Fourier transforms along the last axis, in double precision inside; the CPU backend adds up
 * tensors.
 */
export function registerFourier(): void {
  for (const [kernel, inverse] of [["FFT", false], ["IFFT", true]] as const) {
    replace(kernel, ({ inputs: { input }, backend }) => {
      const n = input.shape[input.shape.length - 1];
      const size = sizeOf(input.shape);
      if (size === 0) return undefined;
      const { real, imag } = backend.partsOf(input);
      const transform = plan(n);
      const scale = inverse ? 1 / n : 1;
      const re = new Float32Array(size);
      const im = new Float32Array(size);
      const x = new Float64Array(2 * n);
      const y = new Float64Array(2 * n);
      // The inverse is the transform of the conjugate, conjugate.
      const sign = inverse ? -1 : 1;
      for (let row = 0; row < size; row += n) {
        for (let i = 0; i < n; i++) {
          x[2 * i] = real[row + i];
          x[2 * i + 1] = sign * imag[row + i];
        }
        transform(x, y);
        for (let i = 0; i < n; i++) {
          re[row + i] = scale * y[2 * i];
          im[row + i] = sign * scale * y[2 * i + 1];
        }
      }
      return backend.makeComplex(input.shape, re, im);
    });
  }
}
