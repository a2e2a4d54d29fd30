/**
 * Neural fields: networks of sines that represent signals (SIREN), the WINNER initialization, which fits their
 * first layers to the spectrum of the target, the measures and signals to study them, and baselines; and fields that
 * refine their own estimate, trained on what is inside and outside of planar sections (OReX).
 *
 * @module
 */
export * from "./baselines.ts";
export * from "./fit_field.ts";
export * from "./fit_signal.ts";
export * from "./iterative_field.ts";
export * from "./reconstruct_from_sections.ts";
export {
  sampleLineSections,
  type SampleLineSectionsOptions,
  sampleSections,
  type SampleSectionsOptions,
} from "./sample_sections.ts";
export {
  bandLimitedShift,
  bandSignal,
  type BandSignalOptions,
  gridCoordinates,
  nyquistFrequency,
  psnr,
  type PsnrOptions,
} from "./signals.ts";
export * from "./siren.ts";
export * from "./spectral_centroid.ts";
export * from "./winner_scales.ts";
