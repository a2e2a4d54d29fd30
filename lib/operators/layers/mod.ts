/**
 * Layers of neural operators in one dimension for tfjs, [batch, points, channels] in and out, with weights
 * that do not depend on the number of points: spectral convolutions, convolutions whose taps are resampled
 * for the grid, and the Fourier neural operator as a model. `refigure/operators` has the same without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export type { ResamplingMethod } from "../resampling.ts";
export * from "./fno1d.ts";
export * from "./local_integral_conv1d.ts";
export * from "./spectral_conv1d.ts";
