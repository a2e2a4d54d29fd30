/**
 * Models with latent variables that are fitted to inputs without labels: factor models (probabilistic PCA) with a
 * regression on the factors, mixtures of normal distributions with a label for each component, and closed forms of
 * what such pretraining gains.
 *
 * @module
 */
export * from "./gaussian_divergences.ts";
export {
  bayesLinearPredictor,
  type FactorModel,
  fitPpca,
  fitPpcaToCovariance,
  posteriorMean,
  type PpcaCovarianceOptions,
  type PpcaModel,
  type PpcaOptions,
} from "./ppca.ts";
export * from "./pretrain_then_regress.ts";
export * from "./risk_formulas.ts";
export * from "./spherical_mixture.ts";
