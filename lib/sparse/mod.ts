/**
 * Sparse matrices and iterative solvers: conjugate gradients with preconditioners, successive over-relaxation
 * and what is known of its convergence.
 *
 * @module
 */
export * from "./conjugate_gradients.ts";
export * from "./csr_matrix.ts";
export * from "./energy_bound.ts";
export * from "./five_point_stencil.ts";
export * from "./heat_equation.ts";
export * from "./laplacian.ts";
export { sor, type SorOptions } from "./sor.ts";
export * from "./sor_iterations.ts";
export * from "./spectral_radius.ts";
export * from "./ssor_preconditioner.ts";
export * from "./young.ts";
