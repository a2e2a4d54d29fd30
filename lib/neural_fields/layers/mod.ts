/**
 * Sine layers for tfjs and the initializer of SIREN and SIREN^2. `refigure/neural_fields` has the same networks
 * without tfjs.
 *
 * @module
 */
export * from "./sine_dense.ts";
export * from "./winner_initializer.ts";
