/**
 * Multigrid, classical and learned: V-cycles for Poisson's equation, V-cycles whose stencils are trained,
 * neural operators made of them or of other linear operators on grids, and the Darcy flow that they are
 * trained on.
 *
 * @module
 */
export * from "./best_operators.ts";
export type { LearnedCycleOptions, NetworkStartOptions } from "./check.ts";
export * from "./darcy.ts";
export * from "./fit_operator.ts";
export type { GridPadding } from "./grid.ts";
export {
  type GridCotangents,
  GridNetwork,
  type GridVjp,
  type GridVjpOptions,
  type NetworkTensor,
} from "./grid_network.ts";
export * from "./mg_conv.ts";
export * from "./neural_operators.ts";
export * from "./poisson_v_cycle.ts";
export * from "./relative_error.ts";
