/**
 * Small training problems that several experiments share: real digits, a text by character, a memory of facts
 * with unequal frequency, a quadratic with unequal directions; and the choice of learning rates.
 *
 * @module
 */
export * from "./mlp.ts";
export * from "./poincare_mlp.ts";
export { classificationError, type CrossEntropy, softmaxCrossEntropy } from "./softmax_cross_entropy.ts";
export * from "./digits_training.ts";
export * from "./associative_memory.ts";
export * from "./character_transformer.ts";
export * from "./text_training.ts";
export * from "./tuning.ts";
export * from "./anisotropic_quadratic.ts";
export * from "./gradient_outliers.ts";
