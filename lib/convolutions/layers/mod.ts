/**
 * Orthogonal convolutions in tfjs: the regularizer as an operation with gradient and as a
 * `kernelRegularizer`, and the circular border that it is meant for. `refigure/convolutions` has the numerics
 * without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export * from "./circular_padding.ts";
export * from "./lorth_regularizer.ts";
