/**
 * All of Refigure's portable library: it runs in Deno, Node and a browser, and importing it takes a moment
 * only.
 *
 * Three folders are left out, to be imported by their own names when they are wanted: `refigure/optimizers`
 * and `refigure/tfjs`, because they load TensorFlow.js, and `refigure/notebook`, because it needs Deno's
 * Jupyter kernel.
 *
 * @module
 */
export * from "./arrays/mod.ts";
export * from "./bandits/mod.ts";
export * from "./blas/mod.ts";
export * from "./linalg/mod.ts";
export * from "./transforms/mod.ts";
export * from "./statistics/mod.ts";
export * from "./figures/mod.ts";
export * from "./data_selection/mod.ts";
export * from "./datasets/mod.ts";
export * from "./language_models/mod.ts";
export * from "./linear_networks/mod.ts";
export * from "./latent_directions/mod.ts";
export * from "./latent_variables/mod.ts";
export * from "./numerics/mod.ts";
export * from "./meshes/mod.ts";
export * from "./networks/mod.ts";
export * from "./neural_fields/mod.ts";
export * from "./operators/mod.ts";
export * from "./recurrent/mod.ts";
export * from "./tangent_kernels/mod.ts";
export * from "./forecasting/mod.ts";
export * from "./hyperbolic/mod.ts";
export * from "./hypernetworks/mod.ts";
export * from "./ssm/mod.ts";
export * from "./convolutions/mod.ts";
export * from "./kan/mod.ts";
export * from "./continual/mod.ts";
export * from "./dictionary/mod.ts";
export * from "./diffusion/mod.ts";
export * from "./polynomials/mod.ts";
export * from "./retrieval/mod.ts";
export * from "./sampling/mod.ts";
export * from "./score_distillation/mod.ts";
export * from "./sensing/mod.ts";
export * from "./sparse/mod.ts";
export * from "./invariance/mod.ts";
export * from "./multigrid/mod.ts";
export * from "./streaming/mod.ts";
