/**
 * Poincaré layers for tfjs, between tangent vectors at the origin of the ball: fully connected, convolution,
 * batch normalization, residual sum; the residual block and Poincaré ResNet made of them; and the
 * differentiable operations that they use. `refigure/hyperbolic` has the same without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export type { PoincareArgs } from "./common.ts";
export { poincareBatchNormOp, poincareConv2dOp, poincareLinearOp, tangentMobiusAddOp } from "./operations.ts";
export * from "./poincare_add.ts";
export * from "./poincare_batch_norm.ts";
export * from "./poincare_conv2d.ts";
export * from "./poincare_dense.ts";
export * from "./poincare_resnet.ts";
