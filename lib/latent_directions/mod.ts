/**
 * Directions of a latent space along which a generator changes its pictures: the singular vectors of its
 * projections (SeFa), and low-rank projections with equal singular values, parametrized by Householder
 * reflections.
 *
 * A projection is a matrix A, `outputs x inputs`, that takes latents `w` to styles `s = A w`; latents are the
 * rows of a matrix. The tfjs layer is in `refigure/latent_directions/layers`, so that nothing here loads
 * tfjs.
 *
 * @module
 */
export * from "./householder_projector.ts";
export { nearestPartialIsometry, type PartialIsometry } from "./nearest_partial_isometry.ts";
export * from "./perceptual_interpretable_path_length.ts";
export * from "./sefa_directions.ts";
