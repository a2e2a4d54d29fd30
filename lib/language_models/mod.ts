/**
 * Language models that are counted, not trained by gradients: what a small selection of text teaches, in
 * milliseconds.
 *
 * @module
 */
export * from "./bigram_model.ts";
export * from "./integer_bigram_model.ts";
export * from "./word_tokens.ts";
