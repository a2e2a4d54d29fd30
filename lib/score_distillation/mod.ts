/**
 * Score distillation: scenes are moved until their images are what a diffusion model expects, one by one
 * (SDS) or as particles that repel each other (VSD); with a differentiable ray marcher for two-dimensional
 * worlds. Models that predict noise are those of `refigure/diffusion`, or any object with their method.
 *
 * @module
 */
export * from "./distill.ts";
export * from "./flatland_renderer.ts";
export * from "./gaussian_flow.ts";
export * from "./gradients.ts";
export * from "./guidance.ts";
export * from "./particle_cloud.ts";
export * from "./renderer.ts";
