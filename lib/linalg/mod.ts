/**
 * Factorizations, linear systems, eigenproblems and norms, for real and complex matrices in double and single
 * precision. They run on LAPACK where the native engine is in use, else on portable code. Products of
 * matrices, and the choice of the engine, are in `refigure/blas`.
 *
 * @module
 */
export { applyHouseholders, type ApplyHouseholdersOptions } from "./apply_householders.ts";
export * from "./batched_singular_values.ts";
export * from "./cholesky.ts";
export * from "./complex_cholesky.ts";
export * from "./complex_eigh.ts";
export * from "./complex_polar_factor.ts";
export * from "./complex_qr.ts";
export * from "./complex_solve.ts";
export * from "./complex_svd.ts";
export * from "./eig.ts";
export * from "./eigh.ts";
export * from "./errors.ts";
export * from "./haar_orthogonal.ts";
export { householderProduct, type HouseholderProductOptions } from "./householder_product.ts";
export * from "./householder_vjp.ts";
export * from "./inverse.ts";
export * from "./least_squares.ts";
export * from "./leverage_scores.ts";
export * from "./norms.ts";
export * from "./polar_factor.ts";
export * from "./qr.ts";
export * from "./reflectors_from_orthonormal.ts";
export * from "./ridge_leave_one_out.ts";
export * from "./row_norms.ts";
export * from "./solve.ts";
export * from "./svd.ts";
export * from "./wishart.ts";
export * from "./wy_form.ts";
