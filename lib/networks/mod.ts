/**
 * Fully connected networks over one flat array of parameters, with forward, reverse and forward-tangent passes,
 * reverse over forward-tangent, and the tangent kernel; a table of activations with two derivatives.
 *
 * @module
 */
export {
  type ActivationFunction,
  activationJet,
  type ActivationName,
  type CustomActivation,
} from "./activation.ts";
export * from "./dense_network.ts";
export type { InitializationName } from "./initialization.ts";
export * from "./mean_squared_error.ts";
