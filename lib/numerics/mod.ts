/**
 * Ordinary differential equations and quadrature.
 *
 * @module
 */
export * from "./fixed_step_ode.ts";
export * from "./ode.ts";
export * from "./quadrature.ts";
