import { type Matrix, type RealArray, requireFinite, requireInteger, requireMatrix } from "../arrays/mod.ts";
import { rfft } from "../transforms/mod.ts";

/**
 * How fast gradient descent learns each frequency: `lambda_k = v_k* K v_k` for the kernel matrix K at N equally
 * spaced points and the complex Fourier mode v_k = exp(2 pi i k n / N) / sqrt(N). Under gradient flow on the
 * squared error, that part of the residual starts to decay at a rate proportional to lambda_k. It is also the
 * spectrum of the eigenvectors of K, weighted by the eigenvalues: sum_i lambda_i |v_k* u_i|^2.
 *
 * The sum over all N modes is the trace of K. The cost is one pass over K and one transform: lambda is the
 * transform of the sums along the diagonals of K, wrapped around.
 *
 * @param kernel N x N, symmetric.
 * @returns Rates of modes 0 to floor(N / 2); mode N - k has that of mode k.
 * @throws {RangeError} if `kernel` is empty, not square or not finite.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { fourierModeRates } from "refigure/tangent_kernels";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One eigenvector, a tone of frequency 2 with norm 1: half of it belongs to mode 2, half to mode 6.
 * const tone = Array.from({ length: 8 }, (_, n) => Math.cos(Math.PI * n / 2) / 2);
 * const rates = fourierModeRates(Matrix.from(8, 8, (i, j) => 10 * tone[i] * tone[j]));
 * assertAlmostEquals(rates[2], 5, 1e-14);
 * assertAlmostEquals(rates[1], 0, 1e-14);
 * ```
 */
export function fourierModeRates(kernel: Matrix<RealArray>): Float64Array {
  const n = requireMatrix("kernel", kernel).rows;
  if (kernel.columns !== n) throw new RangeError(`\`kernel\` must be square, got ${n} x ${kernel.columns}`);
  requireInteger("kernel.rows", n, { min: 1 });
  requireFinite("Cannot transform `kernel`", kernel.data, n);
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = kernel.row(i);
    for (let j = 0; j <= i; j++) sums[i - j] += row[j];
    for (let j = i + 1; j < n; j++) sums[n + i - j] += row[j];
  }
  const spectrum = rfft(sums);
  return Float64Array.from({ length: spectrum.length / 2 }, (_, k) => spectrum[2 * k] / n);
}
