/**
 * Attention to retrieved neighbours as a layer for tfjs. `refigure/retrieval` has the database, the search
 * and a whole denoiser without tfjs.
 *
 * @module
 */
export * from "./neighbor_attention.ts";
