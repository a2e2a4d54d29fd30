/**
 * A tfjs layer whose kernel has equal singular values by its parametrization, and the differentiable
 * operation that it uses. `refigure/latent_directions` has the same without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export * from "./householder_dense.ts";
export * from "./householder_product_op.ts";
