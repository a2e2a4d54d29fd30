/**
 * Bandits that choose a parameter again and again, and see only what each choice costs: Tsallis-INF, the same
 * in bins of a context, and regression on Chebyshev polynomials of the context.
 *
 * @module
 */
export type { Bandit } from "./bandit.ts";
export * from "./chebyshev_bandit.ts";
export * from "./context_bins.ts";
export * from "./tsallis_inf.ts";
