/**
 * Classical orthogonal polynomials by their three-term recurrences.
 *
 * @module
 */
export * from "./orthogonal_polynomials.ts";
