/**
 * Ordinary differential equations and quadrature.
 *
 * @module
 */
export * from "./ode.ts";
export * from "./quadrature.ts";
