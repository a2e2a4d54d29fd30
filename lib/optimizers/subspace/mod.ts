/**
 * Low-rank optimizers: gradients projected on a few basis vectors, chosen again and again.
 *
 * @module
 */
export * from "./basis.ts";
export * from "./select_columns.ts";
export * from "./subspace.ts";
export * from "./ranked_basis.ts";
export * from "./leading_singular_vectors.ts";
export * from "./subspace_rule.ts";
export * from "./projector.ts";
export * from "./adam_in_subspace.ts";
export * from "./dct_adamw.ts";
export * from "./galore.ts";
export * from "./trion.ts";
export * from "./dion.ts";
export { isLowRankMatrix } from "./low_rank_routing.ts";
