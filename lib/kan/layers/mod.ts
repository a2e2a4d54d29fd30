/**
 * Kolmogorov-Arnold layers for tfjs: a learnable rational activation, alone, before a dense layer and in the
 * block of a transformer, and the B-spline layer as a baseline. `refigure/kan` has the same without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export type { PadeForm, RationalPreset } from "../coefficients.ts";
export type { KernelInit } from "../variance.ts";
export type { BSplineOptions } from "../bspline.ts";
export * from "./bspline_dense.ts";
export * from "./group_rational_dense.ts";
export * from "./group_rational_layer.ts";
export * from "./group_rational_op.ts";
export * from "./kat_block.ts";
export * from "./kat_mlp.ts";
