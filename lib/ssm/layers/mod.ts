/**
 * State space layers for tfjs, `[batch, length, features]` in and out: S4D (one model per feature) and S5
 * (one model with many inputs), and the differentiable operations that they use. `refigure/ssm` has the same
 * models without tfjs.
 *
 * @module
 */
export * from "./causal_convolution.ts";
export type { LayerArgs } from "../../tfjs/layers.ts";
export type { LayerMode } from "./common.ts";
export { S4DLayer, type S4DLayerArgs } from "./s4d_layer.ts";
export * from "./s4d_op.ts";
export * from "./s5_layer.ts";
export * from "./scan_op.ts";
