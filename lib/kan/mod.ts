/**
 * Kolmogorov-Arnold networks: group-rational activations with their gradients, fits and variance-preserving
 * starts, the B-spline layer that they replace, and what both cost.
 *
 * The tfjs layers are in `refigure/kan/layers`, so that nothing here loads tfjs.
 *
 * @module
 */
export * from "./activation.ts";
export {
  bsplineBasis,
  BSplineKan,
  type BSplineKanOptions,
  type BSplineOptions,
  bsplineSlopes,
} from "./bspline.ts";
export {
  PADE_FORMS,
  type PadeForm,
  presetForms,
  presetTarget,
  RATIONAL_PRESETS,
  type RationalCoefficients,
  type RationalPreset,
  rationalPreset,
  type RationalPresetOptions,
} from "./coefficients.ts";
export * from "./cost.ts";
export * from "./fit_rational.ts";
export * from "./network.ts";
export * from "./rational.ts";
export {
  gaussianSecondMoment,
  type GaussianSecondMomentOptions,
  type KernelInit,
  variancePreservingGain,
} from "./variance.ts";
