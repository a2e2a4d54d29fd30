/**
 * Forecasts of several series by linear maps in an orthonormal basis (OLinear): the correlation of the places of a
 * window, its eigenbasis beside the cosine and the Fourier basis, NormLin's mixing of variates, reversible
 * normalization, a linear forecaster, and the network.
 *
 * @module
 */
export {
  fitLinearForecaster,
  type LinearForecasterOptimizer,
  type LinearForecasterOptions,
} from "./linear_forecaster.ts";
export * from "./normlin.ts";
export * from "./olinear.ts";
export type { VariateMixer } from "./olinear_parameters.ts";
export {
  dctBasis,
  type EnergyCompaction,
  energyCompaction,
  kmsCorrelation,
  type OrthoBasis,
  orthoBasis,
  orthoTransform,
  type OrthoTransformOptions,
  realFourierBasis,
} from "./ortho_basis.ts";
export * from "./train_olinear.ts";
export * from "./window_correlation.ts";
export * from "./windows.ts";
