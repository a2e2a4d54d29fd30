/**
 * Matrices over typed arrays, seeded random streams, and checks whose errors name the argument.
 *
 * @module
 */
export * from "./check.ts";
export * from "./matrix.ts";
export * from "./complex_matrix.ts";
export { complexAbs, complexMultiply, deinterleave, interleave } from "./complex.ts";
export * from "./euclidean_norm.ts";
export * from "./rng.ts";
export * from "./status.ts";
