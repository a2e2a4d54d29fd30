/**
 * Selecting training documents by several quality scores: top lists along decorrelated directions of the
 * scores, the selections they are compared with, how much selections overlap and how diverse they are, the
 * closed forms of both for normal scores, and scores that are measured on the text itself.
 *
 * @module
 */
export * from "./baselines.ts";
export * from "./gaussian_selection.ts";
export { odisSelect, type OdisSelection, type OdisSelectOptions } from "./odis_select.ts";
export * from "./overlap_matrix.ts";
export {
  orientDirections,
  type PrincipalScores,
  principalScores,
  type PrincipalScoresOptions,
  type SignRule,
} from "./principal_scores.ts";
export * from "./text_scores.ts";
export { topIndices } from "./top_indices.ts";
export * from "./total_variance.ts";
