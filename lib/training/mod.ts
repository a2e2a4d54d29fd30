/**
 * Small training problems that several experiments share: real digits, and a memory of facts with unequal
 * frequency.
 *
 * @module
 */
export * from "./mlp.ts";
export * from "./digits_training.ts";
export * from "./associative_memory.ts";
export * from "./tuning.ts";
export * from "./anisotropic_quadratic.ts";
export * from "./gradient_outliers.ts";
