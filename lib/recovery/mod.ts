/**
 * Recovering low-rank matrices, directions and dictionaries from measurements and streams.
 *
 * @module
 */
export * from "./factors.ts";
export * from "./gradient_descent.ts";
export * from "./measurement_operator.ts";
export { corrupt, type CorruptOptions, type MeasurementNoise, signRipScale } from "./noise.ts";
export { type StepBudget, stepBudget, type StepBudgetOptions, type StepRule } from "./step_rule.ts";
export * from "./streamed_operator.ts";
export {
  populationSubgradientDescent,
  type PopulationSubgradientOptions,
  signSpectralStart,
  subgradientDescent,
  type SubgradientDescentOptions,
  type SubgradientOptions,
  type SubgradientTrace,
} from "./subgradient_descent.ts";
export * from "./frequent_directions.ts";
export * from "./hard_instance.ts";
export * from "./oja_stream.ts";
export * from "./push_all.ts";
export {
  type RandomOrderOptions,
  type RandomOrderResult,
  RandomOrderTopEigenvector,
} from "./random_order_eigenvector.ts";
export * from "./spectral_gap.ts";
export * from "./spiked_stream.ts";
export type { SparseRow, StreamRow } from "./stream_row.ts";
export * from "./alternating_dictionary.ts";
export * from "./bernoulli_gaussian.ts";
export { completedPolarFactor } from "./completed_polar.ts";
export * from "./dictionary_schedule.ts";
export * from "./lasso.ts";
export { lpGradient } from "./lp_gradient.ts";
export * from "./noise_floor.ts";
export * from "./online_dictionary.ts";
export * from "./population_l3.ts";
