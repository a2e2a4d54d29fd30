/**
 * Sparse matrices and iterative solvers.
 *
 * @module
 */
export * from "./conjugate_gradients.ts";
export * from "./csr_matrix.ts";
export * from "./laplacian.ts";
