/**
 * Recovering low-rank matrices and directions from measurements and streams.
 *
 * @module
 */
export * from "./factors.ts";
export * from "./gradient_descent.ts";
export * from "./measurement_operator.ts";
