/**
 * Recovering low-rank matrices from linear measurements: operators, gradient and sub-gradient descent on
 * factorizations.
 *
 * @module
 */
export * from "./factors.ts";
export * from "./gradient_descent.ts";
export {
  entryOperator,
  explicitOperator,
  type ExplicitOperatorOptions,
  gaussianOperator,
  type GaussianOperatorOptions,
  type MeasurementOperator,
  type OperatorOptions,
  populationOperator,
  rankOneOperator,
  type Residual,
  type ResidualOptions,
  symmetricGaussianOperator,
} from "./measurement_operator.ts";
export { corrupt, type CorruptOptions, type MeasurementNoise, signRipScale } from "./noise.ts";
export { recordingSteps } from "./recording_steps.ts";
export { type StepBudget, stepBudget, type StepBudgetOptions, type StepRule } from "./step_rule.ts";
export * from "./silent_error.ts";
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
