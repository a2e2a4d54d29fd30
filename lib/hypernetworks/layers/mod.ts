/**
 * A graph hypernetwork for tfjs: from the graph of a network to all of its weights, with gradients.
 * `refigure/hypernetworks` has graphs, the low-rank decoder and counts of parameters without tfjs.
 *
 * @module
 */
export * from "./graph_hyper_network.ts";
export {
  normalizePrediction,
  type NormalizePredictionOptions,
  type PredictionKind,
} from "./normalize_prediction.ts";
