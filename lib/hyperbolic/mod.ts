/**
 * Hyperbolic geometry for networks: the Poincaré ball with its midpoint and Fréchet mean, and fully
 * connected layers, convolutions, batch normalization and residual sums between tangent vectors at its
 * origin, each with its backward pass.
 *
 * The curvature is -c. The tfjs layers are in `refigure/hyperbolic/layers`, so that nothing here loads tfjs.
 *
 * @module
 */
export * from "./ball_gradients.ts";
export * from "./beta_ratio.ts";
export type { TangentOptions } from "./hyperboloid.ts";
export * from "./poincare_ball.ts";
export {
  poincareBatchNorm,
  type PoincareBatchNormGradients,
  type PoincareBatchNormOptions,
  type PoincareBatchNormVjp,
  poincareBatchNormVjp,
  type PoincareMean,
  type PoincareStatistics,
} from "./poincare_batch_norm.ts";
export {
  poincareConv2d,
  type PoincareConv2dGradients,
  type PoincareConv2dOptions,
  type PoincareConv2dVjp,
  poincareConv2dVjp,
  type PoincareImages,
} from "./poincare_conv2d.ts";
export { poincareInit, type PoincareInitOptions, type PoincareStart } from "./poincare_init.ts";
export {
  poincareLinear,
  type PoincareLinearGradients,
  type PoincareLinearVjp,
  poincareLinearVjp,
} from "./poincare_linear.ts";
export { tangentMobiusAdd, type TangentMobiusAddVjp, tangentMobiusAddVjp } from "./tangent_mobius_add.ts";
