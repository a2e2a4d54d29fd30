/**
 * Diffusion models whose scores are known or learned: noise schedules, exact scores with their derivatives,
 * samplers, gauge fields, likelihoods, and the local dimension of the data.
 *
 * @module
 */
export * from "./ancestral_sample.ts";
export * from "./edm.ts";
export * from "./gauge.ts";
export {
  GaussianMixture,
  type GaussianMixtureOptions,
  type JacobianOutOption,
  type NoisePredictor,
  type OutOption,
  type SampleOptions,
  type ScoreAndJacobian,
} from "./gaussian_mixture.ts";
export * from "./local_variability.ts";
export * from "./log_likelihood.ts";
export { type FlowOptions, probabilityFlow } from "./probability_flow.ts";
export * from "./reverse_diffusion.ts";
export * from "./schedule.ts";
export { gaussianScore, mixtureScore, ScoreField, type ScoreFieldOptions } from "./score_field.ts";
export { sphereScore, type SphereScoreOptions } from "./sphere_score.ts";
export * from "./score_network.ts";
export * from "./swiss_roll_score.ts";
export * from "./weighted_hodge.ts";
