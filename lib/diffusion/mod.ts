/**
 * Diffusion models whose scores are known or learned: noise schedules, exact scores of Gaussian mixtures with
 * their derivatives, and samplers.
 *
 * @module
 */
export * from "./ancestral_sample.ts";
export * from "./edm.ts";
export * from "./gaussian_mixture.ts";
export { type FlowOptions, probabilityFlow } from "./probability_flow.ts";
export * from "./reverse_diffusion.ts";
export * from "./schedule.ts";
export { gaussianScore, mixtureScore, ScoreField, type ScoreFieldOptions } from "./score_field.ts";
