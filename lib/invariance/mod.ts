/**
 * Learning from several environments: the penalties IRMv1, vREx and spectral decoupling, group
 * distributionally robust optimization, rich features by repeated discovery, colored images, and an exact
 * model with two signs in which every risk is a sum of four terms.
 *
 * @module
 */
export { type ColoredImages, coloredImages, type ColoredImagesOptions } from "./colored_images.ts";
export type { Environment } from "./environment.ts";
export { fitGroupDro, type FitGroupDroOptions, type GroupDroStep } from "./fit_group_dro.ts";
export { fitInvariant, type FitInvariantOptions, type InvariantStep } from "./fit_invariant.ts";
export {
  type InvarianceObjective,
  invarianceObjective,
  type InvarianceOptions,
  type InvariancePenalty,
} from "./invariance_objective.ts";
export { binaryAccuracy, type LogisticLoss, logisticLoss } from "./logistic_loss.ts";
export * from "./rich_features.ts";
export * from "./two_sign_model.ts";
