/**
 * Fourier and cosine transforms of any length, and convolutions by them.
 * A complex vector is a typed array of twice its length, real and imaginary parts interleaved, as in
 * `refigure/arrays`. Sums are computed in double precision; results have the precision of the input.
 *
 * @module
 */
export * from "./fft.ts";
export { irfft, type IrfftOptions, rfft } from "./rfft.ts";
export * from "./dct.ts";
export * from "./convolve.ts";
