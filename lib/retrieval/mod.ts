/**
 * Retrieval-augmented generation: databases of embeddings, proposal distributions, and denoisers that see
 * the nearest entries of a database which can be swapped after training.
 *
 * @module
 */
export * from "./embedding_database.ts";
export * from "./memorization_ratio.ts";
export * from "./proposal_distribution.ts";
export * from "./retrieval_denoiser.ts";
export * from "./sample_retrieval.ts";
export * from "./train_retrieval_denoiser.ts";
