/**
 * Recurrent networks: low-rank initializations, tasks, tangent kernels, Lyapunov exponents.
 *
 * @module
 */
export * from "./decision_tasks.ts";
export * from "./low_rank_init.ts";
export * from "./lyapunov.ts";
export * from "./recurrent_tangent_kernel.ts";
export * from "./vanilla_rnn.ts";
