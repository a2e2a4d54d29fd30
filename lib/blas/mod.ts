/**
 * Matrix products on one of two engines: OpenBLAS through foreign functions, or portable TypeScript. The
 * engine is chosen once, at the first product; {@linkcode blasInfo} tells which and why.
 *
 * @module
 */
export * from "./matmul.ts";
export * from "./matvec.ts";
export * from "./gram.ts";
export * from "./symmetric_matmul.ts";
export * from "./vector.ts";
export * from "./complex_matmul.ts";
export * from "./complex_matvec.ts";
export * from "./complex_gram.ts";
export type { Op } from "./engine.ts";
export {
  type BlasInfo,
  blasInfo,
  requireReproducibleKernels,
  setBlasThreads,
  useReproducibleKernels,
  withEngine,
} from "./choice.ts";
export { type BlasLibrary, type BlasSearch, findBlasLibrary } from "./library.ts";
