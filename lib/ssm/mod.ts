/**
 * Diagonal state space models: HiPPO-LegS and its normal part in closed form, initializations,
 * perturb-then-diagonalize, discretization, kernels with gradients, recurrences and scans, transfer
 * functions.
 *
 * A complex vector is a typed array of twice its length, real and imaginary parts interleaved. The tfjs
 * layers are in `refigure/ssm/layers`, so that nothing here loads tfjs.
 *
 * @module
 */
export * from "./discretize.ts";
export * from "./hippo.ts";
export * from "./initialization.ts";
export * from "./legs_spectrum.ts";
export * from "./ptd.ts";
export * from "./recurrence.ts";
export * from "./s4d_kernel.ts";
export * from "./transfer.ts";
export * from "./vandermonde_kernel.ts";
