import type { backend_util, TensorInfo } from "@tensorflow/tfjs-core";
import { plan } from "../../transforms/plan.ts";
import type { NativeBackend } from "../backend.ts";
import { replace, sizeOf } from "./replace.ts";
import { storageOf, valuesOf } from "../storage.ts";

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
      const [real, imag] = partsOf(backend, input);
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
      return makeComplex(backend, input.shape, re, im);
    });
  }
}

/** The values of the real and the imaginary part of a complex tensor; valid until the next allocation. */
function partsOf(backend: NativeBackend, x: TensorInfo): backend_util.TypedArray[] {
  const parts = storageOf(backend).get(x.dataId).complexTensorInfos;
  if (parts === undefined) throw new TypeError(`\`input\` must be of type complex64, got ${x.dtype}`);
  return [valuesOf(backend, parts.real), valuesOf(backend, parts.imag)];
}

/** A complex tensor, which owns its parts. */
function makeComplex(
  backend: NativeBackend,
  shape: number[],
  re: Float32Array,
  im: Float32Array,
): TensorInfo {
  const made = backend.makeTensorInfo(shape, "complex64");
  storageOf(backend).get(made.dataId).complexTensorInfos = {
    real: backend.makeTensorInfo(shape, "float32", re),
    imag: backend.makeTensorInfo(shape, "float32", im),
  };
  return made;
}
