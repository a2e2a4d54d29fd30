/**
 * Composable gradient transformations, the orthogonalizing optimizers built from them, and their adapter to
 * tfjs.
 *
 * @module
 */
export * from "./transformation.ts";
export * from "./schedule.ts";
export * from "./scale.ts";
export * from "./momentum.ts";
export * from "./adam.ts";
export * from "./coefficients.ts";
export * from "./newton_schulz.ts";
export * from "./routing.ts";
export * from "./muon.ts";
export * from "./outliers.ts";
export * from "./spectrum.ts";
export * from "./calibration.ts";
export * from "./adaptive_newton.ts";
export * from "./calibrated_newton.ts";
export * from "./root.ts";
export * from "./matrix_optimizer.ts";
export * from "./state.ts";
export * from "./tf_optimizer.ts";
export * from "./record_updates.ts";
export * from "./normalize_neurons.ts";
export * from "./preserve_norm.ts";
export * from "./normuon.ts";
export * from "./sgd.ts";
export * from "./adamw.ts";
export * from "./cosh_rms.ts";
export * from "./scale_by_cosh_rms.ts";
export * from "./auon.ts";
export * from "./subspace/mod.ts";
